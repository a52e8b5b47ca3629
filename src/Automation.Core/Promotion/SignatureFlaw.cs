namespace Automation.Core.Promotion;

/// <summary>Why a signature proves nothing.</summary>
/// <param name="Text">Completes "the signature …".</param>
public sealed record SignatureFlaw(SignatureFlaw.Kind What, string Text)
{
    public enum Kind
    {
        /// <summary>It cannot be read, is too large, or has a form that is not supported.</summary>
        Unreadable,

        /// <summary>It does not fit its content or its key.</summary>
        Invalid,

        /// <summary>Its certificate does not lead to a trusted root, or is not for signing code.</summary>
        Untrusted,

        /// <summary>Its certificate was not valid when it was made.</summary>
        CertificateExpired,

        /// <summary>AWS Signer has revoked it, its signing profile or its certificate.</summary>
        Revoked,
    }
}
