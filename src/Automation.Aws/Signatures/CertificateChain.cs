using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Automation.Core.Builds;
using Automation.Core.Promotion;

namespace Automation.Aws.Signatures;

/// <summary>The certificates of a signature: that of the signing key, and its issuers.</summary>
internal sealed class CertificateChain : IDisposable
{
    private const int MaxLength = 10;
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    private readonly X509Certificate2Collection _certificates;

    private CertificateChain(X509Certificate2Collection certificates) => _certificates = certificates;

    private X509Certificate2 Signing => _certificates[0];

    /// <returns>Null if there are none, too many, or one cannot be read.</returns>
    public static CertificateChain? TryRead(IReadOnlyList<byte[]> certificates)
    {
        if (certificates.Count is 0 or > MaxLength)
        {
            return null;
        }

        var read = new CertificateChain([]);
        try
        {
            foreach (var certificate in certificates)
            {
                read._certificates.Add(X509CertificateLoader.LoadCertificate(certificate));
            }

            return read;
        }
        catch (CryptographicException)
        {
            read.Dispose();
            return null;
        }
    }

    /// <returns>Null if the key is neither an RSA key nor an elliptic one.</returns>
    public AsymmetricAlgorithm? PublicKey() => (AsymmetricAlgorithm?)Signing.GetECDsaPublicKey() ?? Signing.GetRSAPublicKey();

    /// <summary>When the certificate of the signing key ends.</summary>
    public DateTimeOffset End => Signing.NotAfter;

    /// <summary>SubjectPublicKeyInfo of the signing key, in DER.</summary>
    public byte[] PublicKeyInfo() => Signing.PublicKey.ExportSubjectPublicKeyInfo();

    /// <summary>
    /// The names of the certificates in AWS Signer: the hash of its signed part, followed by that of its issuer. A root is its own issuer.
    /// https://docs.aws.amazon.com/signer/latest/api/API_GetRevocationStatus.html
    /// </summary>
    public IReadOnlyList<string> Hashes()
    {
        List<string> hashes = [.. _certificates.Select(certificate =>
            Convert.ToHexStringLower(SHA384.HashData(new AsnReader(certificate.RawData, AsnEncodingRules.DER).ReadSequence().PeekEncodedValue().Span)))];
        return [.. hashes.Select((hash, at) => hash + hashes[Math.Min(at + 1, hashes.Count - 1)])];
    }

    /// <summary>Why the certificates prove nothing; null if a trusted root issued them for signing code.</summary>
    /// <param name="time">When the signature was made. It does not matter whether a certificate has expired since then.</param>
    public SignatureFlaw? Flaw(DateTimeOffset time, X509Certificate2Collection roots)
    {
        if (FlawOfUse() is { } flaw)
        {
            return flaw;
        }

        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        policy.ExtraStore.AddRange(_certificates);
        policy.ApplicationPolicy.Add(new Oid(CodeSigning));
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = time.LocalDateTime;
        if (chain.Build(Signing))
        {
            return null;
        }

        var problems = chain.ChainStatus.Select(each => each.Status).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one);
        return problems == X509ChainStatusFlags.NotTimeValid
            ? new SignatureFlaw(SignatureFlaw.Kind.CertificateExpired, $"has a certificate that was not valid at {BuildTags.Format(time)}, when it was made")
            : new SignatureFlaw(SignatureFlaw.Kind.Untrusted, $"has certificates that lead to no trusted root ({problems})");
    }

    public void Dispose()
    {
        foreach (var certificate in _certificates)
        {
            certificate.Dispose();
        }
    }

    /// <summary>Whatever issued it, the certificate of the signing key must be for signing code.
    /// https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md#certificate-requirements</summary>
    public SignatureFlaw? FlawOfUse() =>
        Signing.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[CodeSigning] is not null)
        && Signing.Extensions.OfType<X509KeyUsageExtension>().All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature))
        && Signing.Extensions.OfType<X509BasicConstraintsExtension>().All(constraints => !constraints.CertificateAuthority)
            ? null
            : new SignatureFlaw(SignatureFlaw.Kind.Untrusted, "has a certificate that is not for signing code");
}
