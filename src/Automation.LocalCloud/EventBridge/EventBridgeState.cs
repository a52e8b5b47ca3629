using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>
/// Buses and rules, and the path of an event: it is put on a bus, then matched against the bus's rules, and delivered
/// to the targets of those that match. Each rule with a schedule has a patient timer, which is created again when a cloud is opened.
/// </summary>
internal sealed class EventBridgeState
{
    public const string DefaultBus = "default";
    private const string Topic = "events.published";
    private const int MaxHops = 5;
    private const int MaxTargets = 5;

    private readonly Engine _engine;
    private readonly Table<EventBus> _buses;
    private readonly Table<Rule> _rules;
    private readonly Dictionary<string, EventPattern> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CloudTimer> _timers = new(StringComparer.Ordinal);

    public EventBridgeState(Engine engine)
    {
        _engine = engine;
        _buses = new Table<EventBus>("events.buses", engine.Store, () => EventBridgeJson.Default.EventBus);
        _rules = new Table<Rule>("events.rules", engine.Store, () => EventBridgeJson.Default.Rule);
        Policies = new BusPolicies(engine);
        Delivery = new TargetDelivery(engine, this);
        engine.DurableQueue.On(Topic, () => EventBridgeJson.Default.Published, published => Route(published.BusArn, published.Event));
        foreach (var rule in _rules.Values.ToArray())
        {
            // Occurrences that became due while the cloud was closed are skipped; one that is due now may not have happened yet.
            Arm(rule, _engine.Clock.Now.AddTicks(-1));
        }
    }

    public TargetDelivery Delivery { get; }

    public BusPolicies Policies { get; }

    private string AccountId => _engine.Options.AccountId;

    public static EventPattern ReadPattern(string json)
    {
        try
        {
            return EventPattern.Parse(json);
        }
        catch (PatternException e)
        {
            throw new AwsException("InvalidEventPatternException", $"Event pattern is not valid. Reason: {e.Message}");
        }
    }

    /// <summary>The ARN of a bus given by name or ARN; the default bus if none is given.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException.</exception>
    public string Bus(string region, string? nameOrArn)
    {
        var arn = BusArn(region, nameOrArn);
        return BusExists(arn) ? arn : throw new AwsException("ResourceNotFoundException", $"Event bus {nameOrArn} does not exist.");
    }

    /// <summary>As <see cref="Bus"/>, or null: as recorded, an event for a bus that does not exist is accepted and lost.</summary>
    public string? FindBus(string region, string? nameOrArn) => BusArn(region, nameOrArn) is var arn && BusExists(arn) ? arn : null;

    public IEnumerable<EventBus> Buses(string region)
    {
        return _buses.Values
            .Where(bus => Arn.Parse(bus.Arn).Region == region)
            .Append(new EventBus(BusArn(region, DefaultBus), DefaultBus, null, new Dictionary<string, string>(), _engine.Options.Start))
            .OrderBy(bus => bus.Name, StringComparer.Ordinal);
    }

    public EventBus CreateBus(string region, string name, string? description, IReadOnlyDictionary<string, string> tags)
    {
        if (name.Contains('/', StringComparison.Ordinal) || name.Length > 256)
        {
            throw new AwsException("ValidationException", $"Event bus name '{name}' is not valid.");
        }

        var arn = BusArn(region, name);
        if (BusExists(arn))
        {
            throw new AwsException("ResourceAlreadyExistsException", $"Event bus {name} already exists.");
        }

        var bus = new EventBus(arn, name, description, tags, _engine.Clock.Now);
        _buses.Set(arn, bus);
        return bus;
    }

    /// <summary>Deleting a bus that does not exist is not an error. The default bus, and a bus with rules, cannot be deleted.</summary>
    public void DeleteBus(string region, string name)
    {
        var arn = BusArn(region, name);
        if (name == DefaultBus)
        {
            throw new AwsException("ValidationException", "Cannot delete event bus default.");
        }

        if (RulesOf(arn).Any())
        {
            throw new AwsException("ValidationException", $"Cannot delete event bus {name} because it has rules.");
        }

        _buses.Remove(arn);
        Policies.Delete(arn);
    }

    public IEnumerable<Rule> RulesOf(string busArn) =>
        _rules.Values.Where(rule => rule.BusArn == busArn).OrderBy(rule => rule.Name, StringComparer.Ordinal);

    public Rule Rule(string busArn, string name) => _rules.Find(RuleArn(busArn, name))
        ?? throw new AwsException("ResourceNotFoundException", $"Rule {name} does not exist on EventBus {busArn[(busArn.LastIndexOf('/') + 1)..]}.");

    /// <summary>Creates or changes a rule; its targets stay.</summary>
    public Rule PutRule(string busArn, string name, Func<Rule, Rule> settings)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            throw new AwsException("ValidationException", $"Value '{name}' at 'name' failed to satisfy constraint: [\\.\\-_A-Za-z0-9]+, 1 to 64 characters.");
        }

        var arn = RuleArn(busArn, name);
        var rule = settings((_rules.Find(arn) ?? new Rule(arn, name, busArn, _engine.Clock.Now)) with { ScheduledFrom = _engine.Clock.Now });
        Check(rule);
        Set(rule.Schedule is { Length: 0 } ? rule with { Schedule = null } : rule);
        return rule;
    }

    public void SetState(Rule rule, string state) => Set(rule with { State = state, ScheduledFrom = _engine.Clock.Now });

    /// <summary>Deleting a rule that does not exist is not an error.</summary>
    public void DeleteRule(string busArn, string name)
    {
        if (_rules.Find(RuleArn(busArn, name)) is not { } rule)
        {
            return;
        }

        if (rule.Targets.Count > 0)
        {
            throw new AwsException("ValidationException", "Rule can't be deleted since it has targets.");
        }

        Disarm(rule.Arn);
        _rules.Remove(rule.Arn);
    }

    public void PutTargets(Rule rule, IReadOnlyList<RuleTarget> targets)
    {
        var ids = targets.Select(target => target.Id).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<RuleTarget> all = [.. rule.Targets.Where(target => !ids.Contains(target.Id)), .. targets];
        if (all.Count > MaxTargets)
        {
            throw new AwsException(
                "LimitExceededException", "The requested resource exceeds the maximum number allowed.");
        }

        Set(rule with { Targets = all });
    }

    public void RemoveTargets(Rule rule, IReadOnlyCollection<string> ids) =>
        Set(rule with { Targets = [.. rule.Targets.Where(target => !ids.Contains(target.Id))] });

    public IReadOnlyDictionary<string, string> Tags(string arn) => _rules.Find(arn)?.Tags ?? _buses.Find(arn)?.Tags ?? throw NoResource(arn);

    public void SetTags(string arn, IReadOnlyDictionary<string, string> tags)
    {
        if (_rules.Find(arn) is { } rule)
        {
            _rules.Set(arn, rule with { Tags = tags });
        }
        else if (_buses.Find(arn) is { } bus)
        {
            _buses.Set(arn, bus with { Tags = tags });
        }
        else
        {
            throw NoResource(arn);
        }
    }

    /// <summary>Puts an event on a bus. Its rules are matched after everything that is due now.</summary>
    public void Publish(string busArn, EventEnvelope published)
    {
        var json = published.Parsed;
        var (source, detailType) = (json.GetProperty("source").GetString(), json.GetProperty("detail-type").GetString());
        _engine.Journal.Write(
            "events", "event-published", $"{source}: {detailType}",
            ("id", published.Id), ("source", source), ("detailType", detailType), ("bus", busArn), ("event", published.Json));
        _engine.DurableQueue.Add(Topic, TimeSpan.Zero, $"event {source} {detailType}", new Published(busArn, published), EventBridgeJson.Default.Published);
    }

    private void Route(string busArn, EventEnvelope published)
    {
        foreach (var rule in RulesOf(busArn).ToArray())
        {
            if (rule.Enabled && rule.Pattern is not null && PatternOf(rule.Pattern).Matches(published.Fields))
            {
                Deliver(rule, published);
            }
        }
    }

    private void Deliver(Rule rule, EventEnvelope published)
    {
        _engine.Journal.Write(
            "events", "rule-matched", $"{rule.Name} matched, {rule.Targets.Count} target(s)",
            ("rule", rule.Arn), ("id", published.Id), ("targets", string.Join(' ', rule.Targets.Select(target => target.Arn))));
        foreach (var target in rule.Targets)
        {
            var input = InputOf(rule, target, published);
            var delivery = new Delivery(target.Arn, input)
            {
                TaskDefinition = target.TaskDefinition,
                Source = "events",
                SourceArn = rule.Arn,
                RoleArn = Arn.ServiceOf(target.Arn) is "states" or "events" or "ecs" or "imagebuilder" ? target.RoleArn : null,
                ExecutionName = $"{published.Id}_{Ids.From($"{rule.Arn}/{target.Id}/{published.Id}")}",
                MessageGroupId = target.MessageGroupId,
                MaximumRetryAttempts = (int)(target.MaximumRetryAttempts ?? 185),
                MaximumAge = TimeSpan.FromSeconds(target.MaximumEventAgeInSeconds ?? 86_400),
                DeadLetterArn = target.DeadLetterArn,
                DeadLetterBody = published.Json,
                DeadLetterAttributes = new Dictionary<string, string> { ["RULE_ARN"] = rule.Arn },
                Event = Arn.ServiceOf(target.Arn) == "events" ? published : null,
            };
            _engine.Faults.Deliver("events", "InvokeTarget", $"{rule.Arn} {target.Arn} {published.Json}", delay => Delivery.Deliver(delivery, delay));
        }
    }

    private static string InputOf(Rule rule, RuleTarget target, EventEnvelope published) => target switch
    {
        { Input: { } input } => input,
        { InputPath: { } path } => JsonPath.Find(published.Parsed, path) ?? "null",
        { Template: { } template } => InputTransformer.Transform(target.Paths, template, published.Parsed, rule.Arn, published.Ingested),
        _ => published.Json,
    };

    /// <summary>Forwards an event from one bus to another.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException; InvalidStateException: the event travels in a loop.</exception>
    public void Forward(string busArn, EventEnvelope published)
    {
        if (!BusExists(busArn))
        {
            throw new AwsException("ResourceNotFoundException", $"Event bus {busArn} does not exist.");
        }

        if (published.Hops >= MaxHops)
        {
            throw new AwsException("InvalidStateException", $"The event was forwarded {MaxHops} times; the embedded cloud assumes a loop.");
        }

        Publish(busArn, published with { Hops = published.Hops + 1 });
    }

    private static void Check(Rule rule)
    {
        if (rule.Pattern is null && string.IsNullOrEmpty(rule.Schedule))
        {
            throw new AwsException("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
        }

        if (rule.State is not ("ENABLED" or "DISABLED" or "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"))
        {
            throw new AwsException("ValidationException", $"Value '{rule.State}' at 'state' is not valid.");
        }

        if (rule.Pattern is not null)
        {
            ReadPattern(rule.Pattern);
        }

        if (rule.Schedule is null)
        {
            return;
        }

        if (rule.BusName != DefaultBus)
        {
            // Also for an empty one: https://github.com/aws-controllers-k8s/community/issues/1984
            throw new AwsException("ValidationException", "ScheduleExpression is supported only on the default event bus.");
        }

        if (rule.Schedule.Length > 0 && !IsSchedule(rule.Schedule))
        {
            throw new AwsException("ValidationException", "Parameter ScheduleExpression is not valid.");
        }
    }

    /// <summary>Rules accept cron(…) and rate(…); the unit of rate is singular for 1 and plural otherwise.</summary>
    private static bool IsSchedule(string text)
    {
        try
        {
            return ScheduleExpression.Parse(text, TimeZoneInfo.Utc) is not (OneTimeSchedule or RateSchedule { HasMatchingUnit: false });
        }
        catch (AwsException)
        {
            return false;
        }
    }

    private void Set(Rule rule)
    {
        _rules.Set(rule.Arn, rule);
        Arm(rule, _engine.Clock.Now);
    }

    private void Arm(Rule rule, DateTimeOffset now)
    {
        Disarm(rule.Arn);
        if (!rule.Enabled || rule.Schedule is null)
        {
            return;
        }

        var schedule = ScheduleExpression.Parse(rule.Schedule, TimeZoneInfo.Utc);
        var after = (DateTimeOffset[])[now, rule.ScheduledFrom, rule.FiredAt];
        if (schedule.Next(after.Max(), rule.ScheduledFrom) is { } due)
        {
            _timers[rule.Arn] = _engine.Clock.At(due, TimerKind.Patient, $"rule {rule.Name} {rule.Schedule}", () => Fire(rule.Arn));
        }
    }

    private void Disarm(string ruleArn)
    {
        if (_timers.Remove(ruleArn, out var timer))
        {
            _engine.Clock.Cancel(timer);
        }
    }

    /// <summary>A scheduled event is only for its own rule. It is not put on the bus for other rules to match.</summary>
    private void Fire(string ruleArn)
    {
        if (_rules.Find(ruleArn) is not { } rule)
        {
            return;
        }

        Set(rule with { FiredAt = _engine.Clock.Now });
        var published = EventEnvelope.Create(_engine, Arn.Parse(ruleArn).Region, "aws.events", "Scheduled Event", [ruleArn], []);
        Deliver(rule, published);
    }

    private EventPattern PatternOf(string json)
    {
        if (!_patterns.TryGetValue(json, out var pattern))
        {
            pattern = ReadPattern(json);
            _patterns[json] = pattern;
        }

        return pattern;
    }

    private bool BusExists(string arn) => _buses.Find(arn) is not null || arn.EndsWith(":event-bus/" + DefaultBus, StringComparison.Ordinal);

    public string BusArn(string region, string? nameOrArn) =>
        nameOrArn is not null && Arn.Is(nameOrArn) ? nameOrArn : new Arn("events", region, AccountId, $"event-bus/{nameOrArn ?? DefaultBus}").ToString();

    private static string RuleArn(string busArn, string name)
    {
        var bus = busArn.LastIndexOf(":event-bus/", StringComparison.Ordinal);
        var busName = busArn[(bus + ":event-bus/".Length)..];
        return busName == DefaultBus ? $"{busArn[..bus]}:rule/{name}" : $"{busArn[..bus]}:rule/{busName}/{name}";
    }

    internal sealed record Published(string BusArn, EventEnvelope Event);

    // The words are those of the other operations on rules and buses. arn:…:rule/NAME, arn:…:rule/BUS/NAME, arn:…:event-bus/NAME
    private static AwsException NoResource(string arn) => new("ResourceNotFoundException", Arn.TryParse(arn)?.Resource.Split('/') switch
    {
        ["rule", var name] => $"Rule {name} does not exist on EventBus {DefaultBus}.",
        ["rule", .. var bus, var name] => $"Rule {name} does not exist on EventBus {string.Join('/', bus)}.",
        ["event-bus", .. var bus] => $"Event bus {string.Join('/', bus)} does not exist.",
        _ => $"{arn} does not exist.",
    });
}
