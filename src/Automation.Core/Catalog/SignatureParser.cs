using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Automation.Core.Catalog;

/// <summary>Reads <c>promote.gate.signature</c>:
/// <code>
/// { "required": true, "signers": [ "arn:aws:signer:us-east-1:123456789012:/signing-profiles/images", "-----BEGIN PUBLIC KEY-----\n…" ],
///   "roots": [ "-----BEGIN CERTIFICATE-----\n…" ] }
/// </code></summary>
internal static partial class SignatureParser
{
    internal static readonly string[] Members = ["required", "signers", "roots"];

    private const string PublicKey = "PUBLIC KEY";
    private const string Certificate = "CERTIFICATE";
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string Elliptic = "1.2.840.10045.2.1";

    // NIST P-256, P-384 and P-521: https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1.1
    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    /// <returns>Null if the gate needs no signature.</returns>
    public static SignatureRules? Read(JsonLayers? at)
    {
        if (at is null)
        {
            return null;
        }

        var signers = at.List("signers", ReadSigner) ?? [];
        if (signers.Count == 0 && !at.HasFault("signers"))
        {
            at.Fault("signers", "must list at least one signing profile or public key");
        }

        var rules = new SignatureRules(signers);
        return rules with
        {
            Required = at.Bool("required", rules.Required),
            Roots = at.List("roots", ReadRoot) ?? rules.Roots,
        };
    }

    private static (Signer? Signer, string? Fault) ReadSigner(string text)
    {
        if (text.StartsWith("arn:", StringComparison.Ordinal))
        {
            return ProfilePattern().IsMatch(text)
                ? (new Signer.Profile(text), null)
                : (null, $"'{text}' is not the ARN of a signing profile such as arn:aws:signer:us-east-1:123456789012:/signing-profiles/images");
        }

        return KeyFault(text) is { } fault ? (null, fault) : (new Signer.Key(text), null);
    }

    private static string? KeyFault(string text)
    {
        if (Der(text, PublicKey) is not { } der)
        {
            return "is neither the ARN of a signing profile nor a public key in PEM (-----BEGIN PUBLIC KEY-----)";
        }

        // SubjectPublicKeyInfo: https://www.rfc-editor.org/rfc/rfc5280#section-4.1
        try
        {
            var algorithm = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
            var name = algorithm.ReadObjectIdentifier();
            return name == Rsa || (name == Elliptic && Curves.Contains(algorithm.ReadObjectIdentifier()))
                ? null
                : "is a public key of an unsupported kind: use an RSA key, or an elliptic one on P-256, P-384 or P-521";
        }
        catch (AsnContentException)
        {
            return "is not a readable public key";
        }
    }

    private static (string? Root, string? Fault) ReadRoot(string text)
    {
        if (Der(text, Certificate) is not { } der)
        {
            return (null, "is not a certificate in PEM (-----BEGIN CERTIFICATE-----)");
        }

        try
        {
            new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
            return (text, null);
        }
        catch (AsnContentException)
        {
            return (null, "is not a readable certificate");
        }
    }

    /// <summary>The content of a text that holds exactly one PEM block with the label; null for any other text.</summary>
    private static byte[]? Der(string text, string label) =>
        PemEncoding.TryFind(text, out var fields)
        && text[fields.Label] == label
        && string.IsNullOrWhiteSpace(text[..fields.Location.Start.Value])
        && string.IsNullOrWhiteSpace(text[fields.Location.End.Value..])
            ? Convert.FromBase64String(text[fields.Base64Data])
            : null;

    // https://docs.aws.amazon.com/signer/latest/developerguide/image-verification.html
    [GeneratedRegex(@"^arn:aws[a-z-]*:signer:[a-z0-9-]+:[0-9]{12}:/signing-profiles/[A-Za-z0-9_]{2,64}(?:/[A-Za-z0-9]{10})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ProfilePattern();
}
