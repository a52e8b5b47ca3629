using System.Collections.Frozen;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Iam;

/// <summary>One request for authorisation: whether a caller may perform an action on a resource.</summary>
/// <param name="Resource">An ARN, or <c>*</c> for actions without a resource.</param>
/// <param name="ViaService">For calls to KMS: the service that calls on behalf of the caller, such as <c>sns.eu-west-1.amazonaws.com</c>.</param>
internal sealed record AccessRequest(Caller Caller, string Action, string Resource, string Account, string? ViaService = null)
{
    /// <summary>
    /// The condition keys that requests have here. A policy with another key is refused when it is deployed, because
    /// AWS would evaluate its condition with a value that the embedded cloud does not have.
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    /// </summary>
    public static FrozenSet<string> Keys { get; } = new[]
    {
        "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:PrincipalIsAWSService", "aws:PrincipalServiceName",
        "aws:SourceArn", "aws:SourceAccount", "aws:SourceOwner", "aws:SecureTransport", "aws:RequestedRegion", "aws:ResourceAccount",
        "kms:ViaService", "kms:CallerAccount", "iam:AWSServiceName",

        // For calls that Image Builder makes for an instance. Nothing makes such calls here, so no request has these keys.
        "kms:EncryptionContextKeys", "aws:CalledVia",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private string? Region => Arn.TryParse(Resource) is { Region: { Length: > 0 } region } ? region : null;

    /// <summary>The value of a condition key; null if the request does not have it.</summary>
    public string? Value(string key) => key.ToUpperInvariant() switch
    {
        "AWS:PRINCIPALARN" => (Caller as RoleSession)?.RoleArn,
        "AWS:PRINCIPALACCOUNT" => (Caller as RoleSession)?.Account,
        "AWS:PRINCIPALTYPE" => Caller is RoleSession ? "AssumedRole" : null,
        "AWS:PRINCIPALISAWSSERVICE" => Caller is ServicePrincipal ? "true" : "false",
        "AWS:PRINCIPALSERVICENAME" => (Caller as ServicePrincipal)?.Name,
        "AWS:SOURCEARN" => (Caller as ServicePrincipal)?.SourceArn,
        "AWS:SOURCEACCOUNT" => (Caller as ServicePrincipal)?.SourceAccount,
        "AWS:SOURCEOWNER" => (Caller as RoleSession)?.Account,

        // The loopback port represents the TLS endpoints of AWS.
        "AWS:SECURETRANSPORT" => "true",
        "AWS:REQUESTEDREGION" => Region,
        "AWS:RESOURCEACCOUNT" => Account,
        "KMS:VIASERVICE" => ViaService,
        "KMS:CALLERACCOUNT" => Action.StartsWith("kms:", StringComparison.Ordinal) ? (Caller as RoleSession)?.Account : null,

        // role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder
        "IAM:AWSSERVICENAME" =>
            Action == "iam:CreateServiceLinkedRole" ? Resource.Split('/') is [_, "aws-service-role", var service, ..] ? service : null : null,
        _ => null,
    };
}
