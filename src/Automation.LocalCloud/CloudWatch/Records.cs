using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudWatch;

/// <summary>An alarm with its settings as a template or PutMetricAlarm gives them; DescribeAlarms has the same names.</summary>
internal sealed record Alarm(string Region, string Name, string Arn, JsonObject Settings, DateTimeOffset ConfiguredAt);
