using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.StepFunctions;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>Task states against the cloud's own services, without the fixture's ports.</summary>
public sealed class WiredStatesTests : IFunctionHost, IDisposable
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Cloud _cloud;

    public WiredStatesTests() => _cloud = new Cloud(new CloudOptions(), this).Checked();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public async Task LambdaInvoke_ReachesTheFunctionOfTheCloud()
    {
        _cloud.Run(() => _cloud.Lambda.Put(new FunctionConfiguration(
            "f", StatesFixture.FunctionArn("f"), "us-east-1", null, "bootstrap", "provided.al2023", ["x86_64"], new Dictionary<string, string>(),
            TimeSpan.FromSeconds(30), 256, null, null)));

        var ended = await Run(
            """{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload.$": "$"}, "OutputPath": "$.Payload", "End": true}}}""");

        Assert.Equal(("SUCCEEDED", """{"echo":{"x":1}}"""), (ended.Status, ended.Output));
    }

    [Fact]
    public async Task SendMessage_ReturnsTheDigestOfItsAttributes()
    {
        var queues = Sqs("CreateQueue", new JsonObject { ["QueueName"] = "q" });

        var ended = await Run(
            """{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": "m", "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "v"}}}, "End": true}}}""");

        var received = Sqs("ReceiveMessage", new JsonObject { ["QueueUrl"] = (string?)queues["QueueUrl"], ["MessageAttributeNames"] = new JsonArray("All") });
        Assert.Equal(
            (string)received["Messages"]![0]!["MD5OfMessageAttributes"]!, (string?)JsonNode.Parse(ended.Output!)!["MD5OfMessageAttributes"]);
    }

    [Theory]
    [InlineData("lambda:invoke", """{"FunctionName": "none"}""", "Lambda.ResourceNotFoundException")]
    [InlineData("sns:publish", """{"TopicArn": "arn:aws:sns:us-east-1:123456789012:none", "Message": "m"}""", "SNS.NotFoundException")]
    [InlineData("sqs:sendMessage", """{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/none", "MessageBody": "m"}""",
        "SQS.QueueDoesNotExistException")]
    [InlineData("aws-sdk:sqs:receiveMessage", """{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/none"}""", "Sqs.QueueDoesNotExistException")]
    [InlineData("states:startExecution", """{"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:none"}""",
        "StepFunctions.StateMachineDoesNotExistException")]
    public async Task CallsOfUnknownResources_FailWithTheNamesOfTheSdk(string integration, string parameters, string error)
    {
        var ended = await Run(
            $"{{\"StartAt\": \"T\", \"States\": {{\"T\": {{\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::{integration}\", \"Parameters\": {parameters}, \"End\": true}}}}}}");

        Assert.Equal(("FAILED", error), (ended.Status, ended.Error));
    }

    [Theory]
    [InlineData("sqs:sendMessage", """{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody": null}""", "SQS.AmazonSQSException",
        "The request must contain the parameter MessageBody. (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; Request ID: ")]
    [InlineData("sns:publish", """{"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": null}""", "SNS.InvalidParameterException",
        "Invalid parameter: Empty message (Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; Request ID: ")]
    public async Task NullAsMessage_SendsNothing(string integration, string parameters, string error, string cause)
    {
        Sqs("CreateQueue", new JsonObject { ["QueueName"] = "q" });
        _cloud.Handle(new WireRequest(
            "POST", "/", "", new Dictionary<string, string> { ["content-type"] = "application/x-www-form-urlencoded" },
            Encoding.UTF8.GetBytes("Action=CreateTopic&Version=2010-03-31&Name=t"))
        {
            Scope = new CredentialScope("AKID", "us-east-1", "sns"),
        });

        var ended = await Run(
            $"{{\"StartAt\": \"T\", \"States\": {{\"T\": {{\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::{integration}\", \"Parameters\": {parameters}, \"End\": true}}}}}}");

        Assert.Equal(("FAILED", error), (ended.Status, ended.Error));
        Assert.StartsWith(cause, ended.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "ALL", false, """
        1 0 ExecutionStarted {"roleArn":"«role»"}
        2 0 PassStateEntered {"name":"S"}
        3 2 PassStateExited {"name":"S"}
        4 3 ExecutionSucceeded {}
        """)]
    [InlineData(true, "ALL", true, """
        1 0 ExecutionStarted {"roleArn":"«role»","input":"{\"x\":1}","inputDetails":{"truncated":false}}
        2 0 PassStateEntered {"name":"S","input":"{\"x\":1}","inputDetails":{"truncated":false}}
        3 2 PassStateExited {"name":"S","output":"{\"x\":1}","outputDetails":{"truncated":false}}
        4 3 ExecutionSucceeded {"output":"{\"x\":1}","outputDetails":{"truncated":false}}
        """)]
    [InlineData(true, "ERROR", true, "")]
    [InlineData(false, "ERROR", false, """
        2 0 FailStateEntered {"name":"S"}
        3 2 ExecutionFailed {"error":"SomeFailure","cause":"It happens."}
        """)]
    [InlineData(false, "FATAL", true, """3 2 ExecutionFailed {"error":"SomeFailure","cause":"It happens."}""")]
    [InlineData(false, "OFF", true, "")]
    public async Task Events_AreLoggedByTheirLevel(bool succeeds, string level, bool withData, string expected)
    {
        Json("Logs_20140328", "CreateLogGroup", new JsonObject { ["logGroupName"] = "/states" }, "logs");
        var state = succeeds ? """{"Type": "Pass", "End": true}""" : """{"Type": "Fail", "Error": "SomeFailure", "Cause": "It happens."}""";
        var group = new JsonObject { ["logGroupArn"] = "arn:aws:logs:us-east-1:123456789012:log-group:/states:*" };

        await Run("""{"StartAt": "S", "States": {"S": «state»}}""".Replace("«state»", state, StringComparison.Ordinal), new JsonObject
        {
            ["level"] = level,
            ["includeExecutionData"] = withData,
            ["destinations"] = new JsonArray(new JsonObject { ["cloudWatchLogsLogGroup"] = group }),
        });

        var entries = Json("Logs_20140328", "FilterLogEvents", new JsonObject { ["logGroupName"] = "/states" }, "logs")["events"]!.AsArray()
            .Select(entry => JsonNode.Parse((string)entry!["message"]!)!.AsObject()).ToArray();
        Assert.Equal(
            expected.Replace("«role»", StatesFixture.Role, StringComparison.Ordinal),
            string.Join('\n', entries.Select(entry =>
                $"{entry["id"]} {entry["previous_event_id"]} {entry["type"]} {entry["details"]!.ToJsonString(Plain)}")));
        Assert.All(entries, entry => Assert.Equal(
            ["id", "type", "details", "previous_event_id", "event_timestamp", "execution_arn", "redrive_count"], entry.Select(member => member.Key)));
    }

    public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => Task.FromResult(new FunctionOutcome(
        false,
        Encoding.UTF8.GetBytes(new JsonObject { ["echo"] = JsonNode.Parse(invocation.Payload.Span) }.ToJsonString())));

    private JsonNode Sqs(string operation, JsonObject input) => Json("AmazonSQS", operation, input, "sqs");

    private JsonNode Json(string target, string operation, JsonObject input, string service)
    {
        var body = _cloud.Handle(new WireRequest(
            "POST", "/", "", new Dictionary<string, string> { ["x-amz-target"] = $"{target}.{operation}", ["host"] = "127.0.0.1:4566" },
            Encoding.UTF8.GetBytes(input.ToJsonString()))
        {
            Scope = new CredentialScope("AKID", "us-east-1", service),
        }).Body;
        return body.IsEmpty ? new JsonObject() : JsonNode.Parse(body.Span)!;
    }

    private async Task<ExecutionRecord> Run(string definition, JsonObject? logging = null)
    {
        var states = _cloud.StepFunctions;
        var context = new CallContext("us-east-1", "123456789012", "test");
        var execution = _cloud.Run(() => states.StartExecution(
            states.Create(context, new StateMachineRequest("m", definition, StatesFixture.Role, new Dictionary<string, string>()) { Logging = logging }).Arn,
            null,
            """{"x":1}"""));
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);
        return states.Store.Execution(execution)!;
    }
}
