namespace Automation.Aws.Signatures;

/// <summary>
/// The signed attributes of the Notary Project, with those that AWS Signer adds.
/// https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md,
/// https://github.com/aws/aws-signer-notation-plugin/blob/main/internal/verifier/verifier.go
/// </summary>
internal static class NotationAttributes
{
    public const string SigningScheme = "io.cncf.notary.signingScheme";
    public const string AuthenticSigningTime = "io.cncf.notary.authenticSigningTime";
    public const string Expiry = "io.cncf.notary.expiry";
    public const string ProfileVersion = "com.amazonaws.signer.signingProfileVersion";
    public const string Job = "com.amazonaws.signer.signingJob";

    /// <summary>The attributes of a signature by a key of the signer's own.</summary>
    public static readonly string[] OfKeys = [SigningScheme, Expiry];

    /// <summary>The attributes of a signature by AWS Signer. The plugin that it names checks the profile and revocations, which happens here.</summary>
    public static readonly string[] OfAuthorities =
    [
        .. OfKeys, AuthenticSigningTime, ProfileVersion, Job, "com.amazonaws.signer.signingProfileAlias", "io.cncf.notary.verificationPlugin",
        "io.cncf.notary.verificationPluginMinVersion",
    ];
}
