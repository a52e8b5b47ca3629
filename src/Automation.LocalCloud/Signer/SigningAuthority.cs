using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Signer;

/// <summary>
/// Makes signatures of the Notary Project as AWS Signer does: in JWS, on P-384, with a certificate of its own that chains to an issuer and a root of this
/// cloud. Keys and signatures are really random, so the digest of a signature differs from run to run.
/// https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md,
/// https://github.com/aws/aws-signer-notation-plugin/blob/main/internal/verifier/verifier.go (the attributes, and that profiles sign on this scheme)
/// </summary>
internal sealed class SigningAuthority(Engine engine)
{
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    private const string Scheme = "io.cncf.notary.signingScheme";
    private const string Time = "io.cncf.notary.authenticSigningTime";
    private const string Expiry = "io.cncf.notary.expiry";
    private const string Plugin = "io.cncf.notary.verificationPlugin";
    private const string Profile = "com.amazonaws.signer.signingProfileVersion";
    private const string Job = "com.amazonaws.signer.signingJob";

    private readonly Table<AuthorityRow> _authorities = new("signer.authority", engine.Store, () => SignerJson.Default.AuthorityRow);

    /// <summary>The root certificate in PEM, for trust stores. It is the same as long as the state of the cloud is kept.</summary>
    public string Root => Authority().Root;

    public byte[] Sign(ProfileRow profile, string jobArn, ReadOnlySpan<byte> payload)
    {
        var now = engine.Clock.Now;
        var claims = new JsonObject
        {
            ["alg"] = "ES384",
            ["cty"] = SignerService.PayloadFormat,
            ["crit"] = new JsonArray(Scheme, Time, Expiry, Plugin, Profile, Job),
            [Scheme] = "notary.x509.signingAuthority",
            [Time] = Text(now),
            [Expiry] = Text(profile.ExpiryOf(now)),
            [Plugin] = "com.amazonaws.signer.notation.plugin",
            [Profile] = profile.VersionArn,
            [Job] = jobArn,
        };
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString(WireJson.Compact)));
        var content = Base64Url.EncodeToString(payload);
        var authority = Authority();
        using var issuer = X509Certificate2.CreateFromPem(authority.Issuer, authority.Key);
        using var root = X509Certificate2.CreateFromPem(authority.Root);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var certificate = Request("CN=AWS Signer of the embedded cloud", key, isAuthority: false).Create(issuer, now, now.AddDays(1), Serial());
        var signature = key.SignData(
            Encoding.ASCII.GetBytes($"{header}.{content}"), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["payload"] = content,
            ["protected"] = header,
            ["header"] = new JsonObject
            {
                ["x5c"] = new JsonArray([
                    .. new[] { certificate, issuer, root }.Select(each => JsonValue.Create(Convert.ToBase64String(each.RawData)))
                ]),
            },
            ["signature"] = Base64Url.EncodeToString(signature),
        }.ToJsonString(WireJson.Compact));
    }

    private AuthorityRow Authority()
    {
        if (_authorities.Find("authority") is { } known)
        {
            return known;
        }

        var now = engine.Clock.Now;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var root = Request("CN=Signing root of the embedded cloud", rootKey, isAuthority: true).CreateSelfSigned(now, now.AddYears(100));
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var issuer = Request("CN=Signing issuer of the embedded cloud", issuerKey, isAuthority: true).Create(root, now, now.AddYears(99), Serial());
        var made = new AuthorityRow(root.ExportCertificatePem(), issuer.ExportCertificatePem(), issuerKey.ExportPkcs8PrivateKeyPem());
        _authorities.Set("authority", made);
        return made;
    }

    private byte[] Serial()
    {
        var serial = engine.Ids.Next().ToByteArray();
        serial[0] &= 0x7F;
        return serial;
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(isAuthority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.DigitalSignature, critical: true));
        if (!isAuthority)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CodeSigning)], critical: false));
        }

        return request;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
