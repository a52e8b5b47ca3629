using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// The part of the KMS API that concerns key policies. Nothing is encrypted here, so no cryptographic operation is served.
/// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
/// </summary>
internal sealed class KmsService(KmsState keys) : JsonRpcService("kms", "TrentService", "1.1")
{
    private const string DefaultPolicy = "default";

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        switch (operation)
        {
            case "DescribeKey":
                var described = Find(input, context);
                return new JsonObject
                {
                    ["KeyMetadata"] = new JsonObject
                    {
                        ["AWSAccountId"] = context.AccountId,
                        ["KeyId"] = described[(described.LastIndexOf('/') + 1)..],
                        ["Arn"] = described,
                        ["Enabled"] = true,
                        ["KeyState"] = "Enabled",
                        ["KeyManager"] = "CUSTOMER",
                        ["KeyUsage"] = "ENCRYPT_DECRYPT",
                        ["KeySpec"] = "SYMMETRIC_DEFAULT",
                        ["Origin"] = "AWS_KMS",
                        ["MultiRegion"] = false,
                    },
                };
            case "GetKeyPolicy":
                return new JsonObject { ["Policy"] = keys.PolicyOf(Find(input, context)), ["PolicyName"] = DefaultPolicy };
            case "PutKeyPolicy":
                var changed = Find(input, context);
                var policy = input.Required("Policy");
                IamService.CheckResourcePolicy($"key {changed}", policy, "MalformedPolicyDocumentException");
                keys.Put(new KeyRow(changed, policy));
                return [];
            default:
                throw WireJson.UnknownOperation("kms", operation);
        }
    }

    /// <returns>The key's ARN.</returns>
    private string Find(JsonObject input, CallContext context)
    {
        var key = input.Required("KeyId");
        return keys.Resolve(key, context.Region)
            ?? throw new AwsException("NotFoundException", $"Key '{(Arn.Is(key) ? key : context.Arn("kms", $"key/{key}"))}' does not exist");
    }
}
