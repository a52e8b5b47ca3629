using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Automation.Aws;
using Automation.Aws.Facts;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Functions.Events;
using Automation.Functions.Steps;
using Automation.Functions.Triggers;

namespace Automation.Functions.Tests;

/// <summary>The functions over services in memory. The default catalog is the shipped one: <c>golden/base:stable</c>, with
/// <c>runtime</c> built on it and <c>app</c> built on that.</summary>
internal sealed class FunctionHarness
{
    public const string Region = "us-east-1";
    public const string Account = "123456789012";

    /// <summary>The time of the samples.</summary>
    public static readonly DateTimeOffset Now = new(2026, 1, 5, 8, 30, 0, TimeSpan.Zero);

    private static readonly FunctionSerializer Serializer = new();

    private Invocation? _invocation;

    public FunctionHarness(ImageCatalog? catalog = null)
    {
        void EndTime() => _invocation!.End();
        Builder = new() { EndTime = EndTime };
        Registry = new() { EndTime = EndTime };
        Catalog = catalog ?? ImageCatalog.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "catalog.json")));
        foreach (var image in Catalog.Images)
        {
            Builder.Pipelines.Add(
                new PipelineFacts(PipelineArn(image.PipelineName), image.PipelineName, true, RecipeVersion.Parse("1.0.0"),
                    Ecr(image.From?.ToString() ?? "golden/base:stable")));
            Registry.Create(image.Repository);
        }

        Registry.Create("golden/base");
    }

    public ImageCatalog Catalog { get; }

    public FakeImageBuilder Builder { get; }

    public FakeRegistry Registry { get; }

    public FakeWorkflow Workflow { get; } = new();

    public FakeIncidents Incidents { get; } = new();

    public FakeScanWaits ScanWaits { get; } = new();

    public List<string> Log { get; } = [];

    /// <summary>Lines in the embedded metric format.</summary>
    public List<string> MetricLines { get; } = [];

    /// <summary>The time that the invocation has left when it begins.</summary>
    public TimeSpan Remaining { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The time after which the function would have been cancelled.</summary>
    public TimeSpan? TimeGiven => _invocation?.Given;

    /// <summary>An image of the account in the form of a recipe; without a host it would mean Docker Hub.</summary>
    public static string Ecr(string image) => $"{Account}.dkr.ecr.{Region}.amazonaws.com/{image}";

    public static string PipelineArn(string name) => $"arn:aws:imagebuilder:{Region}:{Account}:image-pipeline/{name}";

    public static string BuildArn(string image, string version) => $"arn:aws:imagebuilder:{Region}:{Account}:image/{image}/{version}";

    public static Digest Digest(string of) =>
        Core.Images.Digest.Parse("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of))));

    /// <summary>Deserialises text with the production serializer.</summary>
    public static T Read<T>(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return Serializer.Deserialize<T>(stream);
    }

    /// <summary>Serialises with the production serializer.</summary>
    public static JsonElement Written<T>(T result)
    {
        using var stream = new MemoryStream();
        Serializer.Serialize(result, stream);
        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    /// <summary>A completed build with its image, tagged as Image Builder tags it.</summary>
    /// <param name="content">The content of the image; by default the version.</param>
    public BuildRecord Built(string image, string version, DateTimeOffset? at = null, BuildState state = BuildState.Available, string? content = null)
    {
        var record = new BuildRecord
        {
            Version = ImageVersion.Parse(version),
            Arn = BuildArn(image, version),
            State = state,
            CreatedAt = at ?? Now.AddMinutes(-30),
            Cause = "base:x",
        };
        Builder.Builds.Add((image, record));
        if (state.Succeeded())
        {
            Registry.Push(Catalog.Find(image)!.Repository, content ?? $"{image} {version}", record.CreatedAt, [record.Version.Tag]);
        }

        return record;
    }

    public void Change(string arn, Func<BuildRecord, BuildRecord> change)
    {
        var at = Builder.Builds.FindIndex(build => build.Record.Arn == arn);
        Builder.Builds[at] = (Builder.Builds[at].Pipeline, change(Builder.Builds[at].Record));
    }

    public FleetReader Fleet() => new(Catalog, Builder, Registry, Scope());

    public Task<TriggerResult> ImagePushed(EcrEvent pushed) =>
        new ImagePushedFunction(Catalog, Fleet(), Dispatcher(), new ListLogger<ImagePushedFunction>(Log)).ImagePushed(pushed, Context());

    public Task<TriggerResult> BuildNotification(NotificationBatch notification) =>
        new BuildNotificationFunction(Catalog, Fleet(), Builder, Scope(), Dispatcher(), new ListLogger<BuildNotificationFunction>(Log)).BuildNotification(
            notification, Context());

    public Task<TriggerResult> ScanCompleted(ScanEvent scanned) =>
        new ScanCompletedFunction(ScanWaits, new ListLogger<ScanCompletedFunction>(Log)).ScanCompleted(scanned, Context());

    public Task<TriggerResult> Reconcile(ReconcileRequest request) =>
        new ReconcileFunction(Catalog, Fleet(), Builder, Workflow, Dispatcher(), Reporter(), Metrics(), new ListLogger<ReconcileFunction>(Log)).Reconcile(
            request, Context());

    public Task<PlanBuildResult> PlanBuild(StepInput input) =>
        new PlanBuildFunction(Fleet(), new ListLogger<PlanBuildFunction>(Log)).PlanBuild(input, Context());

    public Task<StartBuildResult> StartBuild(StepInput input) =>
        new StartBuildFunction(Builder, new ListLogger<StartBuildFunction>(Log)).StartBuild(input, Context());

    public Task<InspectImageResult> InspectImage(StepInput input) =>
        new InspectImageFunction(Fleet(), Builder, new ListLogger<InspectImageFunction>(Log)).InspectImage(input, Context());

    public Task<CheckScanResult> CheckScan(StepInput input) =>
        new CheckScanFunction(Fleet(), Registry, Builder, new ListLogger<CheckScanFunction>(Log)).CheckScan(input, Context());

    public Task<PromoteImageResult> PromoteImage(StepInput input) =>
        new PromoteImageFunction(Fleet(), Registry, Builder, new ListLogger<PromoteImageFunction>(Log)).PromoteImage(input, Context());

    public Task<PruneResult> Prune(StepInput input) =>
        new PruneFunction(Fleet(), Registry, Builder, Scope(), Metrics(), new ListLogger<PruneFunction>(Log)).Prune(input, Context());

    /// <summary>Checks each event against its schema, in every test.</summary>
    public async Task<AnnounceResult> Announce(StepInput input)
    {
        var result = await new AnnounceFunction(Builder, Reporter(), Metrics(), new ListLogger<AnnounceFunction>(Log)).Announce(input, Context());
        EventSchema.Check(result.DetailType, Written(result).GetProperty("detail"));
        return result;
    }

    /// <summary>A step's input as the workflow passes it.</summary>
    public static StepInput Step(LifecycleState state, DateTimeOffset? now = null) => new() { Now = now ?? Now, Execution = "execution-1", State = state };

    /// <summary>The state after InspectImage.</summary>
    public static LifecycleState Released(string image, string version, string? content = null, params string[] regions) => new()
    {
        Action = "release",
        Image = image,
        Version = version,
        Release = new InspectImageResult(
            "releasable",
            BuildArn(image, version),
            version,
            Now.AddMinutes(-30),
            $"images/{image}",
            [.. (regions.Length == 0 ? [Region] : regions).Select(region => new RegionDigest(region, Digest(content ?? $"{image} {version}").Value))],
            null,
            false,
            [new ReasonText("available", "available")]),
    };

    private Dispatcher Dispatcher() => new(Workflow, new ListLogger<Dispatcher>(Log));

    private IncidentReporter Reporter() => new(Incidents, new ListLogger<IncidentReporter>(Log));

    private Metrics Metrics() => new(MetricLines.Add, "function-1");

    private static AwsScope Scope() => new("aws", Region, Account);

    private Invocation Context() => _invocation = new(Remaining);
}
