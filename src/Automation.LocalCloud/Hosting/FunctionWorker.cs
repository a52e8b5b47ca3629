using Automation.LocalCloud.Lambda;

namespace Automation.LocalCloud.Hosting;

/// <summary>An invocation that waits for a process or is with one.</summary>
internal sealed class QueuedInvocation(FunctionInvocation invocation)
{
    private readonly TaskCompletionSource<FunctionOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FunctionInvocation Invocation => invocation;

    public Task<FunctionOutcome> Outcome => _outcome.Task;

    /// <summary>Real time, when a process got it.</summary>
    public DateTimeOffset Deadline { get; set; }

    /// <summary>Only the first end counts.</summary>
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

    /// <summary>It dropped its poll: it is ending, or will poll again.</summary>
    public bool Lost { get; set; }

    /// <summary>It is starting or has just answered: what waits needs no further process.</summary>
    public bool PollsSoon => Current is null && Poll is null && !Lost;

    public TaskCompletionSource<QueuedInvocation?>? Poll { get; set; }

    public QueuedInvocation? Current { get; set; }

    /// <summary>What the runtime reported before it gave up starting.</summary>
    public ReadOnlyMemory<byte>? InitError { get; set; }

    /// <summary>Where lines go: the invocation it has, or had last, or was started for.</summary>
    public Action<string> Log { get; set; } = _ => { };
}

/// <summary>The processes of one function in one configuration, and what waits for them. Used under the host's lock.</summary>
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
