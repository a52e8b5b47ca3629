using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudWatch;

/// <summary>
/// AWS::CloudWatch::Alarm. Ref is the alarm's name; GetAtt has Arn.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
/// </summary>
internal sealed class AlarmType(CloudWatchState alarms) : IResourceType
{
    public string Name => "AWS::CloudWatch::Alarm";

    public IReadOnlySet<string> Properties { get; } = new[]
    {
        "ActionsEnabled", "AlarmActions", "AlarmDescription", "AlarmName", "ComparisonOperator", "DatapointsToAlarm", "Dimensions",
        "EvaluateLowSampleCountPercentile",
        "EvaluationPeriods", "ExtendedStatistic", "InsufficientDataActions", "MetricName", "Metrics", "Namespace", "OKActions", "Period", "Statistic",
        "Threshold",
        "ThresholdMetricId", "TreatMissingData", "Unit",
    }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string> { ["Tags"] = "no operation shows them" };

    public IReadOnlySet<string> Replacing { get; } = new[] { "AlarmName" }.ToFrozenSet();

    public string NameProperty => "AlarmName";

    public Resource Create(ResourceRequest request) => Put(request.Properties.Text("AlarmName") ?? PhysicalName.For(request, 255), request);

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(physicalId, request);

    public void Delete(string physicalId, string region) => alarms.Remove(region, physicalId);

    private Resource Put(string name, ResourceRequest request) =>
        new(name, new Dictionary<string, string> { ["Arn"] = alarms.Put(request.Region, name, request.Properties.DeepClone().AsObject()).Arn });
}
