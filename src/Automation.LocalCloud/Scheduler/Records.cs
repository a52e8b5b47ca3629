using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Scheduler;

/// <summary>A group of schedules. The group <c>default</c> always exists and is not stored.</summary>
internal sealed record ScheduleGroup(string Arn, string Name, IReadOnlyDictionary<string, string> Tags, DateTimeOffset CreatedAt);

/// <summary>A schedule as given, and its progress.</summary>
/// <param name="From">When it starts: its creation or the last update.</param>
internal sealed record Schedule(string Arn, string Name, string Group, DateTimeOffset CreatedAt, DateTimeOffset From)
{
    public required string Expression { get; init; }

    public required ScheduleTarget Target { get; init; }

    public string Timezone { get; set; } = "UTC";

    public DateTimeOffset? StartDate { get; init; }

    public DateTimeOffset? EndDate { get; init; }

    public string State { get; set; } = "ENABLED";

    /// <summary>Null if the flexible time window is OFF.</summary>
    public long? WindowMinutes { get; init; }

    public string? Description { get; init; }

    public string? KmsKeyArn { get; init; }

    public string ActionAfterCompletion { get; set; } = "NONE";

    public string? ClientToken { get; init; }

    /// <summary>The latest occurrence that has happened.</summary>
    public DateTimeOffset? LastOccurrence { get; init; }

    /// <summary>The next occurrence, or null if there is none.</summary>
    /// <param name="after">The occurrence must be later than this.</param>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var schedule = ScheduleExpression.Parse(Expression, ScheduleExpression.Zone(Timezone));
        var start = schedule is OneTimeSchedule ? From : StartDate ?? From;
        var justBefore = start.AddTicks(-1);
        var next = schedule.Next(after > justBefore ? after : justBefore, start);
        return next > EndDate && schedule is not OneTimeSchedule ? null : next;
    }

    /// <summary>Reads CreateSchedule, UpdateSchedule or AWS::Scheduler::Schedule, which have the same members.</summary>
    /// <exception cref="AwsException">ValidationException.</exception>
    public static Schedule Read(JsonObject json, string arn, string name, string group, DateTimeOffset createdAt, DateTimeOffset now)
    {
        var window = json.Object("FlexibleTimeWindow") ?? throw Invalid("FlexibleTimeWindow is required.");
        var schedule = new Schedule(arn, name, group, createdAt, now)
        {
            Expression = json.Required("ScheduleExpression"),
            Target = ScheduleTarget.Read(json.Object("Target") ?? throw Invalid("Target is required.")),
            Timezone = json.Text("ScheduleExpressionTimezone") ?? "UTC",
            StartDate = json.Instant("StartDate"),
            EndDate = json.Instant("EndDate"),
            State = json.Text("State") ?? "ENABLED",
            WindowMinutes = window.Whole("MaximumWindowInMinutes"),
            Description = json.Text("Description"),
            KmsKeyArn = json.Text("KmsKeyArn"),
            ActionAfterCompletion = json.Text("ActionAfterCompletion") ?? "NONE",
            ClientToken = json.Text("ClientToken"),
        };
        schedule.Check(window.Required("Mode"));
        return schedule;
    }

    public JsonObject Write()
    {
        var window = new JsonObject { ["Mode"] = WindowMinutes is null ? "OFF" : "FLEXIBLE" };
        if (WindowMinutes is not null)
        {
            window["MaximumWindowInMinutes"] = WindowMinutes;
        }

        var json = Summary();
        json["ActionAfterCompletion"] = ActionAfterCompletion;
        json["FlexibleTimeWindow"] = window;
        json["ScheduleExpression"] = Expression;
        json["ScheduleExpressionTimezone"] = Timezone;
        json["Target"] = Target.Write();
        foreach (var (name, value) in new[] { ("Description", Description), ("KmsKeyArn", KmsKeyArn) })
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }

        foreach (var (name, value) in new[] { ("StartDate", StartDate), ("EndDate", EndDate) })
        {
            if (value is { } time)
            {
                json[name] = WireJson.Epoch(time);
            }
        }

        return json;
    }

    public JsonObject Summary() => new()
    {
        ["Arn"] = Arn,
        ["Name"] = Name,
        ["GroupName"] = Group,
        ["State"] = State,
        ["CreationDate"] = WireJson.Epoch(CreatedAt),
        ["LastModificationDate"] = WireJson.Epoch(From),
        ["Target"] = new JsonObject { ["Arn"] = Target.Arn },
    };

    private void Check(string mode)
    {
        CheckName(Name);
        var zone = ScheduleExpression.Zone(Timezone);
        try
        {
            ScheduleExpression.Parse(Expression, zone);
        }
        catch (AwsException e)
        {
            // The Scheduler has its own text for an invalid expression, which gives no reason.
            throw new AwsException(e.Code, $"Invalid Schedule Expression {Expression}.");
        }

        if (mode is not ("OFF" or "FLEXIBLE") || (mode == "FLEXIBLE") != (WindowMinutes is >= 1 and <= 1440))
        {
            throw Invalid("FlexibleTimeWindow must be OFF without MaximumWindowInMinutes, or FLEXIBLE with a MaximumWindowInMinutes of 1 to 1440.");
        }

        if (State is not ("ENABLED" or "DISABLED") || ActionAfterCompletion is not ("NONE" or "DELETE"))
        {
            throw Invalid("State must be ENABLED or DISABLED, ActionAfterCompletion NONE or DELETE.");
        }

        if (EndDate <= StartDate)
        {
            throw Invalid("The StartDate must come before the EndDate.");
        }
    }

    public static void CheckName(string name)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw Invalid($"Value '{name}' at 'name' failed to satisfy constraint: [0-9a-zA-Z-_.]+, 1 to 64 characters.");
        }
    }

    private static AwsException Invalid(string reason) => new("ValidationException", reason);
}

/// <summary>The target of a schedule.</summary>
internal sealed record ScheduleTarget(string Arn, string RoleArn)
{
    private static readonly HashSet<string> SupportedMembers = new(StringComparer.Ordinal)
    {
        "Arn", "RoleArn", "Input", "RetryPolicy", "DeadLetterConfig", "SqsParameters", "EventBridgeParameters", "EcsParameters",
    };

    /// <summary>What to start on a cluster.</summary>
    public string? TaskDefinition { get; init; }

    public string? Input { get; init; }

    public long? MaximumRetryAttempts { get; init; }

    public long? MaximumEventAgeInSeconds { get; init; }

    public string? DeadLetterArn { get; init; }

    public string? MessageGroupId { get; init; }

    public string? EventSource { get; init; }

    public string? EventDetailType { get; init; }

    /// <summary>What the embedded cloud does not serve of a target; the ARN may still be empty.</summary>
    public static IEnumerable<string> Refusals(JsonObject json)
    {
        foreach (var (foreign, _) in json.Where(member => !SupportedMembers.Contains(member.Key) && member.Value is not null))
        {
            yield return $"The embedded cloud does not serve Target.{foreign}.";
        }

        var arn = json.Text("Arn") ?? "";
        switch (Common.Arn.ServiceOf(arn))
        {
            case null or "" or "lambda" or "states" or "sqs" or "sns" or "ecs" or "events":
                break;
            case "scheduler":
                yield return $"The embedded cloud does not serve universal targets ({arn}).";
                break;
            case var service:
                yield return $"The embedded cloud does not deliver to '{service}' ({arn}). "
                    + "It delivers to: lambda, states, sqs, sns, events (event buses), ecs.";
                break;
        }
    }

    public static ScheduleTarget Read(JsonObject json)
    {
        if (Refusals(json).FirstOrDefault() is { } refusal)
        {
            throw Invalid(refusal);
        }

        var retry = json.Object("RetryPolicy");
        var target = new ScheduleTarget(json.Required("Arn"), json.Required("RoleArn"))
        {
            Input = json.Text("Input"),
            MaximumRetryAttempts = retry?.Whole("MaximumRetryAttempts"),
            MaximumEventAgeInSeconds = retry?.Whole("MaximumEventAgeInSeconds"),
            DeadLetterArn = json.Object("DeadLetterConfig")?.Text("Arn"),
            MessageGroupId = json.Object("SqsParameters")?.Text("MessageGroupId"),
            TaskDefinition = json.Object("EcsParameters")?.Required("TaskDefinitionArn"),
            EventSource = json.Object("EventBridgeParameters")?.Required("Source"),
            EventDetailType = json.Object("EventBridgeParameters")?.Required("DetailType"),
        };
        target.Check();
        return target;
    }

    public JsonObject Write()
    {
        var json = new JsonObject
        {
            ["Arn"] = Arn,
            ["RoleArn"] = RoleArn,
            ["RetryPolicy"] = new JsonObject
            {
                ["MaximumEventAgeInSeconds"] = MaximumEventAgeInSeconds ?? 86_400,
                ["MaximumRetryAttempts"] = MaximumRetryAttempts ?? 185,
            },
        };
        if (Input is not null)
        {
            json["Input"] = Input;
        }

        if (TaskDefinition is not null)
        {
            json["EcsParameters"] = new JsonObject { ["TaskDefinitionArn"] = TaskDefinition };
        }

        if (DeadLetterArn is not null)
        {
            json["DeadLetterConfig"] = new JsonObject { ["Arn"] = DeadLetterArn };
        }

        if (MessageGroupId is not null)
        {
            json["SqsParameters"] = new JsonObject { ["MessageGroupId"] = MessageGroupId };
        }

        if (EventSource is not null)
        {
            json["EventBridgeParameters"] = new JsonObject { ["DetailType"] = EventDetailType, ["Source"] = EventSource };
        }

        return json;
    }

    private void Check()
    {
        switch (Common.Arn.ServiceOf(Arn))
        {
            case "lambda" or "states" or "sqs" or "sns":
                break;
            case "ecs" when TaskDefinition is not null:
                break;
            case "events" when EventSource is null:
                throw Invalid("EventBridgeParameters are required for an event bus.");
            case "events" when EventSource.StartsWith("aws.", StringComparison.Ordinal):
                throw Invalid("EventBridgeParameters.Source must not begin with 'aws.'.");
            case "events":
                CheckDetail();
                break;
            default:
                throw Invalid($"Provided Arn is not in correct format: {Arn}");
        }

        if (MaximumRetryAttempts is < 0 or > 185 || MaximumEventAgeInSeconds is < 60 or > 86_400)
        {
            throw Invalid("MaximumRetryAttempts must be 0 to 185, MaximumEventAgeInSeconds 60 to 86400.");
        }

        if (DeadLetterArn is not null && (Common.Arn.ServiceOf(DeadLetterArn) != "sqs" || DeadLetterArn.EndsWith(".fifo", StringComparison.Ordinal)))
        {
            throw Invalid("The dead letter queue must be a standard SQS queue.");
        }
    }

    private void CheckDetail()
    {
        try
        {
            if (ClientJson.Parse(Input ?? "{}") is JsonObject)
            {
                return;
            }
        }
        catch (System.Text.Json.JsonException)
        {
            // Reported below.
        }

        throw Invalid("The Input for an event bus must be a JSON object.");
    }

    private static AwsException Invalid(string reason) => new("ValidationException", reason);
}
