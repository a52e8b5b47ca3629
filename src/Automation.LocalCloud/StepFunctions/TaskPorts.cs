using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The calls of Task states to other services. The interpreter can be tested without these services.</summary>
internal sealed record TaskPorts
{
    /// <summary>Function name or ARN, Region, payload, callback for the outcome.</summary>
    public required Action<string, string, ReadOnlyMemory<byte>, Action<FunctionOutcome>> Invoke { get; init; }

    /// <summary>Asynchronous invocation.</summary>
    public required Action<string, string, ReadOnlyMemory<byte>> InvokeEvent { get; init; }

    /// <summary>Topic ARN, subject, message, attributes; returns the message id.</summary>
    public required Func<string, string?, string, IReadOnlyDictionary<string, (string Type, string Value)>?, string> Publish { get; init; }

    /// <summary>Queue ARN, body, attributes; returns the message id.</summary>
    public required Func<string, string, IReadOnlyDictionary<string, string>?, string> Send { get; init; }

    /// <summary>SQS operation, Region, request; returns the response.</summary>
    public required Func<string, string, JsonObject, JsonObject> CallSqs { get; init; }

    /// <summary>Region, request of PutEvents; returns the response.</summary>
    public required Func<string, JsonObject, JsonObject> PutEvents { get; init; }

    /// <summary>Events of Step Functions itself: Region, source, detail type, resources, detail.</summary>
    public required Action<string, string, string, IReadOnlyList<string>, JsonObject> PutEvent { get; init; }

    public static TaskPorts Of(Engine engine) => new()
    {
        Invoke = (function, region, payload, completed) => engine.Functions.Invoke(function, region, payload, completed),
        InvokeEvent = (function, region, payload) => engine.Functions.InvokeEvent(function, region, payload),
        Publish = (topic, subject, message, attributes) => engine.Topics.Publish(topic, subject, message, attributes),
        Send = (queue, body, attributes) => engine.Queues.Send(queue, body, attributes),
        CallSqs = (operation, region, request) => engine.Queues.Call(operation, region, request),
        PutEvents = (region, request) => engine.Events.PutEvents(region, request),
        PutEvent = (region, source, detailType, resources, detail) => engine.Events.Publish(region, source, detailType, resources, detail),
    };
}
