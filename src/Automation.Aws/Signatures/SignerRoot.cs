namespace Automation.Aws.Signatures;

/// <summary>The root certificate of AWS Signer in the commercial Regions.</summary>
internal static class SignerRoot
{
    /// <summary>
    /// The SHA-256 of its DER form is 90a87d0543c3f094dbff9589b6649affe2f3d6e0f308799be2258461c686473f. It is valid until 2122-10-27.
    /// AWS publishes it as https://d2hvyiie56hcat.cloudfront.net/aws-signer-notation-root.cert, which
    /// https://docs.aws.amazon.com/signer/latest/developerguide/image-signing-prerequisites.html links to.
    /// </summary>
    public const string Pem = """
        -----BEGIN CERTIFICATE-----
        MIICWTCCAd6gAwIBAgIRAMq5Lmt4rqnUdi8qM4eIGbYwCgYIKoZIzj0EAwMwbDEL
        MAkGA1UEBhMCVVMxDDAKBgNVBAoMA0FXUzEVMBMGA1UECwwMQ3J5cHRvZ3JhcGh5
        MQswCQYDVQQIDAJXQTErMCkGA1UEAwwiQVdTIFNpZ25lciBDb2RlIFNpZ25pbmcg
        Um9vdCBDQSBHMTAgFw0yMjEwMjcyMTMzMjJaGA8yMTIyMTAyNzIyMzMyMlowbDEL
        MAkGA1UEBhMCVVMxDDAKBgNVBAoMA0FXUzEVMBMGA1UECwwMQ3J5cHRvZ3JhcGh5
        MQswCQYDVQQIDAJXQTErMCkGA1UEAwwiQVdTIFNpZ25lciBDb2RlIFNpZ25pbmcg
        Um9vdCBDQSBHMTB2MBAGByqGSM49AgEGBSuBBAAiA2IABM9+dM9WXbVyNOIP08oN
        IQW8DKKdBxP5nYNegFPLfGP0f7+0jweP8LUv1vlFZqVDep5ONus9IxwtIYBJLd36
        5Q3Z44Xnm4PY/wSI5xRvB/m+/B2PHc7Smh0P5s3Dt25oVKNCMEAwDwYDVR0TAQH/
        BAUwAwEB/zAdBgNVHQ4EFgQUONhd3abPX87l4YWKxjysv28QwAYwDgYDVR0PAQH/
        BAQDAgGGMAoGCCqGSM49BAMDA2kAMGYCMQCd32GnYU2qFCtKjZiveGfs+gCBlPi2
        Hw0zU52LXIFC2GlcvwcekbiM6w0Azlr9qvMCMQDl4+Os0yd+fVlYMuovvxh8xpjQ
        NPJ9zRGyYa7+GNs64ty/Z6bzPHOKbGo4In3KKJo=
        -----END CERTIFICATE-----
        """;
}
