using System.Security.Cryptography;
using Automation.Core.Catalog;

namespace Automation.Aws.Signatures;

/// <summary>The public keys of the catalog, with the algorithms that cosign uses for them.</summary>
internal static class CosignKeys
{
    /// <summary>The key whose private key made a signature; null if none did.</summary>
    public static Signer.Key? Find(IEnumerable<Signer> signers, byte[] signed, byte[] signature) =>
        signers.OfType<Signer.Key>().FirstOrDefault(key => IsSignedBy(key, signed, signature));

    /// <summary>The key with this SubjectPublicKeyInfo; null if the catalog has none.</summary>
    public static Signer.Key? Find(IEnumerable<Signer> signers, byte[] publicKeyInfo) => signers.OfType<Signer.Key>().FirstOrDefault(
        key => Convert.FromBase64String(key.Pem[PemEncoding.Find(key.Pem).Base64Data]).AsSpan().SequenceEqual(publicKeyInfo));

    // SHA-256 with every key; newer versions use SHA-384 and SHA-512 with the larger curves. An elliptic signature is in ASN.1.
    // https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md,
    // https://github.com/sigstore/sigstore/blob/main/pkg/signature/algorithm_registry.go
    private static bool IsSignedBy(Signer.Key key, byte[] signed, byte[] signature)
    {
        using var elliptic = ECDsa.Create();
        if (TryImport(elliptic, key.Pem))
        {
            return HashesOf(elliptic.KeySize).Any(hash => elliptic.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence));
        }

        using var rsa = RSA.Create();
        return TryImport(rsa, key.Pem) && rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static bool TryImport(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static IEnumerable<HashAlgorithmName> HashesOf(int keySize) => keySize switch
    {
        384 => [HashAlgorithmName.SHA256, HashAlgorithmName.SHA384],
        521 => [HashAlgorithmName.SHA256, HashAlgorithmName.SHA512],
        _ => [HashAlgorithmName.SHA256],
    };
}
