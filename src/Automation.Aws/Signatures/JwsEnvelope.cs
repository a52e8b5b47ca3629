using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Automation.Aws.Signatures;

/// <summary>
/// Reads a signature in flattened JWS JSON:
/// <code>
/// {"payload":"eyJ0YXJnZXRBcnRpZmFjdCI6…","protected":"eyJhbGciOiJFUzM4NCIs…","header":{"x5c":["MIIC…"]},"signature":"…"}
/// {"alg":"ES384","cty":"application/vnd.cncf.notary.payload.v1+json","crit":["io.cncf.notary.signingScheme"],
///  "io.cncf.notary.signingScheme":"notary.x509.signingAuthority","io.cncf.notary.authenticSigningTime":"2026-01-05T10:00:00Z"}
/// </code>
/// https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md
/// </summary>
internal static class JwsEnvelope
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <exception cref="FormatException">The content is not such a signature.</exception>
    public static NotationEnvelope Parse(byte[] content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, Strict);
            var root = document.RootElement;
            var (payload, header) = (root.GetProperty("payload").GetString()!, root.GetProperty("protected").GetString()!);
            var signed = Encoding.ASCII.GetBytes($"{header}.{payload}");
            var signature = Base64Url.DecodeFromChars(root.GetProperty("signature").GetString());
            using var attributes = JsonDocument.Parse(Base64Url.DecodeFromChars(header), Strict);
            var claims = attributes.RootElement;
            var algorithm = claims.GetProperty("alg").GetString() ?? "";
            return new NotationEnvelope(
                algorithm,
                Base64Url.DecodeFromChars(payload),
                [.. root.GetProperty("header").GetProperty("x5c").EnumerateArray().Select(each => each.GetBytesFromBase64())],
                key => IsSignedBy(key, algorithm, signed, signature))
            {
                ContentType = Text(claims, "cty"),
                SigningScheme = Text(claims, NotationAttributes.SigningScheme),
                AuthenticSigningTime = Time(claims, NotationAttributes.AuthenticSigningTime),
                Expiry = Time(claims, NotationAttributes.Expiry),
                ProfileVersion = Text(claims, NotationAttributes.ProfileVersion),
                Job = Text(claims, NotationAttributes.Job),
                Critical = [.. claims.GetProperty("crit").EnumerateArray().Select(each => each.GetString()!)],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    // JWS joins the two numbers of an elliptic signature, without ASN.1: https://www.rfc-editor.org/rfc/rfc7518#section-3.4
    private static bool IsSignedBy(AsymmetricAlgorithm key, string algorithm, byte[] signed, byte[] signature)
    {
        var hash = new HashAlgorithmName($"SHA{algorithm[2..]}");
        return key switch
        {
            ECDsa elliptic => elliptic.VerifyData(signed, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            RSA rsa => rsa.VerifyData(signed, signature, hash, RSASignaturePadding.Pss),
            _ => false,
        };
    }

    private static string? Text(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement claims, string name) => Text(claims, name) is { } text
        ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
        : null;
}
