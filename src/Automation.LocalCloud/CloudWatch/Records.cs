using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudWatch;

/// <summary>An alarm with the settings of its template or PutMetricAlarm. DescribeAlarms returns the same names.</summary>
internal sealed record Alarm(string Region, string Name, string Arn, JsonObject Settings, DateTimeOffset ConfiguredAt);
