namespace Amazon.Lambda.Core;

/// <summary>The Amazon Cognito identity that called.</summary>
public interface ICognitoIdentity
{
    string IdentityId { get; }

    string IdentityPoolId { get; }
}
