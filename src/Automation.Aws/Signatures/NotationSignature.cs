using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Aws.Signatures;

/// <summary>
/// Verifies a signature of the Notary Project: its form, its algorithm, its certificates and its payload. A signing authority such as AWS Signer makes it
/// for a signing profile, or <c>notation</c> with a key of its own. Then the catalog names the key, so it does not matter which root issued the
/// certificate. Timestamps are not read, so such a signature ends with its certificate.
/// https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md#signature-verification
/// </summary>
internal static class NotationSignature
{
    public const string ArtifactType = "application/vnd.cncf.notary.signature";
    public const string Jws = "application/jose+json";
    public const string Cose = "application/cose";

    private const string Payload = "application/vnd.cncf.notary.payload.v1+json";

    // https://github.com/notaryproject/specifications/blob/main/specs/signing-scheme.md
    private const string Authority = "notary.x509.signingAuthority";
    private const string OwnKey = "notary.x509";

    /// <returns>The signature and, if AWS Signer made it, its job, which may have been revoked.</returns>
    public static (ImageSignature Signature, SigningJob? Job) Verify(
        Digest manifest, string mediaType, byte[] content, IReadOnlyList<Signer> signers, X509Certificate2Collection roots)
    {
        NotationEnvelope envelope;
        try
        {
            envelope = mediaType == Cose ? CoseEnvelope.Parse(content) : JwsEnvelope.Parse(content);
        }
        catch (FormatException)
        {
            return (Flawed(manifest, "cannot be read"), null);
        }

        if (Unsupported(envelope) is { } unsupported)
        {
            return (Flawed(manifest, unsupported), null);
        }

        using var chain = CertificateChain.TryRead(envelope.Certificates);
        if (chain is null)
        {
            return (Flawed(manifest, "has no readable certificate"), null);
        }

        try
        {
            return Flaw(envelope, chain, roots) is { } flaw ? (new ImageSignature(manifest, flaw), null)
                : Subject(envelope.Payload) is not { } subject ? (Flawed(manifest, "has a payload that names no image"), null)
                : envelope.SigningScheme == Authority ? OfAuthority(manifest, subject, envelope, chain)
                : (OfKey(manifest, subject, envelope, chain, signers), null);
        }
        catch (CryptographicException)
        {
            // A certificate may be decoded and still hold a key or an extension that cannot be.
            return (Flawed(manifest, "has a certificate that cannot be read"), null);
        }
    }

    private static (ImageSignature Signature, SigningJob Job) OfAuthority(
        Digest manifest, Digest subject, NotationEnvelope envelope, CertificateChain chain) => (
        new ImageSignature(manifest) { Subject = subject, ProfileVersion = envelope.ProfileVersion, Expiry = envelope.Expiry },
        new SigningJob(envelope.Job!, envelope.ProfileVersion!, envelope.AuthenticSigningTime!.Value, chain.Hashes()));

    private static ImageSignature OfKey(
        Digest manifest, Digest subject, NotationEnvelope envelope, CertificateChain chain, IReadOnlyList<Signer> signers) => new(manifest)
        {
            Subject = subject,
            Key = CosignKeys.Find(signers, chain.PublicKeyInfo()),
            Expiry = envelope.Expiry < chain.End ? envelope.Expiry : chain.End,
        };

    private static string? Unsupported(NotationEnvelope envelope) => envelope switch
    {
        { ContentType: not Payload } => $"has content of type '{envelope.ContentType}', not {Payload}",
        { SigningScheme: not (Authority or OwnKey) } => $"has the signing scheme '{envelope.SigningScheme}', which is not known here",
        { SigningScheme: Authority, AuthenticSigningTime: null } => "does not say when it was made",
        { SigningScheme: Authority, ProfileVersion: null } => "names no signing profile",
        { SigningScheme: Authority, Job: null } => "names no signing job",
        _ when envelope.Critical.FirstOrDefault(name => !Known(envelope).Contains(name)) is { } unknown =>
            $"has the critical attribute '{unknown}', which is not known here",
        _ => null,
    };

    private static string[] Known(NotationEnvelope envelope) =>
        envelope.SigningScheme == Authority ? NotationAttributes.OfAuthorities : NotationAttributes.OfKeys;

    private static SignatureFlaw? Flaw(NotationEnvelope envelope, CertificateChain chain, X509Certificate2Collection roots)
    {
        using var key = chain.PublicKey();
        return key is null || AlgorithmOf(key) != envelope.Algorithm
                ? new SignatureFlaw(SignatureFlaw.Kind.Unreadable, $"has the algorithm '{envelope.Algorithm}', which does not fit its key")
            : !envelope.IsSignedBy(key) ? new SignatureFlaw(SignatureFlaw.Kind.Invalid, "does not fit its content and its certificate")
            : envelope.SigningScheme == Authority ? chain.Flaw(envelope.AuthenticSigningTime!.Value, roots)
            : chain.FlawOfUse();
    }

    // The key decides on the algorithm, so nobody can substitute another one.
    // https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md#algorithm-selection
    private static string? AlgorithmOf(AsymmetricAlgorithm key) => (key, key.KeySize) switch
    {
        (ECDsa, 256) => "ES256",
        (ECDsa, 384) => "ES384",
        (ECDsa, 521) => "ES512",
        (RSA, 2048) => "PS256",
        (RSA, 3072) => "PS384",
        (RSA, 4096) => "PS512",
        _ => null,
    };

    // {"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:…","size":16724}}
    private static Digest? Subject(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            return Digest.TryParse(document.RootElement.GetProperty("targetArtifact").GetProperty("digest").GetString(), out var digest) ? digest : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ImageSignature Flawed(Digest manifest, string text) => new(manifest, new SignatureFlaw(SignatureFlaw.Kind.Unreadable, text));
}
