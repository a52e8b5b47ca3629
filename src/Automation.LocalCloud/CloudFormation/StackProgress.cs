using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>One running operation on a stack: its events with their times and ids.</summary>
internal sealed class StackProgress
{
    public const string StackType = "AWS::CloudFormation::Stack";

    private readonly Engine _engine;
    private readonly StackRecord _stack;
    private readonly List<StackEvent> _events;
    private string _operation;

    public StackProgress(Engine engine, StackRecord stack, DateTimeOffset? time)
    {
        _engine = engine;
        _stack = stack;
        _events = [.. stack.Events];
        _operation = engine.Ids.Next().ToString();
        Now = time ?? engine.Clock.Now;
    }

    public IReadOnlyList<StackEvent> Events => _events;

    /// <summary>The time of the last event.</summary>
    public DateTimeOffset Now { get; private set; }

    public void Stack(string status, string? reason = null)
    {
        Write(_stack.Name, _stack.Id, StackType, status, reason);
        _engine.Journal.Write(
            "cloudformation",
            "stack-state",
            reason is null ? $"{_stack.Name} {status}" : $"{_stack.Name} {status}: {reason}",
            ("stack", _stack.Name),
            ("status", status),
            ("reason", reason));

        // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
        _engine.Events.Publish(_stack.Region, "aws.cloudformation", "CloudFormation Stack Status Change", [_stack.Id], new JsonObject
        {
            ["stack-id"] = _stack.Id,
            ["status-details"] = new JsonObject { ["status"] = status, ["status-reason"] = reason ?? "" },
            ["client-request-token"] = _operation,
        });
    }

    /// <summary>Starts a separate operation, such as a rollback.</summary>
    public void BeginOperation() => _operation = _engine.Ids.Next().ToString();

    public void Resource(string logicalId, string physicalId, string type, string status, string? reason = null) =>
        Write(logicalId, physicalId, type, status, reason);

    private void Write(string logicalId, string physicalId, string type, string status, string? reason)
    {
        // Readers sort by time.
        var last = _events.Count > 0 ? _events[^1].Time.AddMilliseconds(1) : Now;
        Now = last > Now ? last : Now;
        var id = string.Create(CultureInfo.InvariantCulture, $"{logicalId}-{status}-{_events.Count + 1}");
        _events.Add(new StackEvent(id, logicalId, physicalId, type, status, reason, Now) { OperationId = _operation });
    }
}
