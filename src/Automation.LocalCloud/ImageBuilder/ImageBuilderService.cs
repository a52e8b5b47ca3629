using System.Text;
using System.Text.Json.Nodes;
using Automation.ApiTables;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Handles one operation. Its input has been checked against the API table.</summary>
internal delegate JsonObject Operation(CallContext context, JsonObject input);

/// <summary>
/// EC2 Image Builder for container images: recipes, components, configurations, pipelines with schedules, and builds that run on the
/// cloud's clock and push real images to the cloud's ECR. Components and Dockerfiles are checked and added to the image but not
/// executed. AMI pipelines can be described but not built. https://docs.aws.amazon.com/imagebuilder/latest/APIReference/
/// </summary>
public sealed class ImageBuilderService : IWireService, IImagePipelines
{
    private readonly Engine _engine;
    private readonly BuildRunner _builds;
    private readonly ClientTokens _clientTokens;
    private readonly Dictionary<string, Operation> _operations = new(StringComparer.Ordinal);

    public ImageBuilderService(Engine engine)
    {
        _engine = engine;
        State = new ImageBuilderState(engine);
        State.CountChanges();
        _clientTokens = new ClientTokens(engine.Store);
        Outcomes = new OutcomeRules(engine.Store);
        var pager = new Pager(engine, () => State.Revision);
        var components = new ComponentOperations(State, pager, ReadDocument);
        var workflows = new WorkflowOperations(State, pager, ReadDocument);
        var runs = new WorkflowRuns(State, workflows);
        _builds = new BuildRunner(State, components, runs, Outcomes);
        var schedules = new PipelineSchedules(State, _builds);
        components.Register(_operations);
        new RecipeOperations(State, pager, components, ReadDocument).Register(_operations);
        new ConfigurationOperations(State, pager).Register(_operations);
        new PipelineOperations(State, pager, workflows, _builds, schedules).Register(_operations);
        var images = new ImageOperations(State, pager, workflows, runs, _builds);
        images.Register(_operations);
        workflows.Register(_operations);
        new WorkflowExecutionOperations(State, pager, runs, _builds).Register(_operations);
        new ImageFindings(State, pager).Register(_operations);
        new PolicyOperations(State).Register(_operations);
        var packages = new ImagePackages(State, pager);
        packages.Register(_operations);
        _builds.Distributed = packages.Record;
        var lifecycle = new LifecycleOperations(State, pager, images);
        lifecycle.Register(_operations);
        new TagOperations(State).Register(_operations);
        ResourceTypes = ImageBuilderResources.All(this);
        _builds.Resume();
        schedules.Resume();
        lifecycle.Resume();
    }

    internal ImageBuilderState State { get; }

    public string SigningName => "imagebuilder";

    /// <summary>Handles a request of the control endpoint for Amazon's managed images (see <see cref="ManagedImages"/>).</summary>
    /// <exception cref="AwsException">ValidationException: the request is not valid.</exception>
    public JsonObject SetManagedImages(JsonObject input) => State.Managed.Apply(input);

    public BuildTimings Timings
    {
        get => _builds.Timings;
        set => _builds.Timings = value;
    }

    internal long RevisionOf(string arn) => State.RevisionOf(arn);

    public ImageBuilderQuotas Quotas
    {
        get => State.Quotas;
        set => State.Quotas = value;
    }

    /// <summary>The injected build failures. Use it under the cloud's gate.</summary>
    public OutcomeRules Outcomes { get; }

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    /// <summary>The API table, which the first request reads.</summary>
    internal ApiModel Model => Validator.Model;

    private RequestValidator Validator => field ??= RequestValidator.Of("imagebuilder", "imagebuilder.more");

    private RestRoutes Routes => field ??= new RestRoutes(Model);

    public string? OperationOf(WireRequest request) => Routes.Find(request)?.Name;

    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) =>
        new ImageBuilderPermissions(context.AccountId).Of(operation, Routes.Read(Model.Operations[operation], request));

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var operation = Routes.Find(request)
            ?? throw new AwsException("UnknownOperationException", $"The embedded cloud does not serve imagebuilder {request.Method} {request.Path}.", 404);
        var answer = Call(operation, context, Routes.Read(operation, request));
        RemoveAbsent(answer);
        if (operation.Output.Members.Any(member => member.Name == "RequestId"))
        {
            answer["requestId"] = _engine.Ids.Next().ToString();
        }

        return WireResponse.Json(answer);
    }

    public WireResponse Error(WireRequest request, AwsException error)
    {
        var status = Model.ErrorStatus.GetValueOrDefault(error.Code, error.Status);
        return WireResponse.Json(new JsonObject { ["message"] = error.Message }, status: status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = error.Code },
        };
    }

    /// <summary>The address that the image of a build gets in its Region: <c>host/repository:1.0.0-1</c>.</summary>
    internal string PlannedUri(string imageArn)
    {
        var build = State.Images.Find(imageArn)!;
        var targets = Distributor.Targets(build);
        var target = targets.Find(target => target.Region == build.Region) is { Tags: not null } own ? own : targets.FirstOrDefault();
        return target.Tags is null ? "" : $"{_engine.Registry.RegistryHost(target.Region)}/{target.Repository}:{target.Tags[0]}";
    }

    /// <summary>Cancels a build that has not ended.</summary>
    internal void CancelIfRunning(string imageArn)
    {
        if (State.Images.Find(imageArn) is { } build && ImageStatus.InProgress(build.Status))
        {
            _builds.Cancel(build);
        }
    }

    /// <summary>https://docs.aws.amazon.com/imagebuilder/latest/userguide/ev-rules-for-pipeline.html</summary>
    void IImagePipelines.Start(string pipelineArn) => Call(
        "StartImagePipelineExecution",
        new CallContext(Arn.Parse(pipelineArn).Region, _engine.Options.AccountId, "events"),
        new JsonObject { ["imagePipelineArn"] = pipelineArn, ["clientToken"] = _engine.Ids.Next().ToString() });

    /// <summary>Calls an operation from inside the cloud, with the same checks as a request.</summary>
    /// <exception cref="AwsException">An error of the service.</exception>
    internal JsonObject Call(string operation, CallContext context, JsonObject input) => Call(Model.Operations[operation], context, input);

    private JsonObject Call(ApiOperation operation, CallContext context, JsonObject input)
    {
        if (!_operations.TryGetValue(operation.Name, out var serve))
        {
            throw WireJson.UnknownOperation(SigningName, operation.Name);
        }

        RemoveAbsent(input);
        var violations = Validator.Check(operation.Name, input);
        if (violations.Count > 0)
        {
            throw violations.Any(violation => violation.Kind == ViolationKind.Type)
                ? new AwsException("SerializationException", Violation.Describe(violations))
                : new AwsException(InvalidCodeOf(operation, violations), Violation.Describe(violations));
        }

        if (operation.Name.StartsWith("Create", StringComparison.Ordinal))
        {
            // The first resource of an account also creates the service-linked role.
            _engine.Access.EnsureLinkedRole();
        }

        return operation.Input.Members.Any(member => member.IsIdempotencyToken)
            ? _clientTokens.Once(operation.Name, context, input, () => serve(context, input))
            : serve(context, input);
    }

    // A null member counts as absent, in requests and in responses.
    private static void RemoveAbsent(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                RemoveAbsent(item);
            }
        }
        else if (node is JsonObject members)
        {
            foreach (var (name, value) in members.ToList())
            {
                if (value is null)
                {
                    members.Remove(name);
                }
                else
                {
                    RemoveAbsent(value);
                }
            }
        }
    }

    // The error code for a broken constraint depends on what the operation declares; all other operations declare InvalidRequestException.
    // A version with the wrong syntax has its own code: "out of bounds or does not follow the required syntax".
    private static string InvalidCodeOf(ApiOperation operation, IReadOnlyList<Violation> violations) =>
        violations is [{ Kind: ViolationKind.Pattern, Path: "semanticVersion" }]
            && operation.Errors.Contains("InvalidVersionNumberException", StringComparer.Ordinal)
            ? "InvalidVersionNumberException"
        : operation.Errors.Contains("InvalidParameterException", StringComparer.Ordinal) ? "InvalidParameterException"
        : operation.Errors.Contains("InvalidParameterValueException", StringComparer.Ordinal) ? "InvalidParameterValueException"
        : "InvalidRequestException";

    /// <summary>The text of the object at <c>s3://bucket/key</c>.</summary>
    private string ReadDocument(string parameter, string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var address) || address.Scheme != "s3" || address.AbsolutePath.Length < 2)
        {
            throw Errors.InvalidValue(parameter, $"'{uri}' is not the address of an object in S3, such as s3://bucket/key.");
        }

        try
        {
            return Encoding.UTF8.GetString(_engine.Objects.Read(address.Host, Uri.UnescapeDataString(address.AbsolutePath[1..])).Span);
        }
        catch (AwsException missing)
        {
            throw Errors.InvalidValue(parameter, $"'{uri}' cannot be read. {missing.Message}");
        }
    }
}
