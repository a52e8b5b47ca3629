using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Tests.EventBridge;
using Xunit;

namespace Automation.LocalCloud.Tests.Sqs;

/// <summary>Tasks that move dead letters, as recorded on AWS.</summary>
public sealed class MoveTaskTests : IDisposable
{
    private static readonly string Source = MessagingFixture.QueueArn("dead");

    private readonly MessagingFixture _cloud = new();
    private readonly string _dead;
    private readonly string _destination;

    public MoveTaskTests()
    {
        _dead = _cloud.CreateQueue("dead");
        _destination = _cloud.CreateQueue("destination");
        var queue = _cloud.CreateQueue("q", ("RedrivePolicy", $$"""{"deadLetterTargetArn":"{{Source}}","maxReceiveCount":1}"""));
        for (var i = 0; i < 4; i++)
        {
            _cloud.Json("sqs", "SendMessage", new JsonObject { ["QueueUrl"] = queue, ["MessageBody"] = $"message-{i}" });
        }

        for (var i = 0; i < 2; i++)
        {
            _cloud.Json("sqs", "ReceiveMessage", new JsonObject { ["QueueUrl"] = queue, ["MaxNumberOfMessages"] = 10, ["VisibilityTimeout"] = 0 });
        }
    }

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void Start_WithoutARate_MovesAllAtOnce()
    {
        var handle = Start();

        Assert.Equal(4, _cloud.Receive(_destination).Count);
        Assert.Empty(_cloud.Receive(_dead));
        var task = Task();
        Assert.Equal(("COMPLETED", 4, 4), ((string?)task["Status"], (int)task["ApproximateNumberOfMessagesMoved"]!, (int)task["ApproximateNumberOfMessagesToMove"]!));
        Assert.Null(task["TaskHandle"]);
        var decoded = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(handle)))!;
        Assert.Equal(Source, (string?)decoded["sourceArn"]);
    }

    [Fact]
    public async Task Start_WithARate_MovesSoManyEachSecond()
    {
        var handle = Start(1);
        Assert.Equal(("RUNNING", 1, handle), State());
        Assert.Equal(1, (int)Task()["MaxNumberOfMessagesPerSecond"]!);
        Assert.Equal("There is already a task running. Only one active task is allowed for a source queue arn at a given time.", Refused("StartMessageMoveTask",
            new JsonObject { ["SourceArn"] = Source }).Message);

        await _cloud.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(("RUNNING", 2, handle), State());
        await _cloud.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(("COMPLETED", 4, null), State());
    }

    [Fact]
    public async Task Cancel_LeavesTheRest()
    {
        var handle = Start(1);
        Assert.Equal(1, (int)_cloud.Json("sqs", "CancelMessageMoveTask", new JsonObject { ["TaskHandle"] = handle })["ApproximateNumberOfMessagesMoved"]!);

        await _cloud.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(("CANCELLED", 1, null), State());
        Assert.Equal(3, _cloud.Receive(_dead).Count);
    }

    [Fact]
    public async Task DestinationDeletedMeanwhile_FailsTheTask()
    {
        Start(1);
        _cloud.Json("sqs", "DeleteQueue", new JsonObject { ["QueueUrl"] = _destination });

        await _cloud.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(("FAILED", 1, null), State());
        Assert.Equal("AWS.SimpleQueueService.NonExistentQueue", (string?)Task()["FailureReason"]);
    }

    [Theory]
    [InlineData("foobared", 400, "Value for parameter TaskHandle is invalid.")]
    [InlineData("none", 404, "The resource that you specified for the SourceArn parameter doesn't exist.")]
    [InlineData("dead", 404, "Task does not exist.")]
    public void Cancel_AHandleOfNoTask(string source, int status, string message)
    {
        var handle = source == "foobared" ? source : Convert.ToBase64String(Encoding.UTF8.GetBytes(
            $$"""{"taskId":"10f57157-fc38-4da9-a113-4de7e12d05dd","sourceArn":"{{MessagingFixture.QueueArn(source)}}"}"""));

        Assert.Equal((status, message), Refused("CancelMessageMoveTask", new JsonObject { ["TaskHandle"] = handle }));
    }

    private string Start(int? rate = null) => (string)_cloud.Json("sqs", "StartMessageMoveTask", new JsonObject
    {
        ["SourceArn"] = Source,
        ["DestinationArn"] = MessagingFixture.QueueArn("destination"),
        ["MaxNumberOfMessagesPerSecond"] = rate,
    })["TaskHandle"]!;

    private JsonObject Task() =>
        Assert.Single(_cloud.Json("sqs", "ListMessageMoveTasks", new JsonObject { ["SourceArn"] = Source })["Results"]!.AsArray())!.AsObject();

    private (string? Status, int Moved, string? Handle) State() =>
        ((string?)Task()["Status"], (int)Task()["ApproximateNumberOfMessagesMoved"]!, (string?)Task()["TaskHandle"]);

    private (int Status, string? Message) Refused(string operation, JsonObject input)
    {
        var answer = _cloud.JsonCall("sqs", operation, input);
        return (answer.Status, (string?)JsonNode.Parse(answer.Body.Span)!["message"]);
    }
}
