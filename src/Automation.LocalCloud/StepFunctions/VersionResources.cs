using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachineversion.html</summary>
internal sealed class StateMachineVersionType(StepFunctionsService service) : IResourceType
{
    public string Name => "AWS::StepFunctions::StateMachineVersion";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(StringComparer.Ordinal) { "Description", "StateMachineArn", "StateMachineRevisionId" };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public Resource Create(ResourceRequest request)
    {
        var properties = request.Properties;
        var machine = service.Machine(properties["StateMachineArn"].AsText() ?? throw new AwsException("ValidationError", "StateMachineArn is required."));
        var version = service.Versions.Publish(machine, properties["StateMachineRevisionId"].AsText(), properties["Description"].AsText());
        return new Resource(version.Arn, new Dictionary<string, string>(StringComparer.Ordinal) { ["Arn"] = version.Arn });
    }

    public void Delete(string physicalId, string region) => service.Versions.Delete(physicalId);
}

/// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachinealias.html</summary>
internal sealed class StateMachineAliasType(StepFunctionsService service) : IResourceType
{
    public string Name => "AWS::StepFunctions::StateMachineAlias";

    // Not DeploymentPreference, which moves executions to a version step by step.
    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(StringComparer.Ordinal) { "Description", "Name", "RoutingConfiguration" };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public IReadOnlySet<string> Replacing { get; } = new HashSet<string>(StringComparer.Ordinal) { "Name" };

    public string NameProperty => "Name";

    public Resource Create(ResourceRequest request)
    {
        var name = request.Properties["Name"].AsText() ?? $"{request.LogicalId}-{Ids.From(request.NameSeed).ToString("N")[..12]}";
        return Describe(service.Versions.CreateAlias(name, request.Properties["Description"].AsText(), Routes(request)));
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before) =>
        Describe(service.Versions.UpdateAlias(physicalId, request.Properties["Description"].AsText(), Routes(request)));

    public void Delete(string physicalId, string region) => service.Store.RemoveAlias(physicalId);

    private static AliasRoute[] Routes(ResourceRequest request) => (request.Properties["RoutingConfiguration"] as JsonArray ?? []).OfType<JsonObject>()
        .Select(route => new AliasRoute(
            route["StateMachineVersionArn"].AsText() ?? throw new AwsException("ValidationError", "StateMachineVersionArn is required."),
            (int)(route["Weight"].AsNumber() ?? throw new AwsException("ValidationError", "Weight is required."))))
        .ToArray();

    private static Resource Describe(AliasRecord alias) =>
        new(alias.Arn, new Dictionary<string, string>(StringComparer.Ordinal) { ["Arn"] = alias.Arn });
}
