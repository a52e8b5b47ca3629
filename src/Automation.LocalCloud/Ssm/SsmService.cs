using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ssm;

/// <summary>
/// Systems Manager Parameter Store, only the parameter that the CDK reads before it deploys: the version of its bootstrap
/// stack. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
/// </summary>
public sealed class SsmService() : JsonRpcService("ssm", "AmazonSSM", "1.1")
{
    private const string BootstrapVersion = "30";

    /// <summary>The value of <c>/cdk-bootstrap/QUALIFIER/version</c>; null for every other name.</summary>
    public static string? Value(string name) =>
        name.StartsWith("/cdk-bootstrap/", StringComparison.Ordinal) && name.EndsWith("/version", StringComparison.Ordinal) ? BootstrapVersion : null;

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        if (operation != "GetParameter")
        {
            throw WireJson.UnknownOperation("ssm", operation);
        }

        var name = input["Name"]?.ToString() ?? "";
        var value = Value(name) ?? throw new AwsException("ParameterNotFound", $"Parameter {name} not found.");
        return new JsonObject
        {
            ["Parameter"] = new JsonObject
            {
                ["Name"] = name,
                ["Type"] = "String",
                ["Value"] = value,
                ["Version"] = 1,
                ["ARN"] = context.Arn("ssm", $"parameter{name}"),
                ["DataType"] = "text",
            },
        };
    }
}
