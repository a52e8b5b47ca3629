using System.Globalization;
using System.Security.Cryptography;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>
/// Runs functions as child processes (<c>CodeFolder/bootstrap</c>) over the Lambda Runtime API. A process starts when it is first needed,
/// stays warm, and handles one invocation at a time. <see cref="HandleAsync"/> is the Runtime API; a web host routes
/// <c>/_runtime/WORKER/2018-06-01/runtime/…</c> here. Timeouts are in real time.
/// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
/// </summary>
public sealed class ProcessFunctionHost : IFunctionHost, IAsyncDisposable
{
    /// <summary>The service's limit for a buffered response, in bytes.</summary>
    private const int MaximumResponse = 6_291_556;

    private readonly Lock _lock = new();
    private readonly ProcessHostOptions _options;
    private readonly FunctionLauncher _launch;
    private readonly Dictionary<string, FunctionPool> _pools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FunctionWorker> _workers = new(StringComparer.Ordinal);

    /// <summary>A function that outlived a killed cloud on the same port must not be confused with one of this host.</summary>
    private readonly Lazy<string> _run = new(() => RandomNumberGenerator.GetHexString(8, lowercase: true));
    private int _count;
    private bool _ended;

    public ProcessFunctionHost(ProcessHostOptions? options = null)
        : this(options ?? new ProcessHostOptions(), FunctionProcess.Start)
    {
    }

    internal ProcessFunctionHost(ProcessHostOptions options, FunctionLauncher launch)
    {
        _options = options;
        _launch = launch;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>The cloud's own port, set once it listens and before the first invocation.</summary>
    public Uri Endpoint { get; set; } = new("http://127.0.0.1:4566");

    /// <summary>The number of processes that are starting, idle or busy.</summary>
    public int ProcessCount
    {
        get
        {
            lock (_lock)
            {
                return _workers.Count;
            }
        }
    }

    public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation)
    {
        var queued = new QueuedInvocation(invocation);
        lock (_lock)
        {
            if (_ended)
            {
                return Task.FromResult(FunctionErrors.Failure("Runtime.HostEnded", "The function host has ended."));
            }

            var pool = PoolOf(invocation.Function);
            if (pool.Workers.FirstOrDefault(worker => worker.Poll is not null) is { } idle)
            {
                var poll = idle.Poll!;
                Assign(idle, queued);
                poll.SetResult(queued);
            }
            else
            {
                pool.Waiting.AddLast(queued);
                StartIfNeeded(pool);
            }
        }

        return queued.Outcome;
    }

    /// <summary>Serves the Runtime API to a worker's process.</summary>
    /// <param name="aborted">Cancelled if the process drops the connection.</param>
    public async Task<WireResponse> HandleAsync(WireRequest request, CancellationToken aborted)
    {
        // /_runtime/WORKER/2018-06-01/runtime/init/error
        var parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        FunctionWorker? worker = null;
        if (parts.Length > 1)
        {
            lock (_lock)
            {
                worker = _workers.GetValueOrDefault(parts[1]);
            }
        }

        if (worker is null)
        {
            return RuntimeAnswer.Error(403, "InvalidWorker", "No running function has this Runtime API address.");
        }

        return (request.Method, parts[2..]) switch
        {
            ("GET", ["2018-06-01", "runtime", "invocation", "next"]) => await NextAsync(worker, aborted),
            ("POST", ["2018-06-01", "runtime", "invocation", var id, "response"]) => Respond(worker, id, request),
            ("POST", ["2018-06-01", "runtime", "invocation", var id, "error"]) => Fail(worker, id, request),
            ("POST", ["2018-06-01", "runtime", "init", "error"]) => FailInit(worker, request),
            _ => RuntimeAnswer.Error(404, "UnknownPath", $"The Runtime API has no {request.Method} {request.Path}."),
        };
    }

    /// <summary>Kills a busy process of the function that signs with this key; an injected crash uses it.</summary>
    public void Crash(string accessKeyId)
    {
        IFunctionProcess? process;
        lock (_lock)
        {
            process = _workers.Values.FirstOrDefault(worker => worker.Current?.Invocation.AccessKeyId == accessKeyId)?.Process;
        }

        process?.Kill();
    }

    /// <summary>Kills every process and ends every invocation.</summary>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        var exits = End();
        var all = Task.WhenAll(exits);
        await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(5), _options.Time));
    }

    /// <summary>Kills every process without waiting for its end; later invocations are refused.</summary>
    public void KillAll() => End();

    private void OnProcessExit(object? sender, EventArgs e) => End();

    private List<Task> End()
    {
        List<FunctionWorker> workers;
        List<QueuedInvocation> waiting;
        lock (_lock)
        {
            _ended = true;
            workers = [.. _workers.Values];
            waiting = [.. _pools.Values.SelectMany(pool => pool.Waiting)];
            foreach (var pool in _pools.Values)
            {
                pool.Waiting.Clear();
            }
        }

        foreach (var worker in workers)
        {
            // A function that got the answer first would report it as its failure.
            worker.Process?.Kill();
            worker.Poll?.TrySetResult(null);
        }

        foreach (var queued in waiting)
        {
            queued.End(FunctionErrors.Failure("Runtime.HostEnded", "The function host has ended."));
        }

        return [.. workers.Select(worker => worker.Process?.Exited).OfType<Task<int>>()];
    }

    /// <summary>A changed function gets new processes; the old ones end when they are idle.</summary>
    private FunctionPool PoolOf(FunctionConfiguration function)
    {
        if (_pools.TryGetValue(function.Arn, out var pool) && pool.Function == function)
        {
            return pool;
        }

        foreach (var worker in pool?.Workers.Where(worker => worker.Poll is not null) ?? [])
        {
            worker.Process?.Kill();
        }

        return _pools[function.Arn] = new FunctionPool(function);
    }

    private void StartIfNeeded(FunctionPool pool)
    {
        if (_ended || pool.Workers.Count(worker => worker.WillPoll) >= pool.Waiting.Count || pool.Workers.Count >= _options.MaximumProcesses)
        {
            return;
        }

        var worker = new FunctionWorker(string.Create(CultureInfo.InvariantCulture, $"{pool.Function.Name}-{_run.Value}-{++_count}"), pool);
        var first = pool.Waiting.First!.Value.Invocation;
        worker.Log = first.Log;
        pool.Workers.Add(worker);
        _workers.Add(worker.Id, worker);

        // Starting a process takes milliseconds, and the caller holds the cloud's gate.
        _ = Task.Run(() => RunAsync(worker, first));
    }

    private async Task RunAsync(FunctionWorker worker, FunctionInvocation first)
    {
        try
        {
            var environment = FunctionEnvironment.For(first, worker.Id, Endpoint, System.Environment.GetEnvironmentVariable);
            var process = _launch(worker.Pool.Function, environment, line => worker.Log(line));
            bool ended;
            lock (_lock)
            {
                worker.Process = process;
                ended = _ended;
            }

            if (ended)
            {
                process.Kill();
            }

            _ = WatchStartAsync(worker, process);
            var code = await process.Exited;
            Ended(worker, requestId => worker.InitError is { } error
                ? new FunctionOutcome(Failed: true, error)
                : FunctionErrors.Exited(requestId, code));
        }
        catch (FunctionStartException e)
        {
            Ended(worker, _ => FunctionErrors.Failure("Runtime.InvalidEntrypoint", e.Message));
        }
    }

    private async Task WatchStartAsync(FunctionWorker worker, IFunctionProcess process)
    {
        using var ended = new CancellationTokenSource();
        await Task.WhenAny(process.Exited, Task.Delay(_options.StartTimeout, _options.Time, ended.Token));
        await ended.CancelAsync();
        lock (_lock)
        {
            if (!worker.Starting || process.Exited.IsCompleted)
            {
                return;
            }

            var error = FunctionErrors.Failure("Sandbox.Timedout", $"The runtime did not ask for work within {_options.StartTimeout.TotalSeconds} seconds.");
            worker.InitError = error.Payload;
        }

        process.Kill();
    }

    private void Ended(FunctionWorker worker, Func<string, FunctionOutcome> outcome)
    {
        lock (_lock)
        {
            _workers.Remove(worker.Id);
            worker.Pool.Workers.Remove(worker);
            worker.Poll?.TrySetResult(null);
            worker.Poll = null;

            // If a process never polled, the invocation that it was started for fails. Otherwise a broken function would be started for it again
            // and again.
            var lost = worker.Current ?? (worker.Starting ? worker.Pool.TakeWaiting() : null);
            worker.Current = null;
            lost?.End(outcome(lost.Invocation.RequestId));
            StartIfNeeded(worker.Pool);
        }
    }

    private void Assign(FunctionWorker worker, QueuedInvocation queued)
    {
        worker.Poll = null;
        worker.Current = queued;
        worker.Log = queued.Invocation.Log;
        var timeout = queued.Invocation.Function.Timeout;
        queued.Deadline = _options.Time.GetUtcNow() + timeout;
        _ = WatchDeadlineAsync(worker, queued, timeout);
    }

    private async Task WatchDeadlineAsync(FunctionWorker worker, QueuedInvocation queued, TimeSpan timeout)
    {
        using var ended = new CancellationTokenSource();
        var delay = Task.Delay(timeout, _options.Time, ended.Token);
        if (await Task.WhenAny(queued.Outcome, delay) != delay)
        {
            await ended.CancelAsync();
            return;
        }

        queued.End(FunctionErrors.TimedOut(queued.Invocation.RequestId, timeout));
        worker.Process?.Kill();
    }

    private async Task<WireResponse> NextAsync(FunctionWorker worker, CancellationToken aborted)
    {
        TaskCompletionSource<QueuedInvocation?>? poll = null;
        QueuedInvocation? queued;
        lock (_lock)
        {
            worker.Starting = false;
            worker.Lost = false;
            queued = worker.Current;
            if (queued is null && worker.Pool.TakeWaiting() is { } waiting)
            {
                Assign(worker, waiting);
                queued = waiting;
            }

            if (queued is null && _pools.GetValueOrDefault(worker.Pool.Function.Arn) == worker.Pool)
            {
                poll = new TaskCompletionSource<QueuedInvocation?>(TaskCreationOptions.RunContinuationsAsynchronously);
                worker.Poll = poll;
            }
        }

        if (poll is not null)
        {
            await using var registration = aborted.Register(() => Abandon(worker, poll));
            queued = await poll.Task;
        }

        return queued is null ? RuntimeAnswer.Error(500, "ContainerError", "The function is being stopped.") : RuntimeAnswer.Event(queued);
    }

    private void Abandon(FunctionWorker worker, TaskCompletionSource<QueuedInvocation?> poll)
    {
        lock (_lock)
        {
            if (worker.Poll == poll)
            {
                worker.Poll = null;
                worker.Lost = true;
            }
        }

        poll.TrySetResult(null);
    }

    private WireResponse Respond(FunctionWorker worker, string requestId, WireRequest request)
    {
        if (request.Body.Length <= MaximumResponse)
        {
            return Finish(worker, requestId, new FunctionOutcome(Failed: false, request.Body));
        }

        var text = $"Response payload size exceeded maximum allowed payload size ({MaximumResponse} bytes).";
        var refused = Finish(worker, requestId, FunctionErrors.Failure("Function.ResponseSizeTooLarge", text));
        return refused.Status == 202 ? RuntimeAnswer.Error(413, "RequestEntityTooLarge", text) : refused;
    }

    private WireResponse Fail(FunctionWorker worker, string requestId, WireRequest request) =>
        Finish(worker, requestId, request.Body.IsEmpty
            ? FunctionErrors.Failure(request.Header("lambda-runtime-function-error-type") ?? "Unhandled", "")
            : new FunctionOutcome(Failed: true, request.Body));

    private WireResponse Finish(FunctionWorker worker, string requestId, FunctionOutcome outcome)
    {
        lock (_lock)
        {
            if (worker.Current?.Invocation.RequestId != requestId)
            {
                return RuntimeAnswer.Error(400, "InvalidRequestID", "Invalid request ID");
            }

            worker.Current.End(outcome);
            worker.Current = null;
        }

        return RuntimeAnswer.Accepted();
    }

    private WireResponse FailInit(FunctionWorker worker, WireRequest request)
    {
        lock (_lock)
        {
            if (!worker.Starting)
            {
                return RuntimeAnswer.Error(403, "InvalidStateTransition", "The runtime is initialised already.");
            }

            worker.InitError = request.Body;
        }

        return RuntimeAnswer.Accepted();
    }
}
