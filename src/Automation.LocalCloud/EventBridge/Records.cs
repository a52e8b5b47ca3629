using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>A custom event bus. The default bus of every Region always exists and is not stored.</summary>
internal sealed record EventBus(string Arn, string Name, string? Description, IReadOnlyDictionary<string, string> Tags, DateTimeOffset CreatedAt);

/// <summary>A rule: a pattern, a schedule, or both, and its targets.</summary>
/// <param name="ScheduledFrom">When its schedule starts: its creation, or the last change of schedule or state.</param>
internal sealed record Rule(string Arn, string Name, string BusArn, DateTimeOffset ScheduledFrom)
{
    public string? Pattern { get; init; }

    public string? Schedule { get; init; }

    public string State { get; set; } = "ENABLED";

    public string? Description { get; init; }

    public string? RoleArn { get; init; }

    public IReadOnlyList<RuleTarget> Targets { get; set; } = [];

    /// <summary>When its schedule last published an event.</summary>
    public DateTimeOffset FiredAt { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    public bool Enabled => State != "DISABLED";

    public string BusName => BusArn[(BusArn.LastIndexOf('/') + 1)..];
}

/// <summary>A target of a rule; at most one of <see cref="Input"/>, <see cref="InputPath"/> and <see cref="Template"/> is set.</summary>
internal sealed record RuleTarget(string Id, string Arn)
{
    private static readonly HashSet<string> SupportedMembers = new(StringComparer.Ordinal)
    {
        "Id", "Arn", "RoleArn", "Input", "InputPath", "InputTransformer", "SqsParameters", "DeadLetterConfig", "RetryPolicy", "EcsParameters",
    };

    /// <summary>What to start on a cluster.</summary>
    public string? TaskDefinition { get; init; }

    public string? RoleArn { get; init; }

    public string? Input { get; init; }

    public string? InputPath { get; init; }

    public IReadOnlyDictionary<string, string> Paths { get; set; } = new Dictionary<string, string>();

    public string? Template { get; init; }

    public string? MessageGroupId { get; init; }

    public string? DeadLetterArn { get; init; }

    public long? MaximumRetryAttempts { get; init; }

    public long? MaximumEventAgeInSeconds { get; init; }

    /// <summary>Reads a Target of PutTargets, or of AWS::Events::Rule, which has the same members.</summary>
    /// <exception cref="AwsException">ValidationException: the target is not valid, or the cloud does not deliver to this kind of target.</exception>
    public static RuleTarget Read(JsonObject json)
    {
        var transformer = json.Object("InputTransformer");
        var retry = json.Object("RetryPolicy");
        var target = new RuleTarget(json.Required("Id"), json.Required("Arn"))
        {
            RoleArn = json.Text("RoleArn"),
            Input = json.Text("Input"),
            InputPath = json.Text("InputPath"),
            Paths = transformer?.Map("InputPathsMap") ?? [],
            Template = transformer?.Required("InputTemplate"),
            MessageGroupId = json.Object("SqsParameters")?.Text("MessageGroupId"),
            TaskDefinition = json.Object("EcsParameters")?.Required("TaskDefinitionArn"),
            DeadLetterArn = json.Object("DeadLetterConfig")?.Text("Arn"),
            MaximumRetryAttempts = retry?.Whole("MaximumRetryAttempts"),
            MaximumEventAgeInSeconds = retry?.Whole("MaximumEventAgeInSeconds"),
        };
        target.Check(json);
        return target;
    }

    /// <summary>PutTargets makes these checks before it finds the rule.</summary>
    /// <exception cref="AwsException">ValidationException: the ARN names no service, or a FIFO queue gets no message group.</exception>
    public static void CheckForm(JsonObject json)
    {
        var arn = json.Required("Arn");
        if (Common.Arn.ServiceOf(arn) is not { Length: > 0 } service)
        {
            throw new AwsException("ValidationException", $"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.");
        }

        if (service == "sqs" && arn.EndsWith(".fifo", StringComparison.Ordinal) && json.Object("SqsParameters")?.Text("MessageGroupId") is null)
        {
            // Recorded: https://github.com/hashicorp/terraform/issues/20263
            throw new AwsException("ValidationException", $"Parameter(s) SqsParameters must be specified for target: {json.Required("Id")}.");
        }
    }

    public JsonObject Write()
    {
        var json = new JsonObject { ["Id"] = Id, ["Arn"] = Arn };
        Add(json, "RoleArn", RoleArn);
        Add(json, "Input", Input);
        Add(json, "InputPath", InputPath);
        if (Template is not null)
        {
            json["InputTransformer"] = new JsonObject { ["InputPathsMap"] = JsonMembers.ToMap(Paths), ["InputTemplate"] = Template };
        }

        if (MessageGroupId is not null)
        {
            json["SqsParameters"] = new JsonObject { ["MessageGroupId"] = MessageGroupId };
        }

        if (TaskDefinition is not null)
        {
            json["EcsParameters"] = new JsonObject { ["TaskDefinitionArn"] = TaskDefinition };
        }

        if (DeadLetterArn is not null)
        {
            json["DeadLetterConfig"] = new JsonObject { ["Arn"] = DeadLetterArn };
        }

        if (MaximumRetryAttempts is not null || MaximumEventAgeInSeconds is not null)
        {
            var retry = new JsonObject();
            if (MaximumRetryAttempts is not null)
            {
                retry["MaximumRetryAttempts"] = MaximumRetryAttempts;
            }

            if (MaximumEventAgeInSeconds is not null)
            {
                retry["MaximumEventAgeInSeconds"] = MaximumEventAgeInSeconds;
            }

            json["RetryPolicy"] = retry;
        }

        return json;
    }

    private static void Add(JsonObject json, string name, string? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    private void Check(JsonObject json)
    {
        if (json.FirstOrDefault(member => !SupportedMembers.Contains(member.Key) && member.Value is not null).Key is { } foreign)
        {
            throw Invalid($"the embedded cloud does not serve {foreign}.");
        }

        CheckForm(json);
        switch (Common.Arn.ServiceOf(Arn))
        {
            case "lambda" or "states" or "sns" or "sqs":
                break;
            case "events" when Arn.Contains(":event-bus/", StringComparison.Ordinal):
                break;
            case "ecs" when TaskDefinition is not null:
                break;
            case "imagebuilder" when Arn.Contains(":image-pipeline/", StringComparison.Ordinal):
                break;
            case var service:
                throw Invalid(
                    $"the embedded cloud does not deliver to '{service}' ({Arn}). "
                    + "It delivers to: lambda, states, sns, sqs, events (event buses), ecs, imagebuilder (pipelines).");
        }

        if (new[] { Input, InputPath, Template }.Count(given => given is not null) > 1)
        {
            throw new AwsException("ValidationException", $"Only one of Input, InputPath, or InputTransformer must be provided for target {Id}.");
        }

        if (MaximumRetryAttempts is < 0 or > 185 || MaximumEventAgeInSeconds is < 60 or > 86_400)
        {
            throw Invalid("MaximumRetryAttempts must be 0 to 185, MaximumEventAgeInSeconds 60 to 86400.");
        }

        if (DeadLetterArn is not null && (Common.Arn.ServiceOf(DeadLetterArn) != "sqs" || DeadLetterArn.EndsWith(".fifo", StringComparison.Ordinal)))
        {
            throw Invalid("a dead letter queue must be a standard SQS queue.");
        }

        if (InputPath is not null && !JsonPath.IsValid(InputPath))
        {
            throw Invalid($"'{InputPath}' is not a valid InputPath.");
        }

        if (Template is not null)
        {
            InputTransformer.Check(Id, Paths, Template);
        }

        if (Input is not null)
        {
            try
            {
                JsonNode.Parse(Input, documentOptions: ClientJson.Deep);
            }
            catch (System.Text.Json.JsonException e)
            {
                throw new AwsException("ValidationException", $"JSON syntax error in input for target {Id} : {e.Message}");
            }
        }

        AwsException Invalid(string reason) => new("ValidationException", $"Target {Id}: {reason}");
    }
}
