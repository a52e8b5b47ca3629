using System.Diagnostics.CodeAnalysis;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.EventBridge;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Scheduler;
using Automation.LocalCloud.Sns;
using Automation.LocalCloud.Sqs;
using Automation.LocalCloud.StepFunctions;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud;

/// <summary>What a cloud is made from.</summary>
public sealed record CloudOptions
{
    public string AccountId { get; init; } = "123456789012";

    /// <summary>Region of unsigned requests and of the deployed stack.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Virtual time at the start.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    public string Seed { get; init; } = "automation";

    public ICloudStore Store { get; init; } = new MemoryStore();
}

/// <summary>
/// The embedded cloud: services that are plain state, one clock, one gate. Whatever enters (a request, a timer, the result of a
/// function) takes the gate, runs to its end, and leaves; so the services need no locks and a run can be repeated exactly.
/// It does no I/O of its own: hosts bring requests in (<see cref="Handle"/>) and run functions (<see cref="IFunctionHost"/>).
/// </summary>
public sealed class Cloud : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IWireService> _wire = new(StringComparer.Ordinal);
    private int _outside;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Cloud(CloudOptions options, IFunctionHost functions)
    {
        Options = options;
        Clock = new VirtualClock(options.Start);
        Clock.Changed += Signal;
        Journal = new Journal(Clock);
        Ids = new Ids(options.Seed);
        Store = options.Store;
        Ecr = new EcrService(this);
        ImageBuilder = new ImageBuilderService(this);
        StepFunctions = new StepFunctionsService(this);
        EventBridge = new EventBridgeService(this);
        Scheduler = new SchedulerService(this);
        Sns = new SnsService(this);
        Sqs = new SqsService(this);
        Lambda = new LambdaService(this, functions);
        Stacks = new StackService(this);
        IWireService[] services = [Ecr, ImageBuilder, StepFunctions, EventBridge, Scheduler, Sns, Sqs, Lambda, Stacks];
        foreach (var service in services)
        {
            _wire.Add(service.SigningName, service);
        }
    }

    public CloudOptions Options { get; }

    public VirtualClock Clock { get; }

    public Journal Journal { get; }

    public Ids Ids { get; }

    public ICloudStore Store { get; }

    /// <summary>Asked before each request is served; throw <see cref="AwsException"/> to fail it. For ordered faults.</summary>
    public Action<string, string, CallContext>? BeforeCall { get; set; }

    public EcrService Ecr { get; }

    public ImageBuilderService ImageBuilder { get; }

    public StepFunctionsService StepFunctions { get; }

    public EventBridgeService EventBridge { get; }

    public SchedulerService Scheduler { get; }

    public SnsService Sns { get; }

    public SqsService Sqs { get; }

    public LambdaService Lambda { get; }

    public StackService Stacks { get; }

    /// <summary>Runs something under the gate: for hosts, tests and the control endpoint.</summary>
    public T Run<T>(Func<T> action)
    {
        lock (_gate)
        {
            var result = action();
            Store.Commit();
            return result;
        }
    }

    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>Serves one AWS API request. Never throws: what goes wrong is answered in the service's format.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "An emulator's bug must reach the caller as a 500, not end the cloud")]
    public WireResponse Handle(WireRequest request)
    {
        if (request.Scope is not { } scope || !_wire.TryGetValue(scope.Service, out var service))
        {
            return WireResponse.Text(404, request.Scope is null
                ? "The request is not signed, so the embedded cloud cannot tell which service it is for.\n"
                : $"The embedded cloud has no service '{request.Scope.Service}'. It serves: {string.Join(", ", _wire.Keys.Order(StringComparer.Ordinal))}.\n");
        }

        return Run(() =>
        {
            var context = new CallContext(scope.Region, Options.AccountId, scope.AccessKeyId);
            try
            {
                var operation = service.OperationOf(request);
                if (operation is not null)
                {
                    BeforeCall?.Invoke(scope.Service, operation, context);
                }

                return service.Handle(request, context);
            }
            catch (AwsException error)
            {
                return service.Error(request, error);
            }
            catch (Exception bug)
            {
                Journal.Write("cloud", "bug", $"{scope.Service}: {bug}");
                return service.Error(request, new AwsException("InternalFailure", $"The embedded cloud failed: {bug.Message}", 500));
            }
        });
    }

    /// <summary>
    /// Follows something that runs outside the gate (a function). The clock does not jump while it runs; when it ends,
    /// <paramref name="completed"/> is called under the gate.
    /// </summary>
    public void Outside<T>(Task<T> running, Action<T> completed)
    {
        _outside++;
        if (running.IsCompletedSuccessfully)
        {
            Clock.Soon("function result", () => Finish(running.Result));
            return;
        }

        _ = running.ContinueWith(
            task => Run(() => Finish(task.GetAwaiter().GetResult())),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);

        void Finish(T result)
        {
            _outside--;
            completed(result);
            Signal();
        }
    }

    /// <summary>
    /// Lets things happen until nothing is going on any more: no function runs and only patient timers are left, or
    /// <paramref name="until"/> is reached. Returns the number of timers fired.
    /// </summary>
    public async Task<int> RunUntilIdleAsync(DateTimeOffset? until = null, CancellationToken cancellationToken = default)
    {
        var fired = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wait;
            lock (_gate)
            {
                if (_outside == 0)
                {
                    if (!Clock.HasWork(until ?? DateTimeOffset.MaxValue))
                    {
                        return fired;
                    }

                    Clock.FireNext(until ?? DateTimeOffset.MaxValue);
                    Store.Commit();
                    fired++;
                    continue;
                }

                // Functions are running: what is due right now may happen beside them, but time stands still.
                if (Clock.FireNext(Clock.Now))
                {
                    Store.Commit();
                    fired++;
                    continue;
                }

                wait = _changed.Task;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Lets virtual time pass: everything due up to then happens, patient timers included.</summary>
    public async Task AdvanceToAsync(DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            await RunUntilIdleAsync(instant, cancellationToken);
            lock (_gate)
            {
                if (_outside > 0)
                {
                    continue;
                }

                if (!Clock.FireNext(instant))
                {
                    Clock.MoveTo(instant);
                    Store.Commit();
                    return;
                }

                Store.Commit();
            }
        }
    }

    public Task AdvanceAsync(TimeSpan time, CancellationToken cancellationToken = default) =>
        AdvanceToAsync(Clock.Now + time, cancellationToken);

    /// <summary>Keeps the cloud going until cancelled: whenever there is work, it happens; the host of a long-running cloud.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task wait;
            lock (_gate)
            {
                wait = _changed.Task;
            }

            await RunUntilIdleAsync(null, cancellationToken);
            await wait.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => Store.Dispose();

    private void Signal()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
