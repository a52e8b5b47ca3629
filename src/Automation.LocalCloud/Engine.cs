using System.Diagnostics.CodeAnalysis;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud;

/// <summary>
/// What all services share: one clock, one gate, one store. Every input (a request, a timer, the result of a function) takes the gate, runs to
/// its end and releases it. So the services need no locks, and a run can be repeated exactly. A service reaches another one only through the
/// ports, which <see cref="Cloud"/> connects.
/// </summary>
public abstract class Engine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Table<ClockRow> _time;
    private DateTimeOffset _committed;
    private int _outside;
    private ClockMode _mode;
    private TaskCompletionSource? _changed;
    private WallTime? _wall;

    private protected Engine(CloudOptions options)
    {
        Options = options;
        Store = options.Store;
        _time = new Table<ClockRow>("cloud.clock", Store, () => CloudJson.Default.ClockRow);
        var kept = _time.Find("now");
        _committed = kept?.Now ?? DateTimeOffset.MinValue;
        _mode = kept?.Mode ?? ClockMode.Auto;
        Clock = new VirtualClock(_committed > options.Start ? _committed : options.Start);
        Clock.Changed += Signal;
        Journal = new Journal(Clock);
        Ids = new Ids(options.Seed, Store);
        DurableQueue = new DurableQueue(Clock, Store);
        Faults = new Faults(this);
    }

    public CloudOptions Options { get; }

    public VirtualClock Clock { get; }

    public Journal Journal { get; }

    public Ids Ids { get; }

    internal DurableQueue DurableQueue { get; }

    public ICloudStore Store { get; }

    /// <summary>Called before each request is served; it can fail the request with an <see cref="AwsException"/>. Fault injection uses it.</summary>
    public Action<string, string, CallContext>? BeforeCall { get; set; }

    /// <summary>Faults injected by tests and people: failing calls, and events that are dropped, duplicated or delayed.</summary>
    public Faults Faults { get; }

    internal abstract IAccess Access { get; }

    internal abstract ISessions Sessions { get; }

    internal abstract IEventBus Events { get; }

    internal abstract IFunctions Functions { get; }

    internal abstract ITopics Topics { get; }

    internal abstract IQueues Queues { get; }

    internal abstract IWorkflows Workflows { get; }

    internal abstract IRegistry Registry { get; }

    internal abstract IParameters ParameterStore { get; }

    internal abstract IObjects Objects { get; }

    internal abstract IInvocationMetrics InvocationMetrics { get; }

    internal abstract ILogs Logs { get; }

    internal abstract IContainerTasks ContainerTasks { get; }

    internal abstract IImagePipelines ImagePipelines { get; }

    internal abstract ISigner Signer { get; }

    /// <summary>
    /// What <see cref="RunAsync"/> does when nothing is due. <see cref="RunUntilIdleAsync"/> jumps in either mode. Kept with the state.
    /// </summary>
    public ClockMode Mode
    {
        get => Run(() => _mode);
        set => Run(() =>
        {
            _mode = value;
            _committed = Clock.Now > _committed ? Clock.Now : _committed;
            _time.Set("now", new ClockRow(_committed, _mode));
            Signal();
        });
    }

    /// <summary>How many functions are running.</summary>
    public int Running => Run(() => _outside);

    /// <summary>Runs an action under the gate: for hosts, tests and the control endpoint.</summary>
    public T Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            _wall?.Follow(Clock, _mode);
            var result = action();
            Commit();
            return result;
        }
    }

    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>
    /// Tracks something that runs outside the gate (a function). The clock does not jump while it runs. When it ends, the driver of the clock
    /// calls <paramref name="completed"/> under the gate and receives its exceptions.
    /// </summary>
    public void Outside<T>(Task<T> running, Action<T> completed)
    {
        _outside++;
        if (running.IsCompleted)
        {
            Clock.Soon("function result", Finish);
            return;
        }

        _ = running.ContinueWith(
            _ => Run(() => Clock.Soon("function result", Finish)),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);

        void Finish()
        {
            _outside--;
            Signal();
            completed(running.GetAwaiter().GetResult());
        }
    }

    /// <summary>
    /// Runs the cloud until it is idle (no function runs and only patient timers are left) or until
    /// <paramref name="until"/> is reached. Returns the number of timers fired.
    /// </summary>
    /// <exception cref="Exception">The exception of a timer's action. The timer is gone; all other state is unchanged.</exception>
    public Task<int> RunUntilIdleAsync(DateTimeOffset? until = null, CancellationToken cancellationToken = default) =>
        DriveAsync(() => until ?? DateTimeOffset.MaxValue, cancellationToken);

    /// <summary>Advances virtual time and fires everything that becomes due, including patient timers.</summary>
    public async Task AdvanceToAsync(DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            await DriveAsync(() => instant, cancellationToken);
            lock (_gate)
            {
                // Another thread may have started a function meanwhile. Then time must not pass before the function has ended.
                if (_outside > 0)
                {
                    continue;
                }

                if (!Clock.FireNext(instant))
                {
                    Clock.MoveTo(instant);
                    Commit();
                    return;
                }

                Commit();
            }
        }
    }

    public Task AdvanceAsync(TimeSpan time, CancellationToken cancellationToken = default) =>
        AdvanceToAsync(Run(() => Clock.Now) + time, cancellationToken);

    /// <summary>
    /// Drives the cloud until cancelled, for the host of a long-running cloud. In auto mode virtual time passes as fast as wall time, even
    /// while functions run. An exception in a timer is a bug of the emulator: it is written to the journal, and the cloud continues.
    /// </summary>
    /// <param name="wall">If null, time passes only by jumps to work and by requests to advance it.</param>
    [SuppressMessage("Design", "CA1031", Justification = "As with requests: a bug in one timer must not end the cloud")]
    public async Task RunAsync(CancellationToken cancellationToken, TimeProvider? wall = null)
    {
        Run(() => _wall = wall is null ? null : new WallTime(wall));
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                Task change;
                lock (_gate)
                {
                    // Taken before the work, so that a change between the end of the work and the wait wakes us.
                    change = NextChange();
                }

                try
                {
                    while (Work())
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                    }
                }
                catch (Exception bug) when (bug is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    Run(() => Journal.Write("cloud", "bug", $"A timer failed: {bug}"));
                    continue;
                }

                await NextWorkAsync(change, cancellationToken);
            }
        }
        finally
        {
            Run(() => _wall = null);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The wall time that the clock follows, for waits outside the gate; null if no host drives the cloud.</summary>
    internal TimeProvider? Wall => _wall?.Provider;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    /// <returns>Whether there was work to do.</returns>
    private bool Work()
    {
        lock (_gate)
        {
            _wall?.Follow(Clock, _mode);
            var done = Step(_mode == ClockMode.Held ? Clock.Now : DateTimeOffset.MaxValue);
            Commit();
            return done;
        }
    }

    /// <summary>Waits until something changes or the next timer is due in wall time.</summary>
    private async Task NextWorkAsync(Task change, CancellationToken cancellationToken)
    {
        TimeSpan? wait;
        lock (_gate)
        {
            wait = _mode == ClockMode.Held ? null : _wall?.UntilNext(Clock);
        }

        if (wait is not { } time)
        {
            await change.WaitAsync(cancellationToken);
            return;
        }

        using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(change, Task.Delay(time, Wall ?? TimeProvider.System, woken.Token));
        await woken.CancelAsync();
    }

    /// <param name="until">Evaluated under the gate before each step.</param>
    private async Task<int> DriveAsync(Func<DateTimeOffset> until, CancellationToken cancellationToken)
    {
        var fired = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wait;
            lock (_gate)
            {
                if (Step(until()))
                {
                    Commit();
                    fired++;
                    continue;
                }

                if (_outside == 0)
                {
                    return fired;
                }

                wait = NextChange();
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>What is due now always happens, even if a delayed call has advanced time past <paramref name="until"/>: the result of the
    /// function that made the call is due then. Time moves on only when no function runs and there is work ahead.</summary>
    private bool Step(DateTimeOffset until) =>
        Clock.FireNext(Clock.Now)
        || (_outside == 0 && Clock.HasWork(until) && Clock.FireNext(until));

    /// <summary>
    /// Time that a caller may have seen must not repeat after a restart, so the clock is stored together with what happened at that time. Wall
    /// time passes at every call; the clock is stored a second ahead, so that not every call writes.
    /// </summary>
    private void Commit()
    {
        if (Clock.Now > _committed)
        {
            _committed = _wall is null ? Clock.Now : Clock.Now.AddSeconds(1);
            _time.Set("now", new ClockRow(_committed, _mode));
        }

        Store.Commit();
    }

    private Task NextChange() => (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Signal()
    {
        _changed?.TrySetResult();
        _changed = null;
    }

    internal sealed record ClockRow(DateTimeOffset Now, ClockMode Mode);
}
