using System.Security.Cryptography;

namespace Automation.Core.Catalog;

/// <summary>Who may sign the images of the catalog.</summary>
public abstract record Signer
{
    private Signer()
    {
    }

    /// <summary>The signer as messages name it.</summary>
    public abstract string Name { get; }

    /// <summary>A signing profile of AWS Signer, which signs in the format of the Notary Project. ECR's managed signing uses it too.</summary>
    /// <param name="Arn"><c>arn:aws:signer:us-east-1:123456789012:/signing-profiles/images</c>, with <c>/VERSION</c> for one version only.</param>
    public sealed record Profile(string Arn) : Signer
    {
        private const string Resource = ":/signing-profiles/";

        public override string Name => Arn;

        /// <summary>The ARN of the profile, without a version.</summary>
        public string Unversioned => Arn.IndexOf('/', Arn.IndexOf(Resource, StringComparison.Ordinal) + Resource.Length) is >= 0 and var end ? Arn[..end] : Arn;

        /// <summary>Whether the profile made a signature.</summary>
        /// <param name="versionArn">The profile version that the signature names, such as <c>arn:…:/signing-profiles/images/awUPb84ibN</c>.</param>
        public bool Made(string versionArn)
        {
            var profile = Arn.IndexOf(Resource, StringComparison.Ordinal) + Resource.Length;
            var ofVersion = Arn.IndexOf('/', profile) >= 0;
            return ofVersion
                ? string.Equals(versionArn, Arn, StringComparison.Ordinal)
                : versionArn.LastIndexOf('/') is var end and > 0 && end > profile && string.Equals(versionArn[..end], Arn, StringComparison.Ordinal);
        }
    }

    /// <summary>A public key, whose private key signs in the format of cosign or of the Notary Project.</summary>
    /// <param name="Pem">SubjectPublicKeyInfo in PEM: an RSA key, or an elliptic one on P-256, P-384 or P-521.</param>
    public sealed record Key(string Pem) : Signer
    {
        /// <summary>The key by its fingerprint, the SHA-256 of its DER form.</summary>
        public override string Name
        {
            get
            {
                var fields = PemEncoding.Find(Pem);
                var hash = SHA256.HashData(Convert.FromBase64String(Pem[fields.Base64Data]));
                return $"key sha256:{Convert.ToHexStringLower(hash)[..12]}";
            }
        }
    }
}
