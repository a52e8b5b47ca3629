using System.Diagnostics.CodeAnalysis;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.CloudWatch;
using Automation.LocalCloud.Ec2;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.EventBridge;
using Automation.LocalCloud.Iam;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.S3;
using Automation.LocalCloud.Scheduler;
using Automation.LocalCloud.ServiceQuotas;
using Automation.LocalCloud.Sns;
using Automation.LocalCloud.Sqs;
using Automation.LocalCloud.Ssm;
using Automation.LocalCloud.StepFunctions;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Sts;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud;

/// <summary>
/// The embedded cloud: services that are plain state, one clock, one gate. Whatever enters (a request, a timer, the result of a
/// function) takes the gate, runs to its end, and leaves; so the services need no locks and a run can be repeated exactly.
/// It does no I/O of its own: hosts bring requests in (<see cref="Handle"/>) and run functions (<see cref="IFunctionHost"/>).
/// </summary>
public sealed class Cloud : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IWireService> _wire = new(StringComparer.Ordinal);
    private readonly Table<ClockRow> _time;
    private DateTimeOffset _committed;
    private int _outside;
    private ClockMode _mode;
    private TaskCompletionSource? _changed;
    private WallTime? _wall;

    public Cloud(CloudOptions options, IFunctionHost functions)
    {
        Options = options;
        Store = options.Store;
        _time = new Table<ClockRow>("cloud.clock", Store);
        var kept = _time.Find("now");
        _committed = kept?.Now ?? DateTimeOffset.MinValue;
        _mode = kept?.Mode ?? ClockMode.Auto;
        Clock = new VirtualClock(_committed > options.Start ? _committed : options.Start);
        Clock.Changed += Signal;
        Journal = new Journal(Clock);
        Ids = new Ids(options.Seed, Store);
        DurableQueue = new DurableQueue(Clock, Store);
        Faults = new Faults(this);
        Ecr = new EcrService(this);
        ImageBuilder = new ImageBuilderService(this);
        StepFunctions = new StepFunctionsService(this);
        EventBridge = new EventBridgeService(this);
        Scheduler = new SchedulerService(this);
        Sns = new SnsService(this);
        Sqs = new SqsService(this);
        Metrics = new MetricsService(this);
        Lambda = new LambdaService(this, functions);
        Parameters = new SsmService(this);
        S3 = new S3Service(this);
        Tokens = new StsService(this);
        Iam = new IamService(this);

        // A service that has resource types for stacks adds its own list here.
        Stacks = new StackService(this,
        [
            .. Ecr.ResourceTypes, .. ImageBuilder.ResourceTypes, .. StepFunctions.ResourceTypes, .. EventBridge.ResourceTypes,
            .. Scheduler.ResourceTypes, .. Sns.ResourceTypes, .. Sqs.ResourceTypes, .. Lambda.ResourceTypes,
            .. Parameters.ResourceTypes, .. S3.ResourceTypes, .. Iam.ResourceTypes,
        ]);
        IWireService[] services =
        [
            Ecr, ImageBuilder, StepFunctions, EventBridge, Scheduler, Sns, Sqs, Lambda, Stacks, Parameters, S3, Tokens, Metrics,
            new Ec2Service(this), new QuotaService(this), .. Iam.WireServices,
        ];
        foreach (var service in services)
        {
            _wire.Add(service.SigningName, service);
        }

        DurableQueue.Resume();
        Store.KeepOnly(new HashSet<string>([.. Ecr.Blobs, .. S3.State.Blobs, .. Lambda.Blobs], StringComparer.Ordinal));
    }

    public CloudOptions Options { get; }

    /// <summary>The signing names of the services, sorted.</summary>
    public IReadOnlyList<string> Services => [.. _wire.Keys.Order(StringComparer.Ordinal)];

    public VirtualClock Clock { get; }

    public Journal Journal { get; }

    public Ids Ids { get; }

    internal DurableQueue DurableQueue { get; }

    public ICloudStore Store { get; }

    /// <summary>Asked before each request is served; throw <see cref="AwsException"/> to fail it. For ordered faults.</summary>
    public Action<string, string, CallContext>? BeforeCall { get; set; }

    /// <summary>
    /// Told of each request to a service and its answer, refusals included: service, operation (null when the request names none), request,
    /// answer. For tests that check answers; what it throws reaches the caller.
    /// </summary>
    internal Action<string, string?, WireRequest, WireResponse>? Answered { get; set; }

    public EcrService Ecr { get; }

    public ImageBuilderService ImageBuilder { get; }

    public StepFunctionsService StepFunctions { get; }

    public EventBridgeService EventBridge { get; }

    public SchedulerService Scheduler { get; }

    public SnsService Sns { get; }

    public SqsService Sqs { get; }

    public LambdaService Lambda { get; }

    public StackService Stacks { get; }

    public SsmService Parameters { get; }

    public S3Service S3 { get; }

    public StsService Tokens { get; }

    public MetricsService Metrics { get; }

    /// <summary>Roles, policies and keys: decides about each call of a function, a workflow, a rule, a schedule and a service.</summary>
    public IamService Iam { get; }

    /// <summary>Faults ordered by tests and people: failing calls; lost, doubled and delayed events.</summary>
    public Faults Faults { get; }

    /// <summary>
    /// What <see cref="RunAsync"/> does when nothing is due; an explicit <see cref="RunUntilIdleAsync"/> jumps in either mode. Kept with the state.
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

    /// <summary>How many functions run right now.</summary>
    public int Running => Run(() => _outside);

    /// <summary>Runs something under the gate: for hosts, tests and the control endpoint.</summary>
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

    /// <summary>Serves one AWS API request. What goes wrong is answered in the service's format.</summary>
    /// <exception cref="CallerCrashedException">A fault orders that the caller ends at this call: hosts drop the connection.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "An emulator's bug must reach the caller as a 500, not end the cloud")]
    public WireResponse Handle(WireRequest request)
    {
        if (request.Scope is not { } scope)
        {
            return WireResponse.Text(404, "The request is not signed, so the embedded cloud cannot tell which service it is for.\n");
        }

        if (!_wire.TryGetValue(scope.Service, out var service))
        {
            return UnservedService.Answer(request, scope.Service, Services);
        }

        string? operation = null;
        var answer = Run(() =>
        {
            var context = new CallContext(scope.Region, Options.AccountId, scope.AccessKeyId);
            try
            {
                operation = service.OperationOf(request);
                if (operation is null)
                {
                    return service.Handle(request, context);
                }

                Faults.BeforeCall(scope, operation, request);
                BeforeCall?.Invoke(scope.Service, operation, context);
                Iam.Authorize(service, operation, request, context);
                return Faults.AfterCall(scope, operation, request, service.Handle(request, context));
            }
            catch (AwsException error)
            {
                return service.Error(request, error);
            }
            catch (Exception bug) when (bug is not CallerCrashedException)
            {
                Journal.Write("cloud", "bug", $"{scope.Service}: {bug}");
                return service.Error(request, new AwsException("InternalFailure", $"The embedded cloud failed: {bug.Message}", 500));
            }
        });
        Answered?.Invoke(scope.Service, operation, request, answer);
        return answer;
    }

    /// <summary>
    /// Follows something that runs outside the gate (a function). The clock does not jump while it runs; when it ended,
    /// <paramref name="completed"/> is called under the gate, by whoever drives the clock, so its errors surface there.
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
    /// Lets things happen until nothing is going on any more: no function runs and only patient timers are left, or
    /// <paramref name="until"/> is reached. Returns the number of timers fired.
    /// </summary>
    /// <exception cref="Exception">What a timer's action threw; the timer is gone, the rest is as it was.</exception>
    public Task<int> RunUntilIdleAsync(DateTimeOffset? until = null, CancellationToken cancellationToken = default) =>
        DriveAsync(() => until ?? DateTimeOffset.MaxValue, cancellationToken);

    /// <summary>Lets virtual time pass: everything due up to then happens, patient timers included.</summary>
    public async Task AdvanceToAsync(DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            await DriveAsync(() => instant, cancellationToken);
            lock (_gate)
            {
                // Another thread may have started a function meanwhile: then time must not pass before it ended.
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
    /// Keeps the cloud going until cancelled: whenever there is work, it happens; the host of a long-running cloud. In auto mode wall time
    /// that passes is virtual time that passes, also while functions run. A timer that throws is a bug of the emulator: it is written into
    /// the journal and the cloud goes on.
    /// </summary>
    /// <param name="wall">Null: time passes only by jumps to work and by orders.</param>
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
                    // Taken before the work, so that what changes between its end and the wait wakes us.
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

    /// <summary>The wall time that the clock follows, for what has to wait outside of the gate; null where nobody drives the cloud.</summary>
    internal TimeProvider? Wall => _wall?.Provider;

    public void Dispose()
    {
        Lambda.Dispose();
        Store.Dispose();
    }

    /// <returns>Whether there was something to do.</returns>
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

    /// <summary>Until something changes, or the wall time of the next timer comes.</summary>
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

    /// <param name="until">Asked under the gate before each step.</param>
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

    /// <summary>What is due now happens in any case, also when a delayed call has let time pass beyond <paramref name="until"/>: the result of
    /// the function that made it is due then. Time moves on only when no function runs and there is work ahead.</summary>
    private bool Step(DateTimeOffset until) =>
        Clock.FireNext(Clock.Now)
        || (_outside == 0 && Clock.HasWork(until) && Clock.FireNext(until));

    /// <summary>
    /// Time that somebody may have seen does not come again after a restart, so it is kept together with what happened then. Wall time
    /// passes at every call: it is kept a second ahead, so that not every call writes.
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

    private sealed record ClockRow(DateTimeOffset Now, ClockMode Mode);
}
