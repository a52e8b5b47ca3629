using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>
/// Amazon EventBridge: buses, rules, targets. Archives, replays, pipes, connections and API destinations are not served.
/// https://docs.aws.amazon.com/eventbridge/latest/APIReference/
/// </summary>
public sealed class EventBridgeService : JsonRpcService, IEventBus
{
    private const int MaxEntries = 10;
    private const int MaxBytes = 1_048_576;

    private readonly Engine _engine;

    public EventBridgeService(Engine engine)
        : base("events", "AWSEvents", "1.1")
    {
        _engine = engine;
        Router = new EventBridgeState(engine);
        ResourceTypes = [new RuleType(this), new EventBusType(this)];
    }

    /// <summary>AWS::Events::Rule and AWS::Events::EventBus.</summary>
    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    internal EventBridgeState Router { get; }

    /// <summary>Puts an event of one of the cloud's services on the default bus of its Region.</summary>
    /// <param name="detail">The detail object.</param>
    public void Publish(string region, string source, string detailType, IReadOnlyList<string> resources, JsonObject detail) =>
        Router.Publish(Router.Bus(region, null), EventEnvelope.Create(_engine, region, source, detailType, resources, detail));

    JsonObject IEventBus.PutEvents(string region, JsonObject input) => PutEvents(new CallContext(region, _engine.Options.AccountId, "states"), input);

    string IEventBus.BusArn(string region, string? nameOrArn) => Router.BusArn(region, nameOrArn);

    void IEventBus.Deliver(Delivery delivery) => Router.Delivery.Deliver(delivery);

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_events.html; only administrators may change rules here.</summary>
    protected override IReadOnlyList<Need>? Needs(string operation, CallContext context, JsonObject input) => operation switch
    {
        "PutEvents" => [
            .. input.Objects("Entries").Select(entry => Router.BusArn(context.Region, entry.Text("EventBusName"))).Distinct()
                .Select(bus => new Need("events:PutEvents", bus))
        ],
        "ListEventBuses" or "ListRuleNamesByTarget" => [new Need($"events:{operation}", "*")],
        "ListTargetsByRule" => [new Need("events:ListTargetsByRule", context.Arn("events", input.Text("EventBusName") is null or "default"
            ? $"rule/{input.Text("Rule")}"
            : $"rule/{input.Text("EventBusName")!.Split('/')[^1]}/{input.Text("Rule")}"))],
        _ => null,
    };

    protected override JsonObject Call(string operation, CallContext context, JsonObject input) => operation switch
    {
        "PutEvents" => PutEvents(context, input),
        "PutRule" => PutRule(context, input),
        "DescribeRule" => WithCreator(Write(RuleOf(context, input, "Name")), context),
        "ListRules" => ListRules(context, input),
        "EnableRule" => SetState(context, input, "ENABLED"),
        "DisableRule" => SetState(context, input, "DISABLED"),
        "DeleteRule" => DeleteRule(context, input),
        "PutTargets" => PutTargets(context, input),
        "ListTargetsByRule" => ListTargetsByRule(context, input),
        "ListRuleNamesByTarget" => ListRuleNamesByTarget(context, input),
        "RemoveTargets" => RemoveTargets(context, input),
        "TestEventPattern" => TestEventPattern(input),
        "ListEventBuses" => ListEventBuses(context, input),
        "CreateEventBus" => CreateEventBus(context, input),
        "DeleteEventBus" => DeleteEventBus(context, input),
        "DescribeEventBus" => DescribeEventBus(context, input),
        "PutPermission" => Change(context, input, Router.Policies.Put),
        "RemovePermission" => Change(context, input, Router.Policies.Remove),
        "TagResource" => TagResource(input),
        "UntagResource" => UntagResource(input),
        "ListTagsForResource" => new JsonObject { ["Tags"] = JsonMembers.ToTagList(Router.Tags(input.Required("ResourceARN"))) },
        _ => throw WireJson.UnknownOperation("events", operation),
    };

    /// <summary>Each entry is accepted or refused separately; the response lists them in the order of the request.</summary>
    internal JsonObject PutEvents(CallContext context, JsonObject input)
    {
        var entries = input.Objects("Entries").ToArray();
        if (entries.Length is 0 or > MaxEntries)
        {
            throw new AwsException("ValidationException", $"1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length {(entries.Length == 0 ? "greater than or equal to 1" : $"less than or equal to {MaxEntries}")}");
        }

        if (entries.Sum(Size) > MaxBytes)
        {
            throw new AwsException("ValidationException", "Total size of the entries in the request is over the limit.");
        }

        var failed = 0;
        var results = new JsonArray();
        foreach (var entry in entries)
        {
            try
            {
                results.Add((JsonNode)new JsonObject { ["EventId"] = PutEvent(context, entry) });
            }
            catch (AwsException error)
            {
                failed++;
                results.Add((JsonNode)new JsonObject { ["ErrorCode"] = error.Code, ["ErrorMessage"] = error.Message });
            }
        }

        return new JsonObject { ["FailedEntryCount"] = failed, ["Entries"] = results };
    }

    private string PutEvent(CallContext context, JsonObject entry)
    {
        foreach (var name in new[] { "Source", "DetailType", "Detail" })
        {
            if (string.IsNullOrEmpty(entry.Text(name)))
            {
                throw new AwsException("InvalidArgument", $"Parameter {name} is not valid. Reason: {name} is a required argument.");
            }
        }

        var source = entry.Required("Source");
        if (source.StartsWith("aws.", StringComparison.Ordinal))
        {
            throw new AwsException("NotAuthorizedForSourceException", "Not authorized for the source.");
        }

        var published = EventEnvelope.Create(
            _engine, context.Region, source, entry.Required("DetailType"), entry.Texts("Resources"), Detail(entry.Required("Detail")), entry.Instant("Time"));
        if (Router.FindBus(context.Region, entry.Text("EventBusName")) is { } bus)
        {
            Router.Publish(bus, published);
        }
        else
        {
            _engine.Journal.Write(
                "events", "event-lost", $"event bus {entry.Text("EventBusName")} does not exist", ("id", published.Id), ("bus", entry.Text("EventBusName")));
        }

        return published.Id;
    }

    private static JsonObject Detail(string text)
    {
        try
        {
            return ClientJson.Parse(text) as JsonObject ?? throw new AwsException("MalformedDetail", "Detail is malformed.");
        }
        catch (JsonException)
        {
            throw new AwsException("MalformedDetail", "Detail is malformed.");
        }
    }

    private static int Size(JsonObject entry) =>
        entry.Where(member => member.Value is not null).Sum(member => Encoding.UTF8.GetByteCount(member.Value!.ToJsonString(WireJson.Compact)));

    private JsonObject PutRule(CallContext context, JsonObject input)
    {
        var bus = Router.Bus(context.Region, input.Text("EventBusName"));
        var rule = Router.PutRule(bus, input.Required("Name"), known => known with
        {
            // Programs that create scheduled rules send an empty pattern, which AWS takes as absent:
            // https://github.com/jorgebastida/gordon/blob/master/gordon/contrib/events/rule/rule.py
            Pattern = input.Text("EventPattern") is { Length: > 0 } pattern ? pattern : null,
            Schedule = input.Text("ScheduleExpression"),
            State = input.Text("State") ?? "ENABLED",
            Description = input.Text("Description"),
            RoleArn = input.Text("RoleArn"),
            Tags = known.Tags.Count > 0 ? known.Tags : input.Tags("Tags"),
        });
        return new JsonObject { ["RuleArn"] = rule.Arn };
    }

    private JsonObject ListRules(CallContext context, JsonObject input)
    {
        var prefix = input.Text("NamePrefix") ?? "";
        var rules = Router.RulesOf(Router.Bus(context.Region, input.Text("EventBusName")))
            .Where(rule => rule.Name.StartsWith(prefix, StringComparison.Ordinal));
        return Page(input, "Rules", rules, Write);
    }

    private JsonObject SetState(CallContext context, JsonObject input, string state)
    {
        Router.SetState(RuleOf(context, input, "Name"), state);
        return [];
    }

    private JsonObject DeleteRule(CallContext context, JsonObject input)
    {
        Router.DeleteRule(Router.Bus(context.Region, input.Text("EventBusName")), input.Required("Name"));
        return [];
    }

    private JsonObject PutTargets(CallContext context, JsonObject input)
    {
        foreach (var target in input.Objects("Targets"))
        {
            RuleTarget.CheckForm(target);
        }

        var rule = RuleOf(context, input, "Rule");
        RuleTarget[] targets = [.. input.Objects("Targets").Select(RuleTarget.Read)];
        Router.PutTargets(rule, targets);
        return new JsonObject { ["FailedEntryCount"] = 0, ["FailedEntries"] = new JsonArray() };
    }

    private JsonObject ListTargetsByRule(CallContext context, JsonObject input) =>
        Page(input, "Targets", RuleOf(context, input, "Rule").Targets, target => target.Write());

    private JsonObject ListRuleNamesByTarget(CallContext context, JsonObject input)
    {
        var arn = input.Required("TargetArn");
        var rules = Router.RulesOf(Router.Bus(context.Region, input.Text("EventBusName"))).Where(rule => rule.Targets.Any(target => target.Arn == arn));
        return Page(input, "RuleNames", rules, rule => JsonValue.Create(rule.Name));
    }

    private JsonObject RemoveTargets(CallContext context, JsonObject input)
    {
        var rule = RuleOf(context, input, "Rule");
        var ids = input.Texts("Ids");
        Router.RemoveTargets(rule, [.. ids]);
        var failed = ids.Where(id => rule.Targets.All(target => target.Id != id)).Select(id => new JsonObject
        {
            ["TargetId"] = id,
            ["ErrorCode"] = "ResourceNotFoundException",
            ["ErrorMessage"] = $"Rule {rule.Name} does not have target {id}.",
        }).ToArray();
        return new JsonObject { ["FailedEntryCount"] = failed.Length, ["FailedEntries"] = new JsonArray([.. failed]) };
    }

    private static JsonObject TestEventPattern(JsonObject input)
    {
        var pattern = EventBridgeState.ReadPattern(input.Required("EventPattern"));
        try
        {
            using var document = JsonDocument.Parse(input.Required("Event"), ClientJson.Deep);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonObject { ["Result"] = pattern.Matches(document.RootElement) }
                : throw new AwsException("ValidationException", "Parameter Event is not valid.");
        }
        catch (JsonException)
        {
            throw new AwsException("ValidationException", "Parameter Event is not valid.");
        }
    }

    private JsonObject ListEventBuses(CallContext context, JsonObject input)
    {
        var prefix = input.Text("NamePrefix") ?? "";
        return Page(input, "EventBuses", Router.Buses(context.Region).Where(bus => bus.Name.StartsWith(prefix, StringComparison.Ordinal)), Write);
    }

    private JsonObject CreateEventBus(CallContext context, JsonObject input)
    {
        if (input.Text("EventSourceName") is not null)
        {
            throw new AwsException("ValidationException", "The embedded cloud does not serve partner event sources.");
        }

        var bus = Router.CreateBus(context.Region, input.Required("Name"), input.Text("Description"), input.Tags("Tags"));
        return new JsonObject { ["EventBusArn"] = bus.Arn };
    }

    private JsonObject DeleteEventBus(CallContext context, JsonObject input)
    {
        Router.DeleteBus(context.Region, input.Required("Name"));
        return [];
    }

    private JsonObject DescribeEventBus(CallContext context, JsonObject input)
    {
        var arn = Router.Bus(context.Region, input.Text("Name"));
        var described = Write(Router.Buses(context.Region).First(bus => bus.Arn == arn));
        if (Router.Policies.Find(arn) is { } policy)
        {
            described["Policy"] = policy;
        }

        return described;
    }

    private JsonObject Change(CallContext context, JsonObject input, Action<string, JsonObject> policy)
    {
        policy(Router.Bus(context.Region, input.Text("EventBusName")), input);
        return [];
    }

    private JsonObject TagResource(JsonObject input)
    {
        var arn = input.Required("ResourceARN");
        var tags = new Dictionary<string, string>(Router.Tags(arn), StringComparer.Ordinal);
        foreach (var (key, value) in input.Tags("Tags"))
        {
            tags[key] = value;
        }

        Router.SetTags(arn, tags);
        return [];
    }

    private JsonObject UntagResource(JsonObject input)
    {
        var arn = input.Required("ResourceARN");
        var gone = input.Texts("TagKeys").ToHashSet(StringComparer.Ordinal);
        Router.SetTags(arn, Router.Tags(arn).Where(tag => !gone.Contains(tag.Key)).ToDictionary(StringComparer.Ordinal));
        return [];
    }

    private Rule RuleOf(CallContext context, JsonObject input, string member) =>
        Router.Rule(Router.Bus(context.Region, input.Text("EventBusName")), input.Required(member));

    private static JsonObject Page<T>(JsonObject input, string member, IEnumerable<T> all, Func<T, JsonNode> write)
    {
        var (page, next) = Paging.Take([.. all], (int)(input.Whole("Limit") ?? 100), input.Text("NextToken"));
        return Paging.With(new JsonObject { [member] = new JsonArray([.. page.Select(write)]) }, next);
    }

    private static JsonObject Write(Rule rule)
    {
        var json = new JsonObject { ["Name"] = rule.Name, ["Arn"] = rule.Arn, ["State"] = rule.State, ["EventBusName"] = rule.BusName };
        foreach (var (name, value) in new[]
        {
            ("EventPattern", rule.Pattern), ("ScheduleExpression", rule.Schedule), ("Description", rule.Description), ("RoleArn", rule.RoleArn),
        })
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }

        return json;
    }

    private static JsonObject WithCreator(JsonObject json, CallContext context)
    {
        json["CreatedBy"] = context.AccountId;
        return json;
    }

    private static JsonObject Write(EventBus bus)
    {
        var json = new JsonObject
        {
            ["Name"] = bus.Name,
            ["Arn"] = bus.Arn,
            ["CreationTime"] = WireJson.Epoch(bus.CreatedAt),
            ["LastModifiedTime"] = WireJson.Epoch(bus.CreatedAt)
        };
        if (bus.Description is not null)
        {
            json["Description"] = bus.Description;
        }

        return json;
    }
}
