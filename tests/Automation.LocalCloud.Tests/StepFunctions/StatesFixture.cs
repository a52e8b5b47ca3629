using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.StepFunctions;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>A cloud with scripted functions, queues and topics instead of the other services for Step Functions.</summary>
internal sealed class StatesFixture : IFunctionHost, IDisposable
{
    public const string Child = "arn:aws:states:us-east-1:123456789012:stateMachine:child";

    public const string Role = "arn:aws:iam::123456789012:role/states";

    public StatesFixture(ICloudStore? store = null, DateTimeOffset? start = null)
    {
        var options = new CloudOptions { Store = store ?? new MemoryStore() };
        Cloud = new Cloud(start is null ? options : options with { Start = start.Value }, this).Checked();
        Cloud.Journal.Written += Journal.Add;
        Cloud.StepFunctions.Ports = new TaskPorts
        {
            Invoke = Invoke,
            InvokeEvent = (function, _, payload) => Calls.Add((function, Text(payload))),
            Publish = (topic, subject, message, _) =>
            {
                Calls.Add((topic, $"{subject}|{message}"));
                return "message-1";
            },
            Send = (queue, body, _) =>
            {
                Calls.Add((queue, body));
                return "message-2";
            },
            CallSqs = (operation, _, request) => new JsonObject { ["Called"] = operation, ["With"] = request.DeepClone() },
            PutEvents = (region, request) =>
            {
                foreach (var entry in request["Entries"]!.AsArray()
                    .Where(entry => entry!["Source"] is not null && entry["Detail"]?.GetValue<string>().StartsWith('{') == true))
                {
                    Events.Add((
                        (string)entry!["Source"]!, (string)entry["DetailType"]!, [.. entry["Resources"]!.AsArray().Select(resource => (string)resource!)],
                        JsonNode.Parse((string)entry["Detail"]!)!.AsObject()));
                }

                return Cloud!.EventBridge.PutEvents(new CallContext(region, Cloud.Options.AccountId, "states"), request);
            },
            PutEvent = (_, source, detailType, resources, detail) => Events.Add((source, detailType, [.. resources], detail)),
        };
    }

    public Cloud Cloud { get; }

    public List<JournalEntry> Journal { get; } = [];

    public List<(string Target, string Payload)> Calls { get; } = [];

    public List<(string Source, string Type, string[] Resources, JsonObject Detail)> Events { get; } = [];

    /// <summary>Functions by name: the payload in, the result out; throw <see cref="FunctionError"/> to fail.</summary>
    public Dictionary<string, Func<JsonNode?, JsonNode?>> Functions { get; } = [];

    /// <summary>Called instead of <see cref="Functions"/>; it completes when the test decides.</summary>
    public Action<string, JsonNode?, Action<FunctionOutcome>>? Slow { get; set; }

    public DateTimeOffset Now => Cloud.Clock.Now;

    public static string FunctionArn(string name) => $"arn:aws:lambda:us-east-1:123456789012:function:{name}";

    public JsonObject Call(string operation, JsonObject input)
    {
        var response = Send(operation, input);
        var body = JsonNode.Parse(response.Body.Span)!.AsObject();
        Assert.True(response.Status == 200, body.ToJsonString());
        return body;
    }

    /// <returns>Code and message of the error that the operation must give.</returns>
    public (string Code, string Message) Refused(string operation, JsonObject input)
    {
        var response = Send(operation, input);
        var body = JsonNode.Parse(response.Body.Span)!.AsObject();
        Assert.True(response.Status == 400, body.ToJsonString());
        return ((string)body["__type"]!, (string)body["message"]!);
    }

    /// <summary>
    /// Creates a state machine from states; the first one is the start. In the text, <c>«invoke»</c> is replaced by a task that
    /// invokes the function f, <c>«direct»</c> by one with f's ARN as resource, <c>«child»</c> by the ARN of the machine "child".
    /// </summary>
    public string Machine(string states, string name = "machine", int? timeout = null)
    {
        states = states
            .Replace("«invoke»", """ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload.$": "$"} """,
                StringComparison.Ordinal)
            .Replace("«direct»", $"\"Type\": \"Task\", \"Resource\": \"{FunctionArn("f")}\"", StringComparison.Ordinal)
            .Replace("«child»", Child, StringComparison.Ordinal);
        var nodes = JsonNode.Parse(states)!.AsObject();
        var definition = new JsonObject { ["StartAt"] = nodes.First().Key, ["States"] = nodes };
        if (timeout is not null)
        {
            definition["TimeoutSeconds"] = timeout;
        }

        return (string)Call(
            "CreateStateMachine", new JsonObject { ["name"] = name, ["definition"] = definition.ToJsonString(), ["roleArn"] = Role })["stateMachineArn"]!;
    }

    public string Begin(string machine, string input = "{}", string? name = null) => Cloud.Run(() => Cloud.StepFunctions.StartExecution(machine, name, input));

    public Task Idle(DateTimeOffset? until = null) => Cloud.RunUntilIdleAsync(until, TestContext.Current.CancellationToken);

    public Task Advance(TimeSpan time) => Cloud.AdvanceAsync(time, TestContext.Current.CancellationToken);

    /// <summary>Runs one execution until nothing is in progress.</summary>
    public async Task<JsonObject> Run(string states, string input = "{}")
    {
        var execution = Begin(Machine(states), input);
        await Idle();
        return Describe(execution);
    }

    /// <summary>Completes when an execution has ended with the status.</summary>
    public Task Ended(string status) => Seen(entry => entry.Kind == "execution-ended" && entry.Data["status"] == status);

    /// <summary>Completes when an execution has entered the state.</summary>
    public Task Entered(string state) => Seen(entry => entry.Kind == "state-entered" && entry.Data["state"] == state);

    private async Task Seen(Func<JournalEntry, bool> wanted)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cloud.Run(() =>
        {
            Cloud.Journal.Written += entry => Try(entry);
            Journal.ForEach(Try);
        });
        await seen.Task;

        void Try(JournalEntry entry)
        {
            if (wanted(entry))
            {
                seen.TrySetResult();
            }
        }
    }

    public JsonObject Describe(string execution) => Call("DescribeExecution", new JsonObject { ["executionArn"] = execution });

    public JsonObject[] History(string execution) =>
        [.. Call("GetExecutionHistory", new JsonObject { ["executionArn"] = execution, ["maxResults"] = 1000 })["events"]!.AsArray()
            .Select(entry => entry!.AsObject())];

    public string[] HistoryTypes(string execution) => [.. History(execution).Select(entry => (string)entry["type"]!)];

    public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => throw new NotSupportedException("The fixture's ports run functions.");

    public void Dispose() => Cloud.Dispose();

    public static FunctionOutcome Success(string json) => new(false, Encoding.UTF8.GetBytes(json));

    private static string Text(ReadOnlyMemory<byte> payload) => Encoding.UTF8.GetString(payload.Span);

    private void Invoke(string function, string region, ReadOnlyMemory<byte> payload, Action<FunctionOutcome> completed)
    {
        var name = function.Split(':')[^1];
        Calls.Add((name, Text(payload)));
        var input = JsonNode.Parse(payload.Span);
        if (Slow is not null)
        {
            Slow(name, input, completed);
            return;
        }

        if (!Functions.TryGetValue(name, out var body))
        {
            throw new AwsException("ResourceNotFoundException", $"Function not found: {FunctionArn(name)}", 404);
        }

        FunctionOutcome outcome;
        try
        {
            outcome = Success(body(input)?.ToJsonString() ?? "null");
        }
        catch (FunctionError error)
        {
            outcome = new FunctionOutcome(true, Encoding.UTF8.GetBytes(error.Document));
        }

        Cloud.Outside(Task.FromResult(outcome), completed);
    }

    private WireResponse Send(string operation, JsonObject input) => Cloud.Handle(new WireRequest(
        "POST",
        "/",
        "",
        new Dictionary<string, string> { ["x-amz-target"] = $"AWSStepFunctions.{operation}" },
        Encoding.UTF8.GetBytes(input.ToJsonString()))
    {
        Scope = new CredentialScope("AKIDEXAMPLE", "us-east-1", "states"),
    });
}

/// <summary>The error that a failing function reports.</summary>
internal sealed class FunctionError(string type, string message) : Exception(message)
{
    public string Document => $$"""{"errorType":"{{type}}","errorMessage":"{{Message}}"}""";
}
