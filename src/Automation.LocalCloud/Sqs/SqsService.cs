using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>
/// Amazon SQS over AWS JSON 1.0 (<c>X-Amz-Target: AmazonSQS.SendMessage</c>), and over the Query protocol of older clients. A long poll waits if the
/// cloud is driven (<see cref="LongPolls"/>); otherwise, and for Step Functions, it returns at once.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
/// </summary>
public sealed class SqsService : IWireService, IQueues
{
    private const string TargetPrefix = "AmazonSQS.";
    private readonly Engine _engine;
    private readonly LongPolls _polls;

    public SqsService(Engine engine)
    {
        _engine = engine;
        State = new SqsState(engine);
        _polls = new LongPolls(engine, State);
        ResourceTypes = [new QueueType(this), new QueuePolicyType(this)];
    }

    public string SigningName => "sqs";

    /// <summary>AWS::SQS::Queue and AWS::SQS::QueuePolicy.</summary>
    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    internal SqsState State { get; }

    public string? OperationOf(WireRequest request)
    {
        var target = request.Header("x-amz-target");
        return target is null ? SqsForm.Operation(request)
            : target.StartsWith(TargetPrefix, StringComparison.Ordinal) ? target[TargetPrefix.Length..] : null;
    }

    /// <summary>A batch needs the same permission as its entries. https://docs.aws.amazon.com/service-authorization/latest/reference/list_sqs.html</summary>
    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) =>
        Needs(operation, Input(request), context);

    internal static IReadOnlyList<Need>? Needs(string operation, JsonObject input, CallContext context)
    {
        var action = $"sqs:{(operation.EndsWith("Batch", StringComparison.Ordinal) ? operation[..^"Batch".Length] : operation)}";
        var queue = input.Text("QueueUrl") is { } url ? url[(url.LastIndexOf('/') + 1)..] : input.Text("QueueName");
        return operation == "ListQueues" ? [new Need(action, "*")]
            : queue is null ? null
            : [new Need(action, context.Arn("sqs", queue))];
    }

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var operation = OperationOf(request)
            ?? throw new AwsException("UnknownOperationException", "The request names no operation, neither in X-Amz-Target nor as Action.");
        var call = new SqsCall(this, context, Input(request), $"http://{request.Header("host") ?? "localhost"}/{context.AccountId}/");
        var answer = call.Answer(operation);
        var response = SqsWire.Answer(request, operation, answer);
        return operation == "ReceiveMessage" && answer.Count == 0 && call.WaitTime > TimeSpan.Zero && _engine.Wall is { } wall
            ? _polls.Wait(call.Queue().Arn, call.WaitTime, wall,
                () => call.Answer(operation) is { Count: > 0 } messages ? SqsWire.Answer(request, operation, messages) : null, response)
            : response;
    }

    public WireResponse Error(WireRequest request, AwsException error) => SqsWire.Error(request, error);

    private static JsonObject Input(WireRequest request) => SqsForm.Applies(request) ? SqsForm.Read(request) : WireJson.ParseObject(request);

    /// <summary>Puts a message into a queue (dead letters, rule and subscription targets). Attributes become String attributes.</summary>
    /// <returns>The message's id.</returns>
    /// <exception cref="AwsException">QueueDoesNotExist; errors of the queue itself, such as a missing group for a FIFO queue.</exception>
    public string Send(string queueArn, string body, IReadOnlyDictionary<string, string>? attributes = null) => Deliver(queueArn, new NewMessage(body)
    {
        Attributes = (attributes ?? new Dictionary<string, string>())
            .ToDictionary(pair => pair.Key, pair => MessageAttribute.String(pair.Value), StringComparer.Ordinal),
    }).Id;

    string IQueues.Send(string queueArn, NewMessage message) => Deliver(queueArn, message).Id;

    JsonObject IQueues.Call(string operation, string region, JsonObject input) =>
        new SqsCall(this, new CallContext(region, _engine.Options.AccountId, "states"), input,
            $"https://sqs.{region}.amazonaws.com/{_engine.Options.AccountId}/").Answer(operation);

    IReadOnlyList<Need>? IQueues.Needs(string operation, string region, JsonObject input) =>
        Needs(operation, input, new CallContext(region, _engine.Options.AccountId, "states"));

    ResourceGuard? IQueues.Guard(string arn) => State.Find(arn) is { } queue
        ? new ResourceGuard { Policy = queue.Attributes.GetValueOrDefault("Policy"), KmsKey = queue.Attributes.GetValueOrDefault("KmsMasterKeyId") }
        : null;

    internal Message Deliver(string queueArn, NewMessage message)
    {
        var queue = State.Get(queueArn);
        var sent = State.Send(queue, message);

        // The attributes that services add to a dead letter: EventBridge and Scheduler ERROR_CODE, Lambda ErrorCode, SNS none.
        var error = message.DeadLetterReason ?? (message.Attributes.GetValueOrDefault("ERROR_CODE") ?? message.Attributes.GetValueOrDefault("ErrorCode"))?.Text;
        _engine.Journal.Write(
            "sqs", "message-sent", $"{(error is null ? "message" : "dead letter")} to {queue.Name}{(error is null ? "" : $" ({error})")}",
            ("queue", queueArn), ("messageId", sent.Id), ("deadLetter", error is null ? "false" : "true"), ("errorCode", error));
        return sent;
    }

    /// <summary>The queue's URL for callers without a request that names the host (CloudFormation).</summary>
    internal static string UrlOf(Queue queue) => $"https://sqs.{queue.Region}.amazonaws.com/{Arn.Parse(queue.Arn).Account}/{queue.Name}";

    internal static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
