using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>What one signature in the repository says, after its cryptography was checked.</summary>
/// <param name="Manifest">The manifest of the signature, for messages.</param>
/// <param name="Flaw">Why the signature proves nothing; null if it is intact. Then the other members are what was signed.</param>
public sealed record ImageSignature(Digest Manifest, SignatureFlaw? Flaw = null)
{
    /// <summary>The image that was signed.</summary>
    public Digest? Subject { get; init; }

    /// <summary>The version of the signing profile that a signature of the Notary Project names; null if it names none.</summary>
    public string? ProfileVersion { get; init; }

    /// <summary>The key of the catalog that made the signature; null if none did, or if a signing profile made it.</summary>
    public Signer.Key? Key { get; init; }

    /// <summary>When the signature expires: when the signer decided, or with the certificate of its key. Null means never.</summary>
    public DateTimeOffset? Expiry { get; init; }
}
