using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Hosting;

/// <summary>An invocation that waits for a process or that a process is handling.</summary>
internal sealed class QueuedInvocation(FunctionInvocation invocation)
{
    private readonly TaskCompletionSource<FunctionOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FunctionInvocation Invocation => invocation;

    public Task<FunctionOutcome> Outcome => _outcome.Task;

    /// <summary>The real time at which a process received it.</summary>
    public DateTimeOffset Deadline { get; set; }

    /// <summary>Only the first outcome counts.</summary>
    public void End(FunctionOutcome outcome) => _outcome.TrySetResult(outcome);
}

/// <summary>
/// One process of a function. It is starting until its first poll, then idle (a poll is open) or busy (it has an invocation).
/// Used under the host's lock.
/// </summary>
internal sealed class FunctionWorker(string id, FunctionPool pool)
{
    public string Id => id;

    public FunctionPool Pool => pool;

    public IFunctionProcess? Process { get; set; }

    public bool Starting { get; set; } = true;

    /// <summary>It dropped its poll: it is about to end or to poll again.</summary>
    public bool Lost { get; set; }

    /// <summary>It is starting or has just responded, so waiting invocations need no further process.</summary>
    public bool WillPoll => Current is null && Poll is null && !Lost;

    public TaskCompletionSource<QueuedInvocation?>? Poll { get; set; }

    public QueuedInvocation? Current { get; set; }

    /// <summary>The error that the runtime reported before it gave up starting.</summary>
    public ReadOnlyMemory<byte>? InitError { get; set; }

    /// <summary>The invocation to which log lines belong: the current or last one, or the one that the process was started for.</summary>
    public Action<string> Log { get; set; } = _ => { };
}

/// <summary>The processes of one function in one configuration, and the invocations that wait for them. Used under the host's lock.</summary>
internal sealed class FunctionPool(FunctionConfiguration function)
{
    public FunctionConfiguration Function => function;

    public List<FunctionWorker> Workers { get; } = [];

    public LinkedList<QueuedInvocation> Waiting { get; } = [];

    public QueuedInvocation? TakeWaiting()
    {
        if (Waiting.First is not { } first)
        {
            return null;
        }

        Waiting.RemoveFirst();
        return first.Value;
    }
}
