using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;
using static Automation.LocalCloud.StepFunctions.RequestFields;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The wire operations: they read requests, call the service and write responses.</summary>
internal sealed class StepFunctionsApi(StepFunctionsService service, Engine engine)
{
    private static readonly string[] Settings = ["loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"];

    private readonly ExecutionOperations _executions = new(service);
    private readonly VersionOperations _versions = new(service);

    private StepFunctionsState Store => service.Store;

    public JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        Check(operation, input);
        return Answer(operation, context, input);
    }

    private JsonObject Answer(string operation, CallContext context, JsonObject input) => operation switch
    {
        "CreateStateMachine" => CreateStateMachine(context, input),
        "UpdateStateMachine" => UpdateStateMachine(input),
        "DescribeStateMachine" => DescribeStateMachine(input),
        "ListStateMachines" => ListStateMachines(context, input),
        "DeleteStateMachine" => DeleteStateMachine(input),
        "ValidateStateMachineDefinition" => Validate(input),
        "PublishStateMachineVersion" => _versions.PublishStateMachineVersion(input),
        "ListStateMachineVersions" => _versions.ListStateMachineVersions(input),
        "DeleteStateMachineVersion" => _versions.DeleteStateMachineVersion(input),
        "CreateStateMachineAlias" => _versions.CreateStateMachineAlias(input),
        "UpdateStateMachineAlias" => _versions.UpdateStateMachineAlias(input),
        "DescribeStateMachineAlias" => _versions.DescribeStateMachineAlias(input),
        "DeleteStateMachineAlias" => _versions.DeleteStateMachineAlias(input),
        "ListStateMachineAliases" => _versions.ListStateMachineAliases(input),
        "StartExecution" => _executions.StartExecution(input),
        "StartSyncExecution" => StartSyncExecution(input),
        "StopExecution" => _executions.StopExecution(input),
        "DescribeExecution" => _executions.DescribeExecution(input),
        "DescribeStateMachineForExecution" => DescribeStateMachineForExecution(input),
        "ListExecutions" => _executions.ListExecutions(input),
        "GetExecutionHistory" => _executions.GetExecutionHistory(input),
        "SendTaskSuccess" => _executions.SendTaskSuccess(input),
        "SendTaskFailure" => _executions.SendTaskFailure(input),
        "SendTaskHeartbeat" => _executions.SendTaskHeartbeat(input),
        "TagResource" => TagResource(input),
        "UntagResource" => UntagResource(input),
        "ListTagsForResource" => ListTagsForResource(input),
        _ => throw WireJson.UnknownOperation("states", operation),
    };

    private JsonObject CreateStateMachine(CallContext context, JsonObject input)
    {
        RefuseExpress(input);
        CheckVersionDescription(input);
        var created = service.Create(context, new StateMachineRequest(
            Required(input, "name"),
            Required(input, "definition", 1_048_576),
            Required(input, "roleArn", 256),
            Tags(input["tags"] as JsonArray))
        {
            Logging = LoggingOf(input),
            Tracing = input["tracingConfiguration"] as JsonObject,
            Encryption = input["encryptionConfiguration"] as JsonObject,
        });
        var answer = new JsonObject { ["creationDate"] = WireJson.Epoch(created.Created), ["stateMachineArn"] = created.Arn };
        Put(answer, "stateMachineVersionArn", Publish(created, input));
        return answer;
    }

    private JsonObject UpdateStateMachine(JsonObject input)
    {
        CheckVersionDescription(input);
        var machine = service.Machine(Required(input, "stateMachineArn"));
        var definition = input["definition"].AsText();
        var role = input["roleArn"].AsText();
        var changed = machine with
        {
            Logging = LoggingOf(input) ?? machine.Logging,
            Tracing = input["tracingConfiguration"]?.DeepClone() as JsonObject ?? machine.Tracing,
            Encryption = input["encryptionConfiguration"]?.DeepClone() as JsonObject ?? machine.Encryption,
        };
        if (definition is null && role is null && !Settings.Any(setting => input[setting] is JsonObject))
        {
            throw new AwsException("MissingRequiredParameter",
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified");
        }

        var updated = service.Update(changed, definition, role);
        var answer = new JsonObject { ["updateDate"] = WireJson.Epoch(engine.Clock.Now) };
        Put(answer, "revisionId", updated.IsFirst ? null : updated.Revision);
        Put(answer, "stateMachineVersionArn", Publish(updated, input));
        return answer;
    }

    private JsonObject DescribeStateMachine(JsonObject input)
    {
        var arn = Required(input, "stateMachineArn");
        var version = Store.Version(arn);
        var machine = service.Machine(version?.MachineArn ?? arn);
        var answer = MachineJson(machine.Arn, version?.Revision ?? machine.Revision);
        answer["stateMachineArn"] = arn;
        answer["creationDate"] = WireJson.Epoch(version?.Created ?? machine.Created);
        answer["status"] = machine.Deleting ? "DELETING" : "ACTIVE";
        answer["type"] = "STANDARD";
        Put(answer, "description", version?.Description);
        return WithoutDefinition(answer, input);
    }

    private JsonObject DescribeStateMachineForExecution(JsonObject input)
    {
        var execution = service.Execution(Required(input, "executionArn"));
        var answer = MachineJson(execution.MachineArn, execution.Revision);
        answer["updateDate"] = WireJson.Epoch(Store.Revision(execution.MachineArn, execution.Revision).Created);
        return WithoutDefinition(answer, input);
    }

    /// <summary>"If called with includedData = METADATA_ONLY, the returned definition will be {}."</summary>
    private static JsonObject WithoutDefinition(JsonObject answer, JsonObject input)
    {
        if (input["includedData"].AsText() == "METADATA_ONLY")
        {
            answer["definition"] = "{}";
        }

        return answer;
    }

    private JsonObject MachineJson(string arn, string revisionId)
    {
        var revision = Store.Revision(arn, revisionId);
        var (logging, tracing, encryption) = Store.Machine(arn) is { } machine && machine.Revision == revisionId
            ? (machine.Logging, machine.Tracing, machine.Encryption)
            : (revision.Logging, revision.Tracing, revision.Encryption);
        var answer = new JsonObject
        {
            ["stateMachineArn"] = arn,
            ["name"] = arn.Split(':')[^1],
            ["definition"] = revision.Definition,
            ["roleArn"] = revision.RoleArn,
            ["loggingConfiguration"] = logging?.DeepClone() ?? new JsonObject { ["level"] = "OFF", ["includeExecutionData"] = false },
            ["tracingConfiguration"] = tracing?.DeepClone() ?? new JsonObject { ["enabled"] = false },
            ["encryptionConfiguration"] = encryption?.DeepClone() ?? new JsonObject { ["type"] = "AWS_OWNED_KEY" },
        };
        Put(answer, "revisionId", revision.IsFirst ? null : revisionId);
        Put(answer, "variableReferences", VariableReferences.Of(revision.Definition) is { Count: > 0 } references ? references : null);
        return answer;
    }

    private JsonObject ListStateMachines(CallContext context, JsonObject input)
    {
        var all = Store.Machines.Where(machine => machine.Region == context.Region).OrderBy(machine => machine.Name, StringComparer.Ordinal).ToArray();
        return Page(input, "stateMachines", all, machine => new JsonObject
        {
            ["stateMachineArn"] = machine.Arn,
            ["name"] = machine.Name,
            ["type"] = "STANDARD",
            ["creationDate"] = WireJson.Epoch(machine.Created),
        });
    }

    private JsonObject DeleteStateMachine(JsonObject input)
    {
        var arn = Required(input, "stateMachineArn");
        Names.CheckMachineArn(arn);
        service.Delete(arn);
        return [];
    }

    private static JsonObject Validate(JsonObject input)
    {
        RefuseExpress(input);
        var faults = new DefinitionFaults();
        var diagnostics = new JsonArray();
        DefinitionParser.Parse(Required(input, "definition", 1_048_576), faults);
        foreach (var fault in faults.All)
        {
            var diagnostic = new JsonObject { ["severity"] = "ERROR", ["code"] = fault.Code, ["message"] = fault.Message };
            Put(diagnostic, "location", fault.Location);
            diagnostics.Add((JsonNode)diagnostic);
        }

        return new JsonObject { ["result"] = diagnostics.Count == 0 ? "OK" : "FAIL", ["diagnostics"] = diagnostics, ["truncated"] = false };
    }

    /// <summary>Every machine here is a standard workflow, which the service does not start in this way.</summary>
    private JsonObject StartSyncExecution(JsonObject input)
    {
        service.Machine(Required(input, "stateMachineArn", 256));
        throw new AwsException("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine");
    }

    private JsonObject TagResource(JsonObject input)
    {
        var machine = Tagged(input);
        var tags = machine.Tags.Concat(Tags(input["tags"] as JsonArray ?? throw Missing("tags")))
            .GroupBy(tag => tag.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal);
        if (tags.Count > 50)
        {
            throw new AwsException("TooManyTags", $"Too many tags: '{machine.Arn}'");
        }

        Store.Set(machine with { Tags = tags });
        return [];
    }

    private JsonObject UntagResource(JsonObject input)
    {
        var machine = Tagged(input);
        var keys = (input["tagKeys"] as JsonArray ?? throw Missing("tagKeys")).Select(key => key.AsText()).ToHashSet();
        Store.Set(machine with { Tags = machine.Tags.Where(tag => !keys.Contains(tag.Key)).ToDictionary(StringComparer.Ordinal) });
        return [];
    }

    private JsonObject ListTagsForResource(JsonObject input) => new()
    {
        ["tags"] = new JsonArray([.. Tagged(input).Tags.Select(tag => new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value })]),
    };

    private StateMachineRecord Tagged(JsonObject input)
    {
        var arn = Required(input, "resourceArn");
        Names.CheckMachineArn(arn);
        return Store.Machine(arn) ?? throw new AwsException("ResourceNotFound", $"Resource not found: '{arn}'")
        {
            Members = new JsonObject { ["resourceName"] = arn },
        };
    }

    private static Dictionary<string, string> Tags(JsonArray? tags)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in tags ?? [])
        {
            result[(tag as JsonObject)?["key"].AsText() ?? throw Missing("tags.key")] = tag!["value"].AsText() ?? "";
        }

        return result;
    }

    /// <summary>
    /// The configuration with its defaults. "Required, if your log level is not set to OFF": one destination.
    /// https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html
    /// </summary>
    private JsonObject? LoggingOf(JsonObject input)
    {
        if (input["loggingConfiguration"]?.DeepClone() is not JsonObject logging)
        {
            return null;
        }

        var destinations = (logging["destinations"] as JsonArray)?.Count ?? 0;
        if (destinations > 1 || (destinations == 0 && logging["level"].AsText() is not (null or "OFF")))
        {
            throw new AwsException("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.");
        }

        // {"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:123456789012:log-group:NAME:*"}}]}
        if (destinations == 1
            && Arn.TryParse(logging["destinations"]![0]?["cloudWatchLogsLogGroup"]?["logGroupArn"].AsText() ?? "") is { } group
            && (group.Resource.Split(':') is not ["log-group", var name, "*"] || !engine.Logs.Has(group.Region, name)))
        {
            throw new AwsException("InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination not found.");
        }

        logging.TryAdd("level", "OFF");
        logging.TryAdd("includeExecutionData", false);
        return logging;
    }

    private string? Publish(StateMachineRecord machine, JsonObject input) =>
        input["publish"].AsBoolean() == true ? service.Versions.Publish(machine, null, input["versionDescription"].AsText()).Arn : null;

    private static void CheckVersionDescription(JsonObject input)
    {
        if (input["versionDescription"] is not null && input["publish"].AsBoolean() != true)
        {
            throw new AwsException("ValidationException", "Version description can only be set when publish is true");
        }
    }

    private static void RefuseExpress(JsonObject input)
    {
        if (input["type"].AsText() is { } type && type != "STANDARD")
        {
            throw new AwsException("StateMachineTypeNotSupported", $"The embedded cloud runs STANDARD state machines only, not {type}.");
        }
    }
}
