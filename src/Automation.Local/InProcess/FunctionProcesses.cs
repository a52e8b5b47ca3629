using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amazon.Lambda.Core;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Workflow;
using Automation.Functions;
using Automation.Functions.Events;
using Automation.Functions.Steps;
using Automation.Functions.Triggers;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;
using Microsoft.Extensions.Logging;

namespace Automation.Local.InProcess;

/// <summary>
/// The real functions as methods: their classes, their <see cref="Startup"/>, their serializer. Only the environment of a process is
/// different: environment variables come from the invocation, calls go to the cloud in this process, the log to its journal. Like a warm
/// process, a function keeps its objects until it crashes.
/// </summary>
internal sealed class FunctionProcesses : IDisposable
{
    private static readonly FunctionSerializer Serializer = new();

    private static readonly Dictionary<string, Func<Startup, Handler>> Functions = new(StringComparer.Ordinal)
    {
        [nameof(ImagePushedFunction.ImagePushed)] = Bind<EcrEvent, TriggerResult>(parts => new ImagePushedFunction(parts).ImagePushed),
        [nameof(BuildNotificationFunction.BuildNotification)] =
            Bind<NotificationBatch, TriggerResult>(parts => new BuildNotificationFunction(parts).BuildNotification),
        [nameof(ScanCompletedFunction.ScanCompleted)] = Bind<ScanEvent, TriggerResult>(parts => new ScanCompletedFunction(parts).ScanCompleted),
        [nameof(ReconcileFunction.Reconcile)] = Bind<ReconcileRequest, TriggerResult>(parts => new ReconcileFunction(parts).Reconcile),
        [nameof(PlanBuildFunction.PlanBuild)] = Bind<StepInput, PlanBuildResult>(parts => new PlanBuildFunction(parts).PlanBuild),
        [nameof(StartBuildFunction.StartBuild)] = Bind<StepInput, StartBuildResult>(parts => new StartBuildFunction(parts).StartBuild),
        [nameof(InspectImageFunction.InspectImage)] = Bind<StepInput, InspectImageResult>(parts => new InspectImageFunction(parts).InspectImage),
        [nameof(CheckScanFunction.CheckScan)] = Bind<StepInput, CheckScanResult>(parts => new CheckScanFunction(parts).CheckScan),
        [nameof(PromoteImageFunction.PromoteImage)] = Bind<StepInput, PromoteImageResult>(parts => new PromoteImageFunction(parts).PromoteImage),
        [nameof(PruneFunction.Prune)] = Bind<StepInput, PruneResult>(parts => new PruneFunction(parts).Prune),
        [nameof(AnnounceFunction.Announce)] = Bind<StepInput, AnnounceResult>(parts => new AnnounceFunction(parts).Announce),
    };

    private readonly Dictionary<string, (Handler Handler, Wire Wire)> _running = new(StringComparer.Ordinal);
    private (string Text, string Prefix, ImageCatalog Catalog)? _catalog;
    private CloudCall? _cloud;
    private KnownAnswers? _known;
    private long _invocations;
    private FunctionInvocation? _invocation;

    private delegate Task<ReadOnlyMemory<byte>> Handler(ReadOnlyMemory<byte> input, ILambdaContext context);

    public InProcessFunctionHost Host()
    {
        var host = new InProcessFunctionHost();
        foreach (var name in Functions.Keys)
        {
            host.Add(name, InvokeAsync);
        }

        return host;
    }

    /// <summary>The target of the functions' calls; the cloud is created after its host.</summary>
    /// <param name="known">If not null, reading operations are repeated only after a change.</param>
    public void Connect(CloudCall cloud, KnownAnswers? known = null) => (_cloud, _known) = (cloud, known);

    /// <summary>Ends all processes, so that the next invocation uses the newly deployed code.</summary>
    public void Restart()
    {
        _running.Clear();
    }

    public void Dispose() => Restart();

    /// <summary>The function that runs now, and the number of its invocation.</summary>
    public (string Function, long Number)? Current { get; private set; }

    /// <summary>Called after each call that took effect, before the function gets the response.</summary>
    public Action<string, long>? Answered { get; set; }

    /// <summary>Another catalog than that of the functions' package.</summary>
    public string? CatalogFile { get; set; }

    /// <summary>The source of the images in use; null means the services of the cloud.</summary>
    public Func<ImageCatalog, IWorkloads>? UseOf { get; init; }

    private async Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation)
    {
        var name = invocation.Function.Environment["ANNOTATIONS_HANDLER"];
        var (caller, callers) = (Current, _invocation);
        (Current, _invocation) = ((name, ++_invocations), invocation);
        try
        {
            if (!_running.TryGetValue(invocation.Function.Arn, out var process))
            {
                _running.Add(invocation.Function.Arn, process = Start(invocation, Functions[name]));
            }

            var answer = process.Handler(invocation.Payload, new Context(invocation));
            if (await Task.WhenAny(process.Wire.Crash, answer) == process.Wire.Crash)
            {
                _running.Remove(invocation.Function.Arn);
                throw await process.Wire.Crash;
            }

            return new FunctionOutcome(false, await answer);
        }
        finally
        {
            (Current, _invocation) = (caller, callers);
        }
    }

    private (Handler Handler, Wire Wire) Start(FunctionInvocation invocation, Func<Startup, Handler> create)
    {
        var variables = new Dictionary<string, string>(invocation.Function.Environment, StringComparer.Ordinal)
        {
            ["AWS_REGION"] = invocation.Function.Region,
            ["AUTOMATION_CATALOG"] = CatalogFile ?? Path.Combine(invocation.Function.CodeFolder!, "catalog.json"),
        };
        var wire = new Wire(this, _cloud!);
        var sdk = new CloudClients(wire.CallAsync, invocation.AccessKeyId, _known);
        var parts = new Startup(
            FunctionSettings.From(variables.GetValueOrDefault),
            new AwsClients(sdk.Ecr, sdk.ImageBuilder, sdk.Parameters, () => sdk.StepFunctions(invocation.Function.Region), sdk.Json),
            new Metrics(invocation.Log, invocation.Function.Name),
            new JournalLog(() => _invocation ?? invocation))
        {
            UseOf = UseOf,
            Parse = Parse,
        };
        return (create(parts), wire);
    }

    // All functions of a stack have the same catalog, and nothing changes one that has been read.
    private ImageCatalog Parse(string text, string prefix)
    {
        if (_catalog is not { } read || read.Text != text || read.Prefix != prefix)
        {
            _catalog = read = (text, prefix, ImageCatalog.Parse(text, prefix, timeZonesMustExist: false));
        }

        return read.Catalog;
    }

    private static Func<Startup, Handler> Bind<TInput, TOutput>(Func<Startup, Func<TInput, ILambdaContext, Task<TOutput>>> create) => parts =>
    {
        var call = create(parts);
        return async (input, context) =>
        {
            using var request = new MemoryStream(input.ToArray());
            var output = await call(Serializer.Deserialize<TInput>(request), context);
            using var response = new MemoryStream();
            Serializer.Serialize(output, response);
            return response.ToArray();
        };
    };

    /// <summary>The network of a process. A process that dies stays in its call forever, so nothing of it runs any more, not even a <c>finally</c>.</summary>
    private sealed class Wire(FunctionProcesses processes, CloudCall cloud)
    {
        private readonly TaskCompletionSource<CallerCrashedException> _crash = new();

        public Task<CallerCrashedException> Crash => _crash.Task;

        public async ValueTask<WireResponse> CallAsync(WireRequest request, CancellationToken cancellationToken)
        {
            try
            {
                if (!Crash.IsCompleted)
                {
                    var response = await cloud(request, cancellationToken);
                    if (response.Status is >= 200 and < 300 && processes.Current is var (function, number))
                    {
                        processes.Answered?.Invoke(function, number);
                    }

                    return response;
                }
            }
            catch (CallerCrashedException crash)
            {
                _crash.SetResult(crash);
            }

            return await new TaskCompletionSource<WireResponse>().Task;
        }
    }

    /// <summary>Time does not pass while a function runs, so all of its time always remains.</summary>
    private sealed class Context(FunctionInvocation invocation) : ILambdaContext
    {
        public string AwsRequestId => invocation.RequestId;

        public IClientContext ClientContext => null!;

        public string FunctionName => invocation.Function.Name;

        public string FunctionVersion => "$LATEST";

        public ICognitoIdentity Identity => null!;

        public string InvokedFunctionArn => invocation.Function.Arn;

        public ILambdaLogger Logger => null!;

        public string LogGroupName => $"/aws/lambda/{invocation.Function.Name}";

        public string LogStreamName => "in-process";

        public int MemoryLimitInMB => invocation.Function.MemoryMegabytes;

        public TimeSpan RemainingTime => invocation.Function.Timeout;
    }

    /// <summary>Writes the lines that Lambda's runtime would write in the JSON format.</summary>
    private sealed class JournalLog(Func<FunctionInvocation> current) : ILogger
    {
        private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public void Log<TState>(Microsoft.Extensions.Logging.LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var invocation = current();
            using var line = new MemoryStream();
            using (var writer = new Utf8JsonWriter(line, Readable))
            {
                writer.WriteStartObject();
                writer.WriteString("level", logLevel.ToString());
                writer.WriteString("requestId", invocation.RequestId);
                writer.WriteString("message", formatter(state, exception));
                foreach (var (name, value) in state as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
                {
                    if (name != "{OriginalFormat}")
                    {
                        writer.WriteString(name, value?.ToString());
                    }
                }

                writer.WriteEndObject();
            }

            invocation.Log(Encoding.UTF8.GetString(line.GetBuffer().AsSpan(0, (int)line.Length)));
        }
    }
}
