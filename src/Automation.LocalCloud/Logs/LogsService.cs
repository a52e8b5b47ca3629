using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Logs;

/// <summary>
/// CloudWatch Logs: groups with their retention, and the newest lines of functions. The lines are in memory only, because they show what happens and
/// decide nothing. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
/// </summary>
public sealed class LogsService : JsonRpcService, ILogs
{
    /// <summary>The number of events that are kept of each group.</summary>
    internal const int MaxKept = 2_000;

    /// <summary>The default of FilterLogEvents.</summary>
    private const int MaxEvents = 10_000;


    /// <summary>https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html</summary>
    private static readonly int[] Retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

    private static readonly string[] Unserved = ["logStreamNames", "logStreamNamePrefix", "startFromHead", "unmask"];

    private static readonly string[] Times = ["startTime", "endTime"];

    private readonly Engine _engine;
    private readonly Table<LogGroup> _groups;
    private readonly Dictionary<string, Queue<LogEvent>> _events = new(StringComparer.Ordinal);
    private long _written;

    public LogsService(Engine engine)
        : base("logs", "Logs_20140328", "1.1")
    {
        _engine = engine;
        _groups = new Table<LogGroup>("logs.groups", engine.Store, () => LogsJson.Default.LogGroup);
        ResourceTypes = [new LogGroupType(this)];
    }

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    /// <exception cref="AwsException">The group exists already.</exception>
    internal void Create(string region, string name, string? key, int? retention)
    {
        if (_groups.Find(Key(region, name)) is not null)
        {
            throw new AwsException("ResourceAlreadyExistsException", "The specified log group already exists");
        }

        _groups.Set(Key(region, name), new LogGroup(region, name, retention, key, _engine.Clock.Now));
    }

    /// <exception cref="AwsException">The group does not exist.</exception>
    internal void Change(string region, string name, Func<LogGroup, LogGroup> change) => _groups.Set(Key(region, name), change(Required(region, name)));

    internal bool Remove(string region, string name)
    {
        _events.Remove(Key(region, name));
        return _groups.Remove(Key(region, name));
    }

    bool ILogs.Has(string region, string group) => _groups.Find(Key(region, group)) is not null;

    void ILogs.Write(string region, string group, string stream, string message)
    {
        if (_groups.Find(Key(region, group)) is null)
        {
            return;
        }

        if (!_events.TryGetValue(Key(region, group), out var events))
        {
            _events.Add(Key(region, group), events = new Queue<LogEvent>());
        }

        events.Enqueue(new LogEvent(++_written, _engine.Clock.Now, stream, message));
        if (events.Count > MaxKept)
        {
            events.Dequeue();
        }
    }

    internal string Arn(string region, string name) => new Arn("logs", region, _engine.Options.AccountId, $"log-group:{name}").ToString();

    /// <exception cref="AwsException">CloudWatch Logs does not have this period.</exception>
    internal static int Allowed(int days) => Retentions.Contains(days)
        ? days
        : throw new AwsException(
            "InvalidParameterException",
            $"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [{string.Join(", ", Retentions)}]");

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        var region = context.Region;
        switch (operation)
        {
            case "CreateLogGroup":
                Create(region, input.Required("logGroupName"), input.Text("kmsKeyId"), null);
                return [];
            case "DeleteLogGroup":
                Remove(region, Required(region, input.Required("logGroupName")).Name);
                return [];
            case "DescribeLogGroups":
                return Describe(region, input);
            case "FilterLogEvents":
                return Filter(region, input);
            case "PutRetentionPolicy":
                var days = Allowed((int)(input.Whole("retentionInDays") ?? 0));
                Change(region, input.Required("logGroupName"), group => group with { RetentionInDays = days });
                return [];
            case "DeleteRetentionPolicy":
                Change(region, input.Required("logGroupName"), group => group with { RetentionInDays = null });
                return [];
            default:
                throw WireJson.UnknownOperation("logs", operation);
        }
    }

    // {"logGroupIdentifiers":["/aws/lambda/app"]}, {"logGroupNamePrefix":"/aws/"}, {"logGroupNamePattern":"lambda"}
    private JsonObject Describe(string region, JsonObject input)
    {
        var (prefix, pattern) = (input.Text("logGroupNamePrefix"), input.Text("logGroupNamePattern"));
        if (prefix is not null && pattern is not null)
        {
            throw new AwsException("InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
        }

        var identifiers = input.Texts("logGroupIdentifiers");
        var found = _groups.Values
            .Where(group => group.Region == region
                && (identifiers.Count == 0 || identifiers.Contains(group.Name) || identifiers.Contains(Arn(region, group.Name)))
                && (prefix is null || group.Name.StartsWith(prefix, StringComparison.Ordinal))
                && (pattern is null || group.Name.Contains(pattern, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(group => group.Name, StringComparer.Ordinal)
            .ToList();
        var (page, next) = Paging.Take(found, (int)(input.Whole("limit") ?? 50), input.Text("nextToken"), "InvalidParameterException");
        return Paging.With(new JsonObject { ["logGroups"] = new JsonArray([.. page.Select(Members)]) }, next, "nextToken");
    }

    // {"logGroupName":"/app/log","startTime":1767600000000,"endTime":1767603600000,"filterPattern":"?ERROR ?WARN","limit":100}
    private JsonObject Filter(string region, JsonObject input)
    {
        if (Array.Find(Unserved, member => input[member] is not null) is { } unserved)
        {
            throw new AwsException("InvalidParameterException", $"The embedded cloud does not filter events by {unserved}.");
        }

        if (Array.Find(Times, member => input.Whole(member) < 0) is { } early)
        {
            throw new AwsException(
                "InvalidParameterException",
                $"Value at '{early}' failed to satisfy constraint: Member must have value greater than or equal to 0");
        }

        var group = Required(region, input.Text("logGroupName") ?? input.Text("logGroupIdentifier")?.Split(":log-group:")[^1]
            ?? throw new AwsException("InvalidParameterException", "logGroupName or logGroupIdentifier is required."));
        var (start, end) = (input.Whole("startTime") ?? 0, input.Whole("endTime") ?? long.MaxValue);
        var limit = (int)(input.Whole("limit") ?? MaxEvents);
        var pattern = FilterPattern.Parse(input.Text("filterPattern"));
        var expired = group.RetentionInDays is { } days ? _engine.Clock.Now.AddDays(-days) : DateTimeOffset.MinValue;
        var found = _events.GetValueOrDefault(Key(region, group.Name), [])
            .Where(each => each.At >= expired && each.At.ToUnixTimeMilliseconds() >= start && each.At.ToUnixTimeMilliseconds() <= end
                && pattern.Matches(each.Message))
            .ToList();
        var (page, next) = Paging.Take(found, limit, input.Text("nextToken"), "InvalidParameterException");
        return Paging.With(
            new JsonObject
            {
                ["events"] = new JsonArray([.. page.Select(each => new JsonObject
                {
                    ["logStreamName"] = each.Stream,
                    ["timestamp"] = each.At.ToUnixTimeMilliseconds(),
                    ["message"] = each.Message,
                    ["ingestionTime"] = each.At.ToUnixTimeMilliseconds(),
                    ["eventId"] = each.Number.ToString("D56", CultureInfo.InvariantCulture),
                })]),
                ["searchedLogStreams"] = new JsonArray(),
            },
            next, "nextToken");
    }

    private JsonObject Members(LogGroup group)
    {
        var members = new JsonObject
        {
            ["logGroupName"] = group.Name,
            ["creationTime"] = group.CreatedAt.ToUnixTimeMilliseconds(),
            ["metricFilterCount"] = 0,
            ["arn"] = $"{Arn(group.Region, group.Name)}:*",
            ["storedBytes"] = 0,
            ["logGroupClass"] = "STANDARD",
            ["logGroupArn"] = Arn(group.Region, group.Name),
        };
        if (group.RetentionInDays is { } days)
        {
            members["retentionInDays"] = days;
        }

        if (group.KmsKeyId is { } key)
        {
            members["kmsKeyId"] = key;
        }

        return members;
    }

    private LogGroup Required(string region, string name) => _groups.Find(Key(region, name))
        ?? throw new AwsException("ResourceNotFoundException", "The specified log group does not exist.");

    private static string Key(string region, string name) => $"{region}/{name}";
}
