using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Aws.Signatures;

/// <summary>
/// Verifies a signature of the Notary Project by a signing authority such as AWS Signer: its form, its algorithm, its certificates and its payload.
/// Revocations are not checked: that would need the network.
/// https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md#signature-verification
/// </summary>
internal static class NotationSignature
{
    public const string ArtifactType = "application/vnd.cncf.notary.signature";
    public const string Jws = "application/jose+json";
    public const string Cose = "application/cose";

    private const string Payload = "application/vnd.cncf.notary.payload.v1+json";
    private const string Authority = "notary.x509.signingAuthority";

    public static ImageSignature Verify(Digest manifest, string mediaType, byte[] content, X509Certificate2Collection roots)
    {
        NotationEnvelope envelope;
        try
        {
            envelope = mediaType == Cose ? CoseEnvelope.Parse(content) : JwsEnvelope.Parse(content);
        }
        catch (FormatException)
        {
            return Flawed(manifest, SignatureFlaw.Kind.Unreadable, "cannot be read");
        }

        if (Unsupported(envelope) is { } unsupported)
        {
            return Flawed(manifest, SignatureFlaw.Kind.Unreadable, unsupported);
        }

        try
        {
            if (Flaw(envelope, roots) is { } flaw)
            {
                return new ImageSignature(manifest, flaw);
            }
        }
        catch (CryptographicException)
        {
            // A certificate may be decoded and still hold a key or an extension that cannot be.
            return Flawed(manifest, SignatureFlaw.Kind.Unreadable, "has a certificate that cannot be read");
        }

        return Subject(envelope.Payload) is { } subject
            ? new ImageSignature(manifest) { Subject = subject, ProfileVersion = envelope.ProfileVersion, Expiry = envelope.Expiry }
            : Flawed(manifest, SignatureFlaw.Kind.Unreadable, "has a payload that names no image");
    }

    private static string? Unsupported(NotationEnvelope envelope) => envelope switch
    {
        { ContentType: not Payload } => $"has content of type '{envelope.ContentType}', not {Payload}",
        { SigningScheme: not Authority } => $"has the signing scheme '{envelope.SigningScheme}': only {Authority} names a signing profile",
        { AuthenticSigningTime: null } => "does not say when it was made",
        { ProfileVersion: null } => "names no signing profile",
        _ when envelope.Critical.FirstOrDefault(name => !NotationAttributes.Known.Contains(name)) is { } unknown =>
            $"has the critical attribute '{unknown}', which is not known here",
        _ => null,
    };

    private static SignatureFlaw? Flaw(NotationEnvelope envelope, X509Certificate2Collection roots)
    {
        using var chain = CertificateChain.TryRead(envelope.Certificates);
        if (chain is null)
        {
            return new SignatureFlaw(SignatureFlaw.Kind.Unreadable, "has no readable certificate");
        }

        using var key = chain.PublicKey();
        if (key is null || AlgorithmOf(key) != envelope.Algorithm)
        {
            return new SignatureFlaw(SignatureFlaw.Kind.Unreadable, $"has the algorithm '{envelope.Algorithm}', which does not fit its key");
        }

        return envelope.IsSignedBy(key) ? chain.Flaw(envelope.AuthenticSigningTime!.Value, roots)
            : new SignatureFlaw(SignatureFlaw.Kind.Invalid, "does not fit its content and its certificate");
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

    private static ImageSignature Flawed(Digest manifest, SignatureFlaw.Kind what, string text) => new(manifest, new SignatureFlaw(what, text));
}
