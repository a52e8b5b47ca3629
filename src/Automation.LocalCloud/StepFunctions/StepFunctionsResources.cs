using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-stepfunctions-statemachine.html</summary>
internal sealed class StateMachineType(StepFunctionsService service) : IResourceType
{
    public string Name => "AWS::StepFunctions::StateMachine";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "Definition", "DefinitionString", "DefinitionSubstitutions", "LoggingConfiguration", "RoleArn", "StateMachineName", "StateMachineType", "Tags",
        "TracingConfiguration",
    };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["EncryptionConfiguration"] = "nothing is encrypted, and nothing leaves the process",
    };

    public IReadOnlySet<string> Replacing { get; } = new HashSet<string>(StringComparer.Ordinal) { "StateMachineName", "StateMachineType" };

    public string NameProperty => "StateMachineName";

    public IEnumerable<string> Refusals(JsonObject properties)
    {
        if (properties["StateMachineType"].AsText() is { Length: > 0 } type && type != "STANDARD")
        {
            yield return OnlyStandard(type);
        }

        var faults = new DefinitionFaults();
        DefinitionParser.Parse(Definition(properties) ?? "", faults);
        foreach (var limit in faults.All.Where(fault => fault.IsLimit))
        {
            yield return $"{limit.Message} at {limit.Location}";
        }
    }

    public Resource Create(ResourceRequest request)
    {
        var machineName = request.Properties["StateMachineName"].AsText() ?? GeneratedName(request);
        var context = new CallContext(request.Region, request.AccountId, "cloudformation");
        return Describe(service.Create(context, Read(request, machineName)));
    }

    /// <summary>Running executions continue with the definition they began with.</summary>
    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var machine = service.Machine(physicalId);
        var wanted = Read(request, machine.Name);
        var updated = service.Update(machine with { Logging = wanted.Logging, Tracing = wanted.Tracing }, wanted.Definition, wanted.RoleArn);
        service.SetTags(updated, wanted.Tags);
        return Describe(updated);
    }

    public void Delete(string physicalId, string region) => service.Delete(physicalId);

    private static StateMachineRequest Read(ResourceRequest request, string machineName)
    {
        var properties = request.Properties;
        if (properties["StateMachineType"].AsText() is { } type && type != "STANDARD")
        {
            throw new AwsException("StateMachineTypeNotSupported", OnlyStandard(type));
        }

        var definition = Definition(properties) ?? throw new AwsException("ValidationError", "One of DefinitionString and Definition is required.");
        var role = properties["RoleArn"].AsText() ?? throw new AwsException("ValidationError", "RoleArn is required.");
        var tags = (properties["Tags"] as JsonArray ?? []).OfType<JsonObject>().ToDictionary(
            tag => tag["Key"].AsText() ?? "",
            tag => tag["Value"].AsText() ?? "",
            StringComparer.Ordinal);

        // CloudFormation's own tags, by which clients find the machine of a stack.
        tags["aws:cloudformation:stack-name"] = request.StackName;
        tags["aws:cloudformation:logical-id"] = request.LogicalId;
        return new StateMachineRequest(machineName, definition, role, tags)
        {
            // Kept and shown, without effect: the journal and GetExecutionHistory record what happened, and there is no X-Ray.
            Logging = InLowerCase(properties["LoggingConfiguration"]) as JsonObject,
            Tracing = InLowerCase(properties["TracingConfiguration"]) as JsonObject,
        };
    }

    private static string OnlyStandard(string type) => $"The embedded cloud runs STANDARD state machines only, not {type}.";

    private static string? Definition(JsonObject properties)
    {
        var definition = properties["DefinitionString"].AsText() ?? (properties["Definition"] as JsonObject)?.ToJsonString(WireJson.Compact);
        foreach (var (name, value) in properties["DefinitionSubstitutions"] as JsonObject ?? [])
        {
            definition = definition?.Replace($"${{{name}}}", value.AsText() ?? JsonKinds.Text(value), StringComparison.Ordinal);
        }

        return definition;
    }

    // {"Level":"ERROR"} of the template is {"level":"ERROR"} of the API.
    private static JsonNode? InLowerCase(JsonNode? node) => node switch
    {
        JsonObject map =>
            new JsonObject(map.Select(member => KeyValuePair.Create($"{char.ToLowerInvariant(member.Key[0])}{member.Key[1..]}", InLowerCase(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(InLowerCase)]),
        JsonValue text when text.AsText() is "true" or "false" => text.AsText() == "true",
        null => null,
        _ => node.DeepClone(),
    };

    private static Resource Describe(StateMachineRecord machine) => new(machine.Arn, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Arn"] = machine.Arn,
        ["Name"] = machine.Name,
        ["StateMachineRevisionId"] = machine.IsFirst ? "INITIAL" : machine.Revision,
    });

    // CloudFormation uses LogicalId-RandomSuffix. Here the suffix is derived from the stack, so that it is always the same.
    private static string GeneratedName(ResourceRequest request)
    {
        var suffix = Ids.From(request.NameSeed).ToString("N")[..12];
        var id = request.LogicalId.Length > 60 ? request.LogicalId[..60] : request.LogicalId;
        return $"{id}-{suffix}";
    }
}

/// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachineversion.html</summary>
internal sealed class StateMachineVersionType(StepFunctionsService service) : IResourceType
{
    public string Name => "AWS::StepFunctions::StateMachineVersion";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "Description", "StateMachineArn", "StateMachineRevisionId",
    };

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
