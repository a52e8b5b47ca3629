using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.CloudWatch;

/// <summary>Alarms and log groups of a stack, as tools read and change them.</summary>
public sealed class AlarmTests : IDisposable
{
    private const string Template = """
        {"Resources":{
          "Silent":{"Type":"AWS::CloudWatch::Alarm","Properties":{"AlarmName":"silent","Namespace":"AWS/Lambda","MetricName":"Invocations","Statistic":"Sum",
            "Dimensions":[{"Name":"FunctionName","Value":"worker"}],"Period":86400,"EvaluationPeriods":2,"Threshold":1,"ComparisonOperator":"LessThanThreshold",
            "TreatMissingData":"missing","AlarmActions":["arn:aws:sns:us-east-1:123456789012:alerts"]}},
          "Depth":{"Type":"AWS::CloudWatch::Alarm","Properties":{"AlarmName":"depth","Namespace":"AWS/SQS","MetricName":"ApproximateNumberOfMessagesVisible",
            "Statistic":"Maximum","Period":300,"EvaluationPeriods":1,"Threshold":1,"ComparisonOperator":"GreaterThanOrEqualToThreshold"}},
          "Log":{"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":"/app/log","RetentionInDays":90}}}}
        """;

    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();

    public AlarmTests() => _cloud.Run(() => _cloud.Stacks.Create(new StackSource("app", Template)));

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void DescribeAlarms_HasTheSettingsOfTheStack()
    {
        var alarm = Describe("silent");

        Assert.Equal(("INSUFFICIENT_DATA", "true", "1.0", "86400"),
            (Value(alarm, "StateValue"), Value(alarm, "ActionsEnabled"), Value(alarm, "Threshold"), Value(alarm, "Period")));
        Assert.Equal("arn:aws:cloudwatch:us-east-1:123456789012:alarm:silent", Value(alarm, "AlarmArn"));
        Assert.Equal("worker", Value(alarm, "Value"));
    }

    [Fact]
    public async Task AlarmOnInvocations_FollowsTheRunsOfTheFunction()
    {
        _cloud.Run(() => _cloud.Metrics.Count("us-east-1", "worker", failed: false));
        Assert.Equal("OK", Value(Describe("silent"), "StateValue"));

        await _cloud.AdvanceAsync(TimeSpan.FromDays(3), TestContext.Current.CancellationToken);
        Assert.Equal("INSUFFICIENT_DATA", Value(Describe("silent"), "StateValue"));
    }

    // The embedded cloud has no data on queue depth, so the alarm stays in INSUFFICIENT_DATA.
    [Fact]
    public void AlarmOnAnotherMetric_StaysInItsFirstState() => Assert.Equal("INSUFFICIENT_DATA", Value(Describe("depth"), "StateValue"));

    [Fact]
    public void DisableAlarmActions_IsSeenUntilTheyAreEnabled()
    {
        Query("DisableAlarmActions", ("AlarmNames.member.1", "silent"));
        Assert.Equal("false", Value(Describe("silent"), "ActionsEnabled"));

        Query("EnableAlarmActions", ("AlarmNames.member.1", "silent"));
        Assert.Equal("true", Value(Describe("silent"), "ActionsEnabled"));
    }

    [Fact]
    public void DescribeAlarms_TakesPagesAndPrefixes()
    {
        var first = Query("DescribeAlarms", ("MaxRecords", "1"));
        Assert.Equal("depth", Value(first, "AlarmName"));
        Assert.Equal("silent", Value(Query("DescribeAlarms", ("MaxRecords", "1"), ("NextToken", Value(first, "NextToken")!)), "AlarmName"));
        Assert.Equal("silent", Value(Query("DescribeAlarms", ("AlarmNamePrefix", "si")), "AlarmName"));
    }

    // Newer clients of AWS send JSON and not AWS Query.
    [Fact]
    public void JsonProtocol_HasTheSameAnswersAndErrors()
    {
        var alarm =
            JsonNode.Parse(Text(Send("monitoring", """{"AlarmNames":["silent"]}""", "GraniteServiceVersion20100801.DescribeAlarms")))!["MetricAlarms"]![0]!;
        Assert.Equal(("silent", 1.0, true, 86400),
            ((string)alarm["AlarmName"]!, (double)alarm["Threshold"]!, (bool)alarm["ActionsEnabled"]!, (int)alarm["Period"]!));
        Assert.Equal(JsonValueKind.Number, alarm["StateUpdatedTimestamp"]!.GetValueKind());

        var missing = Send("monitoring", """{"AlarmNames":["nobody"]}""", "GraniteServiceVersion20100801.DeleteAlarms");
        Assert.Equal((404, "ResourceNotFound;Sender"), (missing.Status, missing.Headers["x-amzn-query-error"]));
    }

    [Theory]
    [InlineData("DeleteAlarms", "AlarmNames.member.1", "nobody", "<Code>ResourceNotFound</Code>")]
    [InlineData("DescribeAlarms", "NextToken", "other", "<Code>InvalidNextToken</Code>")]
    [InlineData("DescribeAlarms", "StateValue", "GONE", "<Code>ValidationError</Code>")]
    [InlineData("PutCompositeAlarm", "AlarmName", "all", "The embedded cloud does not serve cloudwatch:PutCompositeAlarm")]
    public void WrongRequest_IsRefused(string operation, string parameter, string value, string expected) =>
        Assert.Contains(expected, Text(Send("monitoring", $"Action={operation}&{parameter}={value}", null)), StringComparison.Ordinal);

    [Fact]
    public void LogGroup_HasTheRetentionOfTheStackUntilAPersonChangesIt()
    {
        Assert.Contains("\"retentionInDays\":90", Logs("DescribeLogGroups", """{"logGroupIdentifiers":["/app/log"]}"""), StringComparison.Ordinal);

        Logs("PutRetentionPolicy", """{"logGroupName":"/app/log","retentionInDays":7}""");
        Assert.Contains("\"retentionInDays\":7", Logs("DescribeLogGroups", """{"logGroupNamePrefix":"/app"}"""), StringComparison.Ordinal);

        Logs("DeleteRetentionPolicy", """{"logGroupName":"/app/log"}""");
        Assert.DoesNotContain("retentionInDays", Logs("DescribeLogGroups", """{"logGroupNamePattern":"LOG"}"""), StringComparison.Ordinal);

        Logs("DeleteLogGroup", """{"logGroupName":"/app/log"}""");
        Assert.Equal("""{"logGroups":[]}""", Logs("DescribeLogGroups", "{}"));
    }

    [Fact]
    public async Task FilterLogEvents_FindsTermsAndTimesPageByPage()
    {
        var start = _cloud.Run(() => _cloud.Clock.Now).ToUnixTimeMilliseconds();
        Write("/app/log", "ERROR first");
        Write("/other", "ERROR lost, because there is no such group");
        await _cloud.AdvanceAsync(TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        Write("/app/log", "WARN \"exit code 1\"");
        Write("/app/log", "fine");

        Assert.Equal(["ERROR first", "WARN \"exit code 1\"", "fine"], Messages("""{"logGroupName":"/app/log"}"""));
        Assert.Equal(["ERROR first", "WARN \"exit code 1\""], Messages("""{"logGroupName":"/app/log","filterPattern":"?ERROR ?WARN"}"""));
        Assert.Equal(["WARN \"exit code 1\""], Messages("""{"logGroupName":"/app/log","filterPattern":"WARN \"exit code 1\""}"""));
        Assert.Equal([], Messages("""{"logGroupName":"/app/log","filterPattern":"WARN first"}"""));
        Assert.Equal([], Messages("""{"logGroupName":"/app/log","filterPattern":"error"}"""));
        Assert.Equal(
            ["WARN \"exit code 1\"", "fine"],
            Messages($$"""{"logGroupIdentifier":"arn:aws:logs:us-east-1:123456789012:log-group:/app/log","startTime":{{start + 1}}}"""));
        Assert.Equal(["ERROR first"], Messages($$"""{"logGroupName":"/app/log","endTime":{{start}}}"""));
        Assert.Equal(["WARN \"exit code 1\""], Messages("""{"logGroupName":"/app/log","limit":1,"nextToken":"1"}"""));
        Assert.Contains("\"nextToken\":\"1\"", Logs("FilterLogEvents", """{"logGroupName":"/app/log","limit":1}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LogEvents_ExpireAndGoWithTheirGroup()
    {
        Write("/app/log", "old");
        await _cloud.AdvanceAsync(TimeSpan.FromDays(91), TestContext.Current.CancellationToken);
        Write("/app/log", "new");

        Assert.Equal(["new"], Messages("""{"logGroupName":"/app/log"}"""));

        Logs("DeleteLogGroup", """{"logGroupName":"/app/log"}""");
        Logs("CreateLogGroup", """{"logGroupName":"/app/log"}""");
        Assert.Equal([], Messages("""{"logGroupName":"/app/log"}"""));
    }

    [Theory]
    [InlineData("CreateLogGroup", """{"logGroupName":"/app/log"}""", "ResourceAlreadyExistsException")]
    [InlineData("DeleteLogGroup", """{"logGroupName":"/other"}""", "ResourceNotFoundException")]
    [InlineData("PutRetentionPolicy", """{"logGroupName":"/app/log","retentionInDays":8}""", "InvalidParameterException")]
    [InlineData("DescribeLogGroups", """{"logGroupNamePrefix":"a","logGroupNamePattern":"a"}""", "InvalidParameterException")]
    [InlineData("DescribeLogGroups", """{"limit":51}""", "InvalidParameterException")]
    [InlineData("FilterLogEvents", """{"logGroupName":"/other"}""", "ResourceNotFoundException")]
    [InlineData("FilterLogEvents", "{}", "logGroupName or logGroupIdentifier is required")]
    [InlineData("FilterLogEvents", """{"logGroupName":"/app/log","filterPattern":"{ $.level = \"Error\" }"}""", "does not evaluate the filter pattern")]
    [InlineData("FilterLogEvents", """{"logGroupName":"/app/log","filterPattern":"-ERROR"}""", "does not evaluate the filter pattern")]
    [InlineData("FilterLogEvents", """{"logGroupName":"/app/log","logStreamNames":["one"]}""", "does not filter events by logStreamNames")]
    [InlineData("FilterLogEvents", """{"logGroupName":"/app/log","limit":10001}""", "InvalidParameterException")]
    [InlineData("PutLogEvents", """{"logGroupName":"/app/log"}""", "does not serve logs:PutLogEvents")]
    public void WrongRequestOfLogs_IsRefused(string operation, string body, string expected) =>
        Assert.Contains(expected, Logs(operation, body), StringComparison.Ordinal);

    private void Write(string group, string message) => _cloud.Run(() => _cloud.Logs.Write("us-east-1", group, "stream", message));

    private IEnumerable<string> Messages(string body) =>
        JsonNode.Parse(Logs("FilterLogEvents", body))!["events"]!.AsArray().Select(each => each!["message"]!.ToString());

    private XElement Describe(string name) => Query("DescribeAlarms", ("AlarmNames.member.1", name));

    private XElement Query(string action, params (string Name, string Value)[] parameters)
    {
        var form = string.Concat(parameters.Select(parameter => $"&{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));
        var answer = Send("monitoring", $"Action={action}{form}", null);
        Assert.True(answer.Status == 200, Text(answer));
        return XElement.Parse(Text(answer));
    }

    private string Logs(string operation, string body) => Text(Send("logs", body, $"Logs_20140328.{operation}"));

    private WireResponse Send(string service, string body, string? target)
    {
        var headers = new Dictionary<string, string> { ["host"] = "127.0.0.1" };
        if (target is not null)
        {
            headers["x-amz-target"] = target;
        }

        return _cloud.Handle(
            new WireRequest("POST", "/", "", headers, Encoding.UTF8.GetBytes(body)) { Scope = new CredentialScope("AKIDTEST", "us-east-1", service) });
    }

    private static string? Value(XElement document, string name) => document.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    private static string Text(WireResponse response) => Encoding.UTF8.GetString(response.Body.Span);
}
