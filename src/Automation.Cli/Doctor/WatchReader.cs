using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Automation.Cli.Doctor;

/// <summary>Reads the stack's alarms and log groups in batches, because their services allow only a few calls per second.</summary>
/// <param name="resources">The resources of the stack.</param>
/// <param name="template">Null if there is no template to compare with.</param>
internal sealed class WatchReader(SignedCalls calls, DoctorScope scope, IReadOnlyList<StackResource> resources, DeployedTemplate? template)
{
    /// <summary>https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html</summary>
    private const int AlarmsPerCall = 100;

    /// <summary>https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html</summary>
    private const int GroupsPerCall = 50;

    private Dictionary<string, XElement>? _alarms;
    private Dictionary<string, JsonNode>? _groups;

    public async Task<ResourceState> AlarmAsync(StackResource alarm, CancellationToken cancellationToken)
    {
        _alarms ??= await AlarmsAsync(cancellationToken);
        var found = Found(_alarms, alarm);
        var description = Member(found, "AlarmDescription") ?? "Look at the alarm's metric.";
        var drift = new Drift(template, alarm.LogicalId);
        foreach (var (what, name) in ((string, string)[])
            [
                ("namespace", "Namespace"), ("metric", "MetricName"), ("statistic", "Statistic"), ("period", "Period"),
                ("number of periods", "EvaluationPeriods"),
                ("number of datapoints", "DatapointsToAlarm"), ("comparison", "ComparisonOperator"), ("treatment of missing data", "TreatMissingData"),
            ])
        {
            drift.Compare(what, name, Member(found, name));
        }

        // The service writes 1 as 1.0.
        drift.Compare("threshold", "Threshold", double.TryParse(Member(found, "Threshold"), CultureInfo.InvariantCulture, out var threshold) ? threshold : null)
            .CompareList("set of dimensions", "Dimensions",
                new JsonArray([
                    .. Items(found, "Dimensions")
                        .Select(item => (JsonNode)new JsonObject { ["Name"] = Member(item, "Name"), ["Value"] = Member(item, "Value") })
                ]))
            .CompareList("list of actions", "AlarmActions", Texts(found, "AlarmActions"))
            .CompareList("list of actions for missing data", "InsufficientDataActions", Texts(found, "InsufficientDataActions"));
        return new ResourceState
        {
            Defect = Member(found, "ActionsEnabled") == "false" ? "has its actions disabled, so it notifies no one" : drift.Defect,
            Alarm = new AlarmState(Member(found, "StateValue") ?? "", Member(found, "StateReason") ?? "", description),
        };
    }

    // {"logGroups":[{"logGroupName":"…","retentionInDays":90}]}; without a retention period, events never expire.
    public async Task<ResourceState> LogGroupAsync(StackResource group, CancellationToken cancellationToken)
    {
        _groups ??= await GroupsAsync(cancellationToken);
        var found = Found(_groups, group);
        return new ResourceState
        {
            Defect = new Drift(template, group.LogicalId)
                .ComparePresence("retention", "RetentionInDays", found["retentionInDays"] is not null)
                .Compare("retention in days", "RetentionInDays", found["retentionInDays"])
                .Defect,
        };
    }

    // <MetricAlarms><member><AlarmName/><StateValue/>…</member></MetricAlarms>
    private async Task<Dictionary<string, XElement>> AlarmsAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, XElement>(StringComparer.Ordinal);
        foreach (var names in Names("AWS::CloudWatch::Alarm").Chunk(AlarmsPerCall))
        {
            var parameters = names.Select((name, i) => (string.Create(CultureInfo.InvariantCulture, $"AlarmNames.member.{i + 1}"), name))
                .Append(("MaxRecords", AlarmsPerCall.ToString(CultureInfo.InvariantCulture)));
            foreach (var alarm in (await calls.QueryAsync(scope.Region, AwsApi.CloudWatch, "DescribeAlarms", parameters, cancellationToken))
                .Members("MetricAlarms"))
            {
                found[Member(alarm, "AlarmName")!] = alarm;
            }
        }

        return found;
    }

    private async Task<Dictionary<string, JsonNode>> GroupsAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var names in Names("AWS::Logs::LogGroup").Chunk(GroupsPerCall))
        {
            var input = new JsonObject { ["logGroupIdentifiers"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]) };
            foreach (var group in (await calls.JsonAsync(scope.Region, AwsApi.Logs, "DescribeLogGroups", input, cancellationToken))["logGroups"] as JsonArray
                ?? [])
            {
                found[group!["logGroupName"]!.ToString()] = group;
            }
        }

        return found;
    }

    private static T Found<T>(Dictionary<string, T> all, StackResource resource) =>
        all.TryGetValue(resource.PhysicalId, out var found)
            ? found
            : throw new CallException("ResourceNotFoundException", $"{resource.PhysicalId} does not exist");

    private IEnumerable<string> Names(string type) => resources.Where(resource => resource.Type == type).Select(resource => resource.PhysicalId);

    private static string? Member(XElement element, string name) => element.Elements().FirstOrDefault(child => child.Name.LocalName == name)?.Value;

    private static IEnumerable<XElement> Items(XElement element, string list) => element.Elements().Where(child => child.Name.LocalName == list).Elements();

    private static JsonArray Texts(XElement element, string list) => new([.. Items(element, list).Select(item => JsonValue.Create(item.Value))]);
}
