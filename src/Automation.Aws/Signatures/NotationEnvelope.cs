using System.Security.Cryptography;

namespace Automation.Aws.Signatures;

/// <summary>
/// A signature of the Notary Project as its envelope states it; nothing in it is checked yet. Both forms of envelope, JWS and COSE, hold the same.
/// https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md
/// </summary>
/// <param name="Algorithm">By its name in JWS, such as <c>ES384</c>.</param>
/// <param name="Certificates">In DER: that of the signing key, then each issuer up to the root.</param>
/// <param name="IsSignedBy">Whether the private key of a public key made the signature.</param>
internal sealed record NotationEnvelope(
    string Algorithm, byte[] Payload, IReadOnlyList<byte[]> Certificates, Func<AsymmetricAlgorithm, bool> IsSignedBy)
{
    /// <summary>The media type of the payload.</summary>
    public string? ContentType { get; init; }

    public string? SigningScheme { get; init; }

    /// <summary>When the signing authority made the signature.</summary>
    public DateTimeOffset? AuthenticSigningTime { get; init; }

    public DateTimeOffset? Expiry { get; init; }

    /// <summary>The version of the signing profile of AWS Signer.</summary>
    public string? ProfileVersion { get; init; }

    /// <summary>The signing job of AWS Signer, by its ARN.</summary>
    public string? Job { get; init; }

    /// <summary>The attributes that a verifier must understand.</summary>
    public IReadOnlyList<string> Critical { get; init; } = [];
}
