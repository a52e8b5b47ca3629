using Automation.Core.Ports;

namespace Automation.Functions.Tests;

/// <summary>Records the started executions; a name that was started before is not new.</summary>
internal sealed class FakeWorkflow : IWorkflow
{
    public Dictionary<string, string> Started { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Running { get; } = [];

    public Func<string, Exception?>? Fault { get; set; }

    public Task<StartedExecution> StartAsync(string name, string input, DateTimeOffset? again, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Fault?.Invoke(name) is { } fault
            ? Task.FromException<StartedExecution>(fault)
            : Task.FromResult(new StartedExecution(name, Started.TryAdd(name, input)));
    }

    public Task<IReadOnlySet<string>> ListRunningAsync(CancellationToken cancellationToken) => Fault?.Invoke("list") is { } fault
        ? Task.FromException<IReadOnlySet<string>>(fault)
        : Task.FromResult<IReadOnlySet<string>>(Running);

    /// <summary>The running executions that wait for an approval.</summary>
    public HashSet<string> AwaitingApproval { get; } = new(StringComparer.Ordinal);

    public Task<bool> EndApprovalAsync(string name, string why, CancellationToken cancellationToken) => Task.FromResult(AwaitingApproval.Remove(name));
}
