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

    /// <summary>The plugin that AWS Signer names checks the profile, which happens here, and revocations, which does not.</summary>
    public static readonly string[] Known =
    [
        SigningScheme, AuthenticSigningTime, Expiry, ProfileVersion, "com.amazonaws.signer.signingJob", "com.amazonaws.signer.signingProfileAlias",
        "io.cncf.notary.verificationPlugin", "io.cncf.notary.verificationPluginMinVersion",
    ];
}
