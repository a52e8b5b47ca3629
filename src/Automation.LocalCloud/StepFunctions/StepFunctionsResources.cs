using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-stepfunctions-statemachine.html</summary>
internal sealed class StateMachineResource(StepFunctionsService service) : IResourceType
{
    public string Name => "AWS::StepFunctions::StateMachine";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "Definition", "DefinitionString", "DefinitionSubstitutions", "RoleArn", "StateMachineName", "StateMachineType", "Tags",
    };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["LoggingConfiguration"] = "there are no log groups; the journal and GetExecutionHistory tell what happened",
        ["TracingConfiguration"] = "there is no X-Ray",
        ["EncryptionConfiguration"] = "there is no KMS; nothing leaves the process",
    };

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        if (properties["StateMachineType"].AsText() is { } type && type != "STANDARD")
        {
            throw new AwsException("StateMachineTypeNotSupported", $"The embedded cloud runs STANDARD state machines only, not {type}.");
        }

        var definition = properties["DefinitionString"].AsText()
            ?? (properties["Definition"] as JsonObject)?.ToJsonString(WireJson.Compact)
            ?? throw new AwsException("ValidationError", "One of DefinitionString and Definition is required.");
        foreach (var (name, value) in properties["DefinitionSubstitutions"] as JsonObject ?? [])
        {
            definition = definition.Replace($"${{{name}}}", value.AsText() ?? JsonKinds.Text(value), StringComparison.Ordinal);
        }

        var role = properties["RoleArn"].AsText() ?? throw new AwsException("ValidationError", "RoleArn is required.");
        var tags = (properties["Tags"] as JsonArray ?? []).OfType<JsonObject>().ToDictionary(
            tag => tag["Key"].AsText() ?? "",
            tag => tag["Value"].AsText() ?? "",
            StringComparer.Ordinal);
        var machineName = properties["StateMachineName"].AsText() ?? GeneratedName(request);
        var context = new CallContext(request.Region, request.AccountId, "cloudformation");
        var machine = service.Create(context, new StateMachineRequest(machineName, definition, role, tags));
        return new Resource(machine.Arn, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Arn"] = machine.Arn,
            ["Name"] = machine.Name,
            ["StateMachineRevisionId"] = machine.IsFirst ? "INITIAL" : machine.Revision,
        });
    }

    public void Delete(string physicalId, string region) => service.Delete(physicalId);

    // CloudFormation makes LogicalId-RandomSuffix; here the suffix follows from the stack, so that it is the same every time.
    private static string GeneratedName(ResourceRequest request)
    {
        var suffix = Ids.From($"{request.Region}/{request.StackName}/{request.LogicalId}").ToString("N")[..12];
        var id = request.LogicalId.Length > 60 ? request.LogicalId[..60] : request.LogicalId;
        return $"{id}-{suffix}";
    }
}
