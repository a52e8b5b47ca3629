using System.Diagnostics.CodeAnalysis;
using Automation.LocalCloud.AppRunner;
using Automation.LocalCloud.Batch;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.CloudWatch;
using Automation.LocalCloud.CodeBuild;
using Automation.LocalCloud.Ec2;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ecs;
using Automation.LocalCloud.EventBridge;
using Automation.LocalCloud.Iam;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Inspector;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Logs;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.S3;
using Automation.LocalCloud.SageMaker;
using Automation.LocalCloud.Scheduler;
using Automation.LocalCloud.ServiceQuotas;
using Automation.LocalCloud.Signer;
using Automation.LocalCloud.Sns;
using Automation.LocalCloud.Sqs;
using Automation.LocalCloud.Ssm;
using Automation.LocalCloud.StepFunctions;
using Automation.LocalCloud.Sts;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud;

/// <summary>
/// The embedded cloud: its services on one <see cref="Engine"/>. The cloud does no I/O: hosts deliver requests (<see cref="Handle"/>) and run
/// functions (<see cref="IFunctionHost"/>).
/// </summary>
public sealed class Cloud : Engine
{
    private readonly Dictionary<string, IWireService> _wire = new(StringComparer.Ordinal);
    private readonly LogsService _logs;

    public Cloud(CloudOptions options, IFunctionHost functions)
        : base(options)
    {
        Ecr = new EcrService(this);
        ImageBuilder = new ImageBuilderService(this);
        StepFunctions = new StepFunctionsService(this);
        EventBridge = new EventBridgeService(this);
        Scheduler = new SchedulerService(this);
        Sns = new SnsService(this);
        Sqs = new SqsService(this);
        Metrics = new CloudWatchService(this);
        Lambda = new LambdaService(this, functions);
        Containers = new EcsService(this);
        Parameters = new SsmService(this);
        S3 = new S3Service(this);
        Tokens = new StsService(this);
        Iam = new IamService(this);
        Inspector = new InspectorService(this);
        Signatures = new SignerService(this);
        _logs = new LogsService(this);

        // A service that has CloudFormation resource types adds its list here.
        Stacks = new CloudFormationService(this,
        [
            .. Ecr.ResourceTypes, .. ImageBuilder.ResourceTypes, .. StepFunctions.ResourceTypes, .. EventBridge.ResourceTypes,
            .. Scheduler.ResourceTypes, .. Sns.ResourceTypes, .. Sqs.ResourceTypes, .. Lambda.ResourceTypes,
            .. Parameters.ResourceTypes, .. S3.ResourceTypes, .. Iam.ResourceTypes, .. Metrics.ResourceTypes, .. _logs.ResourceTypes,
        ]);
        IWireService[] services =
        [
            Ecr, ImageBuilder, StepFunctions, EventBridge, Scheduler, Sns, Sqs, Lambda, Containers, Stacks, Parameters, S3, Tokens, Metrics, _logs,
            Inspector, Signatures, new BatchService(this), new SageMakerService(this), new CodeBuildService(this), new AppRunnerService(this),
            new Ec2Service(this), new ServiceQuotasService(() => ImageBuilder.Quotas, () => Ecr.ImagesPerRepository), .. Iam.WireServices,
        ];
        foreach (var service in services)
        {
            _wire.Add(service.SigningName, service);
        }

        DurableQueue.Resume();
        Store.KeepOnly(new HashSet<string>([.. Ecr.Blobs, .. S3.State.Blobs, .. Lambda.Blobs], StringComparer.Ordinal));
    }

    /// <summary>The signing names of the services, sorted.</summary>
    public IReadOnlyList<string> Services => [.. _wire.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// Called for each request to a service and its response, including errors. Its arguments are the service, the operation (null if the
    /// request names none), the request and the response. For tests that check responses; the caller receives its exceptions.
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

    public EcsService Containers { get; }

    public CloudFormationService Stacks { get; }

    public SsmService Parameters { get; }

    public S3Service S3 { get; }

    public StsService Tokens { get; }

    public CloudWatchService Metrics { get; }

    public InspectorService Inspector { get; }

    public SignerService Signatures { get; }

    /// <summary>Roles, policies and keys. Authorises each call of a function, a workflow, a rule, a schedule and a service.</summary>
    public IamService Iam { get; }

    internal override IAccess Access => Iam;

    internal override ISessions Sessions => Tokens;

    internal override IEventBus Events => EventBridge;

    internal override IFunctions Functions => Lambda;

    internal override ITopics Topics => Sns;

    internal override IQueues Queues => Sqs;

    internal override IWorkflows Workflows => StepFunctions;

    internal override IRegistry Registry => Ecr;

    internal override IParameters ParameterStore => Parameters;

    internal override IObjects Objects => S3;

    internal override IInvocationMetrics InvocationMetrics => Metrics;

    internal override ILogs Logs => _logs;

    internal override IContainerTasks ContainerTasks => Containers;

    internal override IImagePipelines ImagePipelines => ImageBuilder;

    internal override ISigner Signer => Signatures;

    /// <summary>
    /// A number that changes whenever a reading operation may have another answer, apart from time: with its rows, and with what callers may do. So a
    /// client in this process may keep an answer while the number stays the same. Read it under the gate.
    /// </summary>
    /// <param name="service">ecr or imagebuilder; no other service counts changes.</param>
    /// <param name="subject">What is read: a repository; a pipeline and its builds, or recipes, by ARN.</param>
    public long RevisionOf(string service, string region, string subject) => Iam.Revision + service switch
    {
        "ecr" => Ecr.RevisionOf(region, subject),
        "imagebuilder" => ImageBuilder.RevisionOf(subject),
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "Only ecr and imagebuilder count changes."),
    };

    /// <summary>Serves one AWS API request. Errors are returned in the service's format.</summary>
    /// <exception cref="CallerCrashedException">An injected fault ends the caller at this call; hosts drop the connection.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "An emulator's bug must reach the caller as a 500, not end the cloud")]
    public WireResponse Handle(WireRequest request)
    {
        if (request.Scope is not { } scope)
        {
            return WireResponse.Text(404, "The request is not signed, so the embedded cloud does not know which service it is for.\n");
        }

        if (!_wire.TryGetValue(scope.Service, out var service))
        {
            return UnservedService.Answer(request, scope.Service, Services);
        }

        string? operation = null;
        var answer = Run(() =>
        {
            var context = new CallContext(scope.Region, Tokens.AccountOf(scope.AccessKeyId), scope.AccessKeyId);
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
                InputTable.Find(scope.Service)?.Check(operation, request);
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Lambda.Dispose();
            Store.Dispose();
        }
    }
}
