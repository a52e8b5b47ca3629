using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;
using static Automation.LocalCloud.StepFunctions.RequestFields;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The input of CreateStateMachine.</summary>
internal sealed record StateMachineRequest(string Name, string Definition, string RoleArn, IReadOnlyDictionary<string, string> Tags)
{
    public JsonObject? Logging { get; init; }

    public JsonObject? Tracing { get; init; }

    public JsonObject? Encryption { get; init; }
}

/// <summary>The wire operations: they read requests, call the service and write responses.</summary>
internal sealed class StepFunctionsApi(StepFunctionsService service, Engine engine)
{
    private ExecutionStore Store => service.Store;

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
        "StartExecution" => StartExecution(input),
        "StopExecution" => StopExecution(input),
        "DescribeExecution" => DescribeExecution(input),
        "DescribeStateMachineForExecution" => DescribeStateMachineForExecution(input),
        "ListExecutions" => ListExecutions(input),
        "GetExecutionHistory" => GetExecutionHistory(input),
        "SendTaskSuccess" => SendTaskSuccess(input),
        "SendTaskFailure" => SendTaskFailure(input),
        "SendTaskHeartbeat" => SendTaskHeartbeat(input),
        "TagResource" => TagResource(input),
        "UntagResource" => UntagResource(input),
        "ListTagsForResource" => ListTagsForResource(input),
        _ => throw WireJson.UnknownOperation("states", operation),
    };

    private JsonObject CreateStateMachine(CallContext context, JsonObject input)
    {
        RefuseExpress(input);
        if (input["publish"].AsBoolean() == true)
        {
            throw new AwsException("ValidationException", "The embedded cloud has no versions of state machines: 'publish' must not be true.");
        }

        var created = service.Create(context, new StateMachineRequest(
            Required(input, "name"),
            Required(input, "definition", 1_048_576),
            Required(input, "roleArn", 256),
            Tags(input["tags"] as JsonArray))
        {
            Logging = input["loggingConfiguration"] as JsonObject,
            Tracing = input["tracingConfiguration"] as JsonObject,
            Encryption = input["encryptionConfiguration"] as JsonObject,
        });
        return new JsonObject { ["creationDate"] = WireJson.Epoch(created.Created), ["stateMachineArn"] = created.Arn };
    }

    private JsonObject UpdateStateMachine(JsonObject input)
    {
        var machine = service.Machine(Required(input, "stateMachineArn"));
        var definition = input["definition"].AsText();
        var role = input["roleArn"].AsText();
        var changed = machine with
        {
            Logging = input["loggingConfiguration"]?.DeepClone() as JsonObject ?? machine.Logging,
            Tracing = input["tracingConfiguration"]?.DeepClone() as JsonObject ?? machine.Tracing,
            Encryption = input["encryptionConfiguration"]?.DeepClone() as JsonObject ?? machine.Encryption,
        };
        if (definition is null && role is null && changed == machine)
        {
            throw new AwsException("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration, or the TracingConfiguration must be specified");
        }

        var updated = service.Update(changed, definition, role);
        return new JsonObject { ["updateDate"] = WireJson.Epoch(engine.Clock.Now), ["revisionId"] = updated.Revision };
    }

    private JsonObject DescribeStateMachine(JsonObject input)
    {
        var machine = service.Machine(Required(input, "stateMachineArn"));
        var answer = MachineJson(machine.Arn, machine.Revision);
        answer["creationDate"] = WireJson.Epoch(machine.Created);
        answer["status"] = machine.Deleting ? "DELETING" : "ACTIVE";
        answer["type"] = "STANDARD";
        if (!machine.IsFirst)
        {
            answer["revisionId"] = machine.Revision;
        }

        return answer;
    }

    private JsonObject DescribeStateMachineForExecution(JsonObject input)
    {
        var execution = service.Execution(Required(input, "executionArn"));
        var answer = MachineJson(execution.MachineArn, execution.Revision);
        answer["updateDate"] = WireJson.Epoch(Store.Revision(execution.MachineArn, execution.Revision).Created);
        if (Store.Revision(execution.MachineArn, execution.Revision) is { IsFirst: false })
        {
            answer["revisionId"] = execution.Revision;
        }

        return answer;
    }

    private JsonObject MachineJson(string arn, string revisionId)
    {
        var revision = Store.Revision(arn, revisionId);
        var machine = Store.Machine(arn);
        var answer = new JsonObject
        {
            ["stateMachineArn"] = arn,
            ["name"] = arn.Split(':')[^1],
            ["definition"] = revision.Definition,
            ["roleArn"] = revision.RoleArn,
            ["loggingConfiguration"] = machine?.Logging?.DeepClone() ?? new JsonObject { ["level"] = "OFF", ["includeExecutionData"] = false },
            ["tracingConfiguration"] = machine?.Tracing?.DeepClone() ?? new JsonObject { ["enabled"] = false },
            ["encryptionConfiguration"] = machine?.Encryption?.DeepClone() ?? new JsonObject { ["type"] = "AWS_OWNED_KEY" },
        };
        Put(answer, "variableReferences", VariableReferences.Of(revision.Definition) is { Count: > 0 } references ? references : null);
        return answer;
    }

    private JsonObject ListStateMachines(CallContext context, JsonObject input)
    {
        var all = Store.Machines.Where(machine => machine.Region == context.Region).OrderBy(machine => machine.Name, StringComparer.Ordinal).ToArray();
        var skip = (int)Math.Clamp(Token(input) ?? 0, 0, all.Length);
        var size = PageSize(input);
        var answer = new JsonObject
        {
            ["stateMachines"] = new JsonArray([.. all.Skip(skip).Take(size).Select(machine => new JsonObject
            {
                ["stateMachineArn"] = machine.Arn,
                ["name"] = machine.Name,
                ["type"] = "STANDARD",
                ["creationDate"] = WireJson.Epoch(machine.Created),
            })]),
        };
        Put(answer, "nextToken", skip + size < all.Length ? TokenOf(skip + size) : null);
        return answer;
    }

    private JsonObject DeleteStateMachine(JsonObject input)
    {
        var arn = Required(input, "stateMachineArn");
        Names.CheckArn(arn, "stateMachine", 2);
        service.Delete(arn);
        return [];
    }

    private static JsonObject Validate(JsonObject input)
    {
        RefuseExpress(input);
        var faults = new DefinitionFaults();
        var diagnostics = new JsonArray();
        try
        {
            DefinitionParser.Parse(Required(input, "definition", 1_048_576), faults);
        }
        catch (AwsException error) when (error.Code == "InvalidDefinition")
        {
            diagnostics.Add(Diagnostic("INVALID_JSON_DESCRIPTION", error.Message, "/"));
        }

        foreach (var fault in faults.All)
        {
            diagnostics.Add(Diagnostic(fault.Code, fault.Message, fault.Location));
        }

        return new JsonObject { ["result"] = diagnostics.Count == 0 ? "OK" : "FAIL", ["diagnostics"] = diagnostics, ["truncated"] = false };
    }

    private static JsonObject Diagnostic(string code, string message, string location) =>
        new() { ["severity"] = "ERROR", ["code"] = code, ["message"] = message, ["location"] = location };

    private JsonObject StartExecution(JsonObject input)
    {
        var started = service.Start(
            Required(input, "stateMachineArn", 256),
            input["name"].AsText(),
            input["input"].AsText() ?? "{}",
            input["traceHeader"].AsText());
        return new JsonObject { ["executionArn"] = started.Arn, ["startDate"] = WireJson.Epoch(started.Started) };
    }

    private JsonObject StopExecution(JsonObject input)
    {
        var stopped = service.Stop(Required(input, "executionArn"), Limited(input, "error", 256), Limited(input, "cause", 32_768));
        return new JsonObject { ["stopDate"] = WireJson.Epoch(stopped.Stopped!.Value) };
    }

    private JsonObject DescribeExecution(JsonObject input)
    {
        var execution = service.Execution(Required(input, "executionArn", 256));
        var data = input["includedData"].AsText() != "METADATA_ONLY";
        var answer = new JsonObject
        {
            ["executionArn"] = execution.Arn,
            ["stateMachineArn"] = execution.MachineArn,
            ["name"] = execution.Name,
            ["status"] = execution.Status,
            ["startDate"] = WireJson.Epoch(execution.Started),
            ["redriveCount"] = 0,
        };
        var redrivable = execution.Status is not (ExecutionRecord.Running or "SUCCEEDED");
        answer["redriveStatus"] = redrivable ? "REDRIVABLE" : "NOT_REDRIVABLE";
        Put(answer, "redriveStatusReason", redrivable ? null : $"Execution is {execution.Status} and cannot be redriven");
        Put(answer, "stopDate", execution.Stopped is { } stopped ? WireJson.Epoch(stopped) : null);
        Put(answer, "traceHeader", execution.TraceHeader);
        Put(answer, "error", execution.Error);
        Put(answer, "cause", execution.Cause);
        if (data)
        {
            answer["input"] = execution.Input;
            Put(answer, "output", execution.Output);
        }

        answer["inputDetails"] = new JsonObject { ["included"] = data };
        Put(answer, "outputDetails", execution.Output is null ? null : new JsonObject { ["included"] = data });
        return answer;
    }

    private JsonObject ListExecutions(JsonObject input)
    {
        if (input["mapRunArn"] is not null)
        {
            throw new AwsException("ValidationException", "The embedded cloud has no distributed map runs: 'mapRunArn' must not be given.");
        }

        var machine = service.Machine(Required(input, "stateMachineArn"));
        var status = input["statusFilter"].AsText();
        if (status is not (null or ExecutionRecord.Running or "SUCCEEDED" or "FAILED" or "TIMED_OUT" or "ABORTED" or "PENDING_REDRIVE"))
        {
            throw new AwsException("ValidationException", $"Value '{status}' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [PENDING_REDRIVE, RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED]");
        }

        if (input["redriveFilter"].AsText() == "REDRIVEN")
        {
            return new JsonObject { ["executions"] = new JsonArray() };
        }

        // The token contains the last execution of a page, so that new executions do not shift the next page.
        var before = Token(input) ?? long.MaxValue;
        var size = PageSize(input);
        var found = Store.Executions
            .Where(execution => execution.MachineArn == machine.Arn && execution.Sequence < before && (status is null || execution.Status == status))
            .OrderByDescending(execution => execution.Sequence)
            .Take(size + 1)
            .ToArray();
        var answer = new JsonObject
        {
            ["executions"] = new JsonArray([.. found.Take(size).Select(execution =>
            {
                var item = new JsonObject
                {
                    ["executionArn"] = execution.Arn,
                    ["stateMachineArn"] = execution.MachineArn,
                    ["name"] = execution.Name,
                    ["status"] = execution.Status,
                    ["startDate"] = WireJson.Epoch(execution.Started),
                    ["redriveCount"] = 0,
                };
                Put(item, "stopDate", execution.Stopped is { } stopped ? WireJson.Epoch(stopped) : null);
                return item;
            })]),
        };
        Put(answer, "nextToken", found.Length > size ? TokenOf(found[size - 1].Sequence) : null);
        return answer;
    }

    private JsonObject GetExecutionHistory(JsonObject input)
    {
        var execution = service.Execution(Required(input, "executionArn", 256));
        var withData = input["includeExecutionData"].AsBoolean() ?? true;
        IEnumerable<HistoryEvent> events = Store.History(execution.Arn);
        if (input["reverseOrder"].AsBoolean() == true)
        {
            var until = Token(input) ?? long.MaxValue;
            events = events.Reverse().SkipWhile(entry => entry.Id >= until);
        }
        else
        {
            var after = Token(input) ?? 0;
            events = events.Skip((int)Math.Clamp(after, 0, int.MaxValue));
        }

        var size = PageSize(input);
        var page = events.Take(size + 1).ToArray();
        var answer = new JsonObject { ["events"] = new JsonArray([.. page.Take(size).Select(entry => entry.ToJson(withData))]) };
        Put(answer, "nextToken", page.Length > size ? TokenOf(page[size - 1].Id) : null);
        return answer;
    }

    private JsonObject SendTaskSuccess(JsonObject input)
    {
        var attempt = service.Waiting(Required(input, "taskToken", 2048));
        var output = input["output"].AsText() ?? throw Missing("output");
        if (Encoding.UTF8.GetByteCount(output) > ExecutionRun.DataLimit)
        {
            throw new AwsException("InvalidOutput", $"Invalid Output: 'output' must have at most {ExecutionRun.DataLimit} bytes");
        }

        try
        {
            attempt.Succeed(JsonKinds.Parse(output));
        }
        catch (JsonException e)
        {
            throw new AwsException("InvalidOutput", $"Invalid Output: '{JacksonFault.Of(output, e)}'");
        }

        return [];
    }

    private JsonObject SendTaskFailure(JsonObject input)
    {
        var attempt = service.Waiting(Required(input, "taskToken", 2048));
        attempt.Fail(new StateException(Limited(input, "error", 256), Limited(input, "cause", 32_768)) { ByToken = true });
        return [];
    }

    private JsonObject SendTaskHeartbeat(JsonObject input)
    {
        service.Waiting(Required(input, "taskToken", 2048)).Heartbeat();
        return [];
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
        Names.CheckArn(arn, "stateMachine", 2);
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

    private static void RefuseExpress(JsonObject input)
    {
        if (input["type"].AsText() is { } type && type != "STANDARD")
        {
            throw new AwsException("StateMachineTypeNotSupported", $"The embedded cloud runs STANDARD state machines only, not {type}.");
        }
    }

    private static void Put(JsonObject answer, string name, JsonNode? value)
    {
        if (value is not null)
        {
            answer[name] = value;
        }
    }
}
