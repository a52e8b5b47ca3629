using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Logs;

/// <summary>
/// CloudWatch Logs: groups with their retention. Events are not kept: the journal has the output of functions.
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
/// </summary>
public sealed class LogsService : JsonRpcService
{
    /// <summary>https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html</summary>
    private static readonly int[] Retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

    private readonly Engine _engine;
    private readonly Table<LogGroup> _groups;

    public LogsService(Engine engine)
        : base("logs", "Logs_20140328", "1.1")
    {
        _engine = engine;
        _groups = new Table<LogGroup>("logs.groups", engine.Store);
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

    internal bool Remove(string region, string name) => _groups.Remove(Key(region, name));

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
