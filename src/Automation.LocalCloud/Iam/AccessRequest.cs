using System.Collections.Frozen;
using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Iam;

/// <summary>One question to the policies: may this caller do this to that.</summary>
/// <param name="Resource">An ARN, or <c>*</c> for actions that have no resource.</param>
/// <param name="ViaService">Of calls to KMS: the service that calls on behalf of the caller, such as <c>sns.eu-west-1.amazonaws.com</c>.</param>
internal sealed record AccessRequest(Caller Caller, string Action, string Resource, string Account, string? ViaService = null)
{
    /// <summary>
    /// The condition keys that requests have here. A policy that asks for another one is refused when it is deployed, because
    /// its condition would be decided by a value that AWS has and the embedded cloud has not.
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    /// </summary>
    public static FrozenSet<string> Keys { get; } = new[]
    {
        "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:PrincipalIsAWSService", "aws:PrincipalServiceName",
        "aws:SourceArn", "aws:SourceAccount", "aws:SourceOwner", "aws:SecureTransport", "aws:RequestedRegion", "aws:ResourceAccount",
        "kms:ViaService", "kms:CallerAccount", "iam:AWSServiceName",

        // Of calls that Image Builder makes for an instance; nothing calls like that here, so no request has them.
        "kms:EncryptionContextKeys", "aws:CalledVia",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private string? Region => Arn.TryParse(Resource) is { Region: { Length: > 0 } region } ? region : null;

    /// <summary>The value of a condition key; null when the request does not have it.</summary>
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

        // The loopback port stands for the TLS endpoints of AWS.
        "AWS:SECURETRANSPORT" => "true",
        "AWS:REQUESTEDREGION" => Region,
        "AWS:RESOURCEACCOUNT" => Account,
        "KMS:VIASERVICE" => ViaService,
        "KMS:CALLERACCOUNT" => Action.StartsWith("kms:", StringComparison.Ordinal) ? (Caller as RoleSession)?.Account : null,

        // role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder
        "IAM:AWSSERVICENAME" => Action == "iam:CreateServiceLinkedRole" ? Resource.Split('/') is [_, "aws-service-role", var service, ..] ? service : null : null,
        _ => null,
    };
}
