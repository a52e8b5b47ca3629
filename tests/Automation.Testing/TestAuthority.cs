using System.Buffers.Text;
using System.Formats.Cbor;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Cose;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Automation.Testing;

/// <summary>
/// A signing authority like AWS Signer: a root, an intermediate certificate and a signing certificate on P-384. Its signatures have the form that
/// <c>notation inspect</c> shows of those of AWS Signer.
/// </summary>
internal sealed class TestAuthority : IDisposable
{
    public const string Profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/images";
    public const string Version = Profile + "/awUPb84ibN";
    public const string Job = "arn:aws:signer:us-east-1:123456789012:/signing-jobs/4b9f2a6c-0d3e-4a6f-9c53-6a1c1f1f7a10";

    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    private const string Scheme = "io.cncf.notary.signingScheme";
    private const string Time = "io.cncf.notary.authenticSigningTime";
    private const string Expires = "io.cncf.notary.expiry";
    private const string Payload = "application/vnd.cncf.notary.payload.v1+json";

    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _issuer;
    private readonly X509Certificate2 _signing;

    /// <param name="from">The signing certificate is valid from then for ten days, the others for ten years.</param>
    /// <param name="usage">The use of the signing certificate; code signing by default.</param>
    public TestAuthority(DateTimeOffset from, string usage = CodeSigning)
    {
        _root = Issue("CN=Test Root", null, from, isAuthority: true, null);
        _issuer = Issue("CN=Test Issuer", _root, from, isAuthority: true, null);
        _signing = Issue("CN=Test Signer", _issuer, from, isAuthority: false, usage);
    }

    public string Root => _root.ExportCertificatePem();

    /// <summary>The key that signs, in PEM.</summary>
    public string Key => _signing.PublicKey.GetECDsaPublicKey()!.ExportSubjectPublicKeyInfoPem();

    /// <summary>The certificates in DER, that of the key first.</summary>
    public byte[][] Chain => [_signing.RawData, _issuer.RawData, _root.RawData];

    /// <summary>A signature in JWS.</summary>
    /// <param name="change">Changes the signed attributes.</param>
    public byte[] SignJws(string digest, DateTimeOffset at, DateTimeOffset? expiry = null, string version = Version, Action<JsonObject>? change = null)
    {
        var claims = new JsonObject
        {
            ["alg"] = "ES384",
            ["cty"] = Payload,
            ["crit"] = new JsonArray(Scheme, Time, "com.amazonaws.signer.signingProfileVersion", "io.cncf.notary.verificationPlugin"),
            [Scheme] = "notary.x509.signingAuthority",
            [Time] = Text(at),
            ["io.cncf.notary.verificationPlugin"] = "com.amazonaws.signer.notation.plugin",
            ["com.amazonaws.signer.signingProfileVersion"] = version,
            ["com.amazonaws.signer.signingJob"] = Job,
        };
        if (expiry is { } end)
        {
            claims["crit"]!.AsArray().Add(Expires);
            claims[Expires] = Text(end);
        }

        change?.Invoke(claims);
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        var payload = Base64Url.EncodeToString(PayloadOf(digest));
        using var key = _signing.GetECDsaPrivateKey()!;
        var signature = key.SignData(
            Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["payload"] = payload,
            ["protected"] = header,
            ["header"] = new JsonObject
            {
                ["x5c"] = new JsonArray([.. Chain.Select(certificate => JsonValue.Create(Convert.ToBase64String(certificate)))]),
                ["io.cncf.notary.signingAgent"] = "notation/1.3.2",
            },
            ["signature"] = Base64Url.EncodeToString(signature),
        }.ToJsonString());
    }

    /// <summary>The same signature in COSE.</summary>
    public byte[] SignCose(string digest, DateTimeOffset at, DateTimeOffset? expiry = null, string version = Version)
    {
        using var key = _signing.GetECDsaPrivateKey()!;
        var signed = new CoseHeaderMap
        {
            [CoseHeaderLabel.ContentType] = CoseHeaderValue.FromString(Payload),
            [CoseHeaderLabel.CriticalHeaders] = Encoded(writer =>
            {
                writer.WriteStartArray(expiry is null ? 2 : 3);
                foreach (var name in expiry is null ? [Scheme, Time] : (string[])[Scheme, Time, Expires])
                {
                    writer.WriteTextString(name);
                }

                writer.WriteEndArray();
            }),
            [new CoseHeaderLabel(Scheme)] = CoseHeaderValue.FromString("notary.x509.signingAuthority"),
            [new CoseHeaderLabel(Time)] = Encoded(writer => writer.WriteUnixTimeSeconds(at.ToUnixTimeSeconds())),
            [new CoseHeaderLabel("com.amazonaws.signer.signingProfileVersion")] = CoseHeaderValue.FromString(version),
            [new CoseHeaderLabel("com.amazonaws.signer.signingJob")] = CoseHeaderValue.FromString(Job),
        };
        if (expiry is { } end)
        {
            signed[new CoseHeaderLabel(Expires)] = Encoded(writer => writer.WriteUnixTimeSeconds(end.ToUnixTimeSeconds()));
        }

        var unsigned = new CoseHeaderMap
        {
            [new CoseHeaderLabel(33)] = Encoded(writer =>
            {
                writer.WriteStartArray(Chain.Length);
                foreach (var certificate in Chain)
                {
                    writer.WriteByteString(certificate);
                }

                writer.WriteEndArray();
            }),
        };
        return CoseSign1Message.SignEmbedded(PayloadOf(digest), new CoseSigner(key, HashAlgorithmName.SHA384, signed, unsigned));
    }

    public void Dispose()
    {
        _root.Dispose();
        _issuer.Dispose();
        _signing.Dispose();
    }

    private static byte[] PayloadOf(string digest) => Encoding.UTF8.GetBytes(
        $$$"""{"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{digest}}}","size":1}}""");

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static CoseHeaderValue Encoded(Action<CborWriter> write)
    {
        var writer = new CborWriter();
        write(writer);
        return CoseHeaderValue.FromEncodedValue(writer.Encode());
    }

    private static X509Certificate2 Issue(string name, X509Certificate2? issuer, DateTimeOffset from, bool isAuthority, string? usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(isAuthority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.DigitalSignature, critical: true));
        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        }

        if (issuer is null)
        {
            return request.CreateSelfSigned(from, from.AddYears(10));
        }

        using var certificate = request.Create(issuer, from, isAuthority ? from.AddYears(10).AddDays(-1) : from.AddDays(10), [1, 2, 3, 4]);
        return certificate.CopyWithPrivateKey(key);
    }
}
