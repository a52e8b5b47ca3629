using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.StepFunctions;
using Automation.Aws;
using Automation.Aws.Facts;
using Automation.Aws.Sdk;
using Automation.Aws.Sdk.Json;
using Automation.Aws.Workloads;
using Automation.Core.Catalog;
using Automation.Local.InProcess;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Storage;

namespace Automation.Testing;

/// <summary>
/// The embedded cloud with a reviewed template and the functions as methods. It has one thread and virtual time, so that a scenario gives
/// identical results in every run.
/// </summary>
internal sealed class TestCloud : IAsyncDisposable
{
    private const string Person = "AKIASCENARIO";

    private readonly FunctionProcesses _functions = new();
    private readonly List<JournalEntry> _journal = [];
    private readonly Dictionary<string, AmazonECRClient> _ecr = new(StringComparer.Ordinal);
    private readonly InProcessHandler _handler;
    private readonly HttpClient _http;
    private readonly CloudClients _clients;
    private readonly Cloud _cloud;
    private readonly string _template;
    private readonly string _assets;
    private StackRecord _stack;

    private readonly DirectoryInfo? _folder;

    private TestCloud(string catalog, Func<string, string>? template, string? text, CloudOptions options)
        : this(options)
    {
        var stacks = Path.Combine(AppContext.BaseDirectory, "stacks");
        _assets = Path.Combine(stacks, catalog);
        if (text is not null)
        {
            _folder = FolderOf(text);
            _assets = _folder.FullName;
        }

        var deployed = Template(Path.Combine(stacks, $"{catalog}.template.json"));
        _template = template?.Invoke(deployed) ?? deployed;
        _stack = _cloud.Run(() => _cloud.Stacks.Create(Source(_template)));
    }

    private TestCloud(TestCloud origin, string? text)
        : this(origin._cloud.Options with { Store = ((MemoryStore)origin._cloud.Store).Copy() })
    {
        _journal.AddRange(origin._journal);
        _assets = origin._assets;
        if (text is not null)
        {
            _folder = FolderOf(text);
            _assets = _folder.FullName;
            _functions.CatalogFile = Path.Combine(_assets, "catalog.json");
        }

        _template = origin._template;
        _stack = origin._stack;
    }

    private TestCloud(CloudOptions options)
    {
        _cloud = new Cloud(options, _functions.Host());
        _cloud.Journal.Written += _journal.Add;
        _handler = new InProcessHandler(_cloud);
        _http = new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri("http://cloud.test") };
        _functions.Connect(_handler.CallAsync);
        _clients = new CloudClients(_handler.CallAsync, Person);
        ImageBuilder = _clients.ImageBuilder(Region);
        StepFunctions = _clients.StepFunctions(Region);
        (_assets, _template, _stack) = ("", "", null!);
    }

    /// <summary>Lets the functions read again only what has changed, as in a rehearsal. For a large fleet; call it before any function runs.</summary>
    public void KeepAnswers() => _functions.Connect(_handler.CallAsync, new KnownAnswers(_cloud));

    /// <summary>The options of a cloud that can be copied.</summary>
    public static CloudOptions ForCopies => new() { Store = new MemoryStore(keepsRows: true) };

    /// <summary>
    /// Another cloud in the present state of this one, with new function processes, for histories with the same beginning. It must end before this one.
    /// </summary>
    /// <param name="text">Another catalog for the functions, which differs only in rules.</param>
    public TestCloud Copy(string? text = null) => new(this, text);

    /// <summary>The grants of each role in use, and how often each was used.</summary>
    public IReadOnlyList<LocalCloud.Iam.RoleGrants> Permissions => _cloud.Run(() => _cloud.Iam.Permissions);

    /// <summary>Updates the stack with a template that differs from the reviewed one.</summary>
    /// <param name="change">Receives the template's resources.</param>
    public void Update(Action<JsonObject> change)
    {
        var template = JsonNode.Parse(_template)!.AsObject();
        change(template["Resources"]!.AsObject());
        _stack = _cloud.Run(() => _cloud.Stacks.Update(Source(template.ToJsonString())));
    }

    /// <summary>Deploys the functions with another catalog that differs only in rules.</summary>
    public void Redeploy(Func<string, string> change)
    {
        var file = Path.Combine(_folder?.FullName ?? throw new InvalidOperationException("Only a catalog given to StartAsync can be changed."), "catalog.json");
        File.WriteAllText(file, change(File.ReadAllText(file)));
        _functions.Restart();
    }

    /// <summary>The functions' own readers, with the permissions of an administrator.</summary>
    public FleetReader Reader()
    {
        var scope = new AwsScope("aws", Region, _cloud.Options.AccountId);
        var catalog = ImageCatalog.Parse(File.ReadAllText(Path.Combine(_assets, "catalog.json")));
        var json = _clients.Json(scope);
        return new FleetReader(
            catalog, new ImageBuilderGateway(_clients.ImageBuilder, scope),
            new EcrRegistry(_clients.Ecr, (api, region) => json.Of(api, region, account: null)), scope, null,
            new WorkloadReader(catalog, json, scope));
    }

    /// <summary>Clients of services without a package, with the permissions of an administrator.</summary>
    public JsonClients Json => _clients.Json(new AwsScope("aws", Region, _cloud.Options.AccountId));

    /// <summary>Sends requests to the cloud.</summary>
    public HttpClient Http => _http;

    /// <summary>The catalog that the functions follow.</summary>
    public string CatalogText => File.ReadAllText(Path.Combine(_assets, "catalog.json"));

    /// <summary>The Region of the stack.</summary>
    public string Region => _cloud.Options.Region;

    public string StateMachineArn => _stack.Outputs.Single(output => output.Key == "StateMachineArn").Value;

    /// <summary>The topic that Image Builder notifies.</summary>
    public string NotificationsTopicArn => _stack.Resources
        .Single(resource => resource.Type == "AWS::SNS::Topic" && resource.LogicalId.StartsWith("Notifications", StringComparison.Ordinal)).PhysicalId;

    public IAmazonImagebuilder ImageBuilder { get; }

    public IAmazonStepFunctions StepFunctions { get; }

    /// <summary>A cloud right after the deployment of the stack: its first reconcile has found nothing, and the next one is an hour away.</summary>
    /// <param name="catalog">A catalog of Automation.Infra.Tests: <c>Automation</c> is the shipped one, except that retention deletes, as in the demo.</param>
    /// <param name="template">Changes to the reviewed template of that catalog.</param>
    /// <param name="text">Another catalog for the functions than that of the template.</param>
    /// <param name="options">The cloud's options, if they are not the usual ones.</param>
    public static async Task<Fleet> StartAsync(
        string catalog = "Automation", Func<string, string>? template = null, string? text = null, CloudOptions? options = null)
    {
        // A deployment takes five times as long as a copy of one.
        if (options is null && template is null && text is null)
        {
            return new Fleet((await Deployed.GetOrAdd(catalog, name => new(() => DeployAsync(name, null, null, ForCopies))).Value).Copy());
        }

        return new Fleet(await DeployAsync(catalog, template, text, options ?? new CloudOptions()));
    }

    private static async Task<TestCloud> DeployAsync(string catalog, Func<string, string>? template, string? text, CloudOptions options)
    {
        var cloud = new TestCloud(catalog, template, text, options);
        await cloud.SettleAsync();
        return cloud;
    }

    /// <summary>Deploys the stack again with a change in its template.</summary>
    public void Deploy(Func<string, string> change) => _stack = _cloud.Run(() => _cloud.Stacks.Update(new StackSource("Automation", change(_stack.Template))
    {
        Assets = new Dictionary<string, string> { ["functions.zip"] = Path.Combine(AppContext.BaseDirectory, "stacks", "Automation") },
    }));

    public IAmazonECR Ecr(string region) => _ecr.TryGetValue(region, out var client) ? client : _ecr[region] = _clients.Ecr(region);

    /// <summary>Image Builder for another user in another Region.</summary>
    public IAmazonImagebuilder ImageBuilderIn(string region) => _clients.ImageBuilder(region);

    /// <summary>Called with service and operation right before each API call takes effect, to simulate races. Null ends this.</summary>
    public void BeforeEachCall(Action<string, string>? action) =>
        _cloud.Run(() => _cloud.BeforeCall = action is null ? null : (service, operation, _) => action(service, operation));

    /// <summary>Called right before each call of a function or of the workflow takes effect, but not before those of people. It can fail the call with an
    /// <see cref="LocalCloud.Wire.AwsException"/>, and may itself make calls.</summary>
    public void BeforeEachCallOfAutomation(Action<AutomationCall> action) => _cloud.Run(() => _cloud.BeforeCall = (service, operation, context) =>
    {
        if (context.AccessKeyId != Person)
        {
            action(new AutomationCall(service, operation, context.Region, _functions.Current));
        }
    });

    /// <summary>Called with the function and the number of its invocation after each of its calls that took effect, before it gets the response. It can end
    /// the function with a <see cref="CallerCrashedException"/>.</summary>
    public void AfterEachCallOfFunctions(Action<string, long> action) => _functions.Answered = action;

    /// <summary>Puts a tag on an image, inside <see cref="BeforeEachCall"/>.</summary>
    /// <returns>False if the image does not exist.</returns>
    public bool TryTag(string repository, string digest, string tag)
    {
        if (_cloud.Ecr.Find(Region, repository, digest) is not { } image)
        {
            return false;
        }

        _cloud.Ecr.PutManifest(Region, repository, image.Manifest, image.MediaType, tag);
        return true;
    }

    /// <summary>The content of a layer in the stack's Region, as text.</summary>
    public string Layer(string repository, string digest) =>
        Encoding.UTF8.GetString(_cloud.Run(() => _cloud.Ecr.ReadBlob(Region, repository, digest))!.Value.Span);

    /// <summary>
    /// A call without an SDK client here, in the stack's Region unless another is given: AWS JSON 1.0 for a target such as
    /// <c>AmazonSQS.ReceiveMessage</c>.
    /// </summary>
    public Task<JsonObject> CallAsync(string service, string target, JsonObject input, string? region = null) =>
        SendAsync(service, new StringContent(input.ToJsonString(), Encoding.UTF8, "application/x-amz-json-1.0"), "/", ("X-Amz-Target", target), region);

    /// <summary>A call of a REST service that creates something.</summary>
    public Task<JsonObject> PostAsync(string service, string path, JsonObject input, string? region = null) =>
        SendAsync(service, new StringContent(input.ToJsonString(), Encoding.UTF8, "application/json"), path, null, region);

    /// <summary>A call of a REST service that changes something.</summary>
    public Task<JsonObject> PutAsync(string service, string path, JsonObject input, string? region = null) =>
        SendAsync(service, new StringContent(input.ToJsonString(), Encoding.UTF8, "application/json"), path, null, region, HttpMethod.Put);

    /// <summary>A call of a REST service that deletes something.</summary>
    public Task<JsonObject> DeleteAsync(string service, string path, string? region = null) =>
        SendAsync(service, new StringContent(""), path, null, region, HttpMethod.Delete);

    /// <summary>Invokes a function asynchronously with an event, like EventBridge and SNS, with retries and dead letters.</summary>
    /// <param name="function">The name in the stack, such as <c>BuildNotification</c>.</param>
    public Task InvokeEventAsync(string function, JsonNode payload)
    {
        var name = _cloud.Run(() => _cloud.Lambda.Functions.Single(each => each.Environment["ANNOTATIONS_HANDLER"] == function).Name);
        var content = new StringContent(payload.ToJsonString(), Encoding.UTF8, "application/json");
        return SendAsync("lambda", content, $"/2015-03-31/functions/{name}/invocations", ("X-Amz-Invocation-Type", "Event"));
    }

    /// <summary>Publishes an event of an AWS service on the default bus of the stack's Region, in the format of EventBridge samples.</summary>
    public Task PublishAsync(string source, string detailType, JsonObject detail) =>
        Apply(() => _cloud.EventBridge.Publish(Region, source, detailType, [], detail));

    /// <summary>Publishes to the topic that Image Builder notifies.</summary>
    public Task NotifyAsync(string message) => SendAsync("sns", new FormUrlEncodedContent(new Dictionary<string, string>
    {
        ["Action"] = "Publish",
        ["Version"] = "2010-03-31",
        ["TopicArn"] = NotificationsTopicArn,
        ["Message"] = message,
    }), "/", null);

    /// <summary>The root of the signatures that ECR's managed signing makes here, in PEM.</summary>
    public string SigningRoot => _cloud.Run(() => _cloud.Signatures.Root);

    /// <summary>Virtual time.</summary>
    public Task<DateTimeOffset> NowAsync() => Task.FromResult(_cloud.Run(() => _cloud.Clock.Now));

    /// <summary>Runs until nothing is in progress. Time jumps to pending work; schedules do not count.</summary>
    public Task SettleAsync() => _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>The same, but not longer than a time.</summary>
    public Task SettleAsync(TimeSpan limit) =>
        _cloud.RunUntilIdleAsync(_cloud.Run(() => _cloud.Clock.Now) + limit, TestContext.Current.CancellationToken);

    /// <summary>Lets time pass, including schedules.</summary>
    public Task AdvanceAsync(TimeSpan time) => _cloud.AdvanceAsync(time, TestContext.Current.CancellationToken);

    public Task InjectAsync(FaultRule fault) => Apply(() => _cloud.Faults.Add(fault));

    /// <summary>Injected faults that have not occurred yet.</summary>
    public Task<int> PendingFaultsAsync() => Task.FromResult(_cloud.Run(() => _cloud.Faults.Rules.Count));

    /// <summary>Removes all injected faults.</summary>
    public Task ClearFaultsAsync() => Apply(_cloud.Faults.Clear);

    public Task InjectAsync(BuildOutcome outcome) => Apply(() => _cloud.ImageBuilder.Outcomes.Add(outcome));

    /// <summary>Sets the findings of future scans; empty means none.</summary>
    public Task InjectAsync(IReadOnlyList<FindingsRule> findings) => Apply(() => _cloud.Ecr.Findings = findings);

    /// <summary>Sets how the registry scans images on push.</summary>
    /// <param name="type">BASIC or ENHANCED.</param>
    /// <param name="filter">The repositories, with <c>*</c> wildcards.</param>
    public Task SetScanningAsync(string type, string filter) =>
        CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.PutRegistryScanningConfiguration", new JsonObject
        {
            ["scanType"] = type,
            ["rules"] = new JsonArray(new JsonObject
            {
                ["scanFrequency"] = "SCAN_ON_PUSH",
                ["repositoryFilters"] = new JsonArray(new JsonObject { ["filter"] = filter, ["filterType"] = "WILDCARD" }),
            }),
        });

    /// <summary>Sets the findings of the images that match, and scans them again at once, as enhanced scanning does for a new vulnerability.</summary>
    public Task ScanAgainAsync(FindingsRule rule) => Apply(() => _cloud.Ecr.Scan(rule));

    /// <summary>Sets an image of an upstream registry.</summary>
    public void SetUpstream(string registry, string repository, string tag, string content) => _cloud.Run(() => _cloud.Ecr.SetUpstreams(
        new JsonObject { ["registry"] = registry, ["repository"] = repository, ["tag"] = tag, ["content"] = content }));

    public void SetOutage(string registry, bool isOut) =>
        _cloud.Run(() => _cloud.Ecr.SetUpstreams(new JsonObject { ["registry"] = registry, ["unavailable"] = isOut }));

    /// <summary>A new version of an Amazon-managed image.</summary>
    public void SetManagedImage(string name, string version) =>
        _cloud.Run(() => _cloud.ImageBuilder.SetManagedImages(new JsonObject { ["name"] = name, ["version"] = version }));

    /// <summary>Sets the duration of future builds.</summary>
    public Task InjectAsync(BuildTimings timings) => Apply(() => _cloud.ImageBuilder.Timings = timings);

    /// <summary>Sets the Region's quotas.</summary>
    public Task InjectAsync(ImageBuilderQuotas quotas) => Apply(() => _cloud.ImageBuilder.Quotas = quotas);

    /// <summary>Reports each journal entry from now on, with the function that runs at that moment; null if none does.</summary>
    public void OnJournal(Action<JournalEntry, string?> heard) =>
        _cloud.Run(() => _cloud.Journal.Written += entry => heard(entry, _functions.Current?.Function));

    /// <summary>All journal entries, in order.</summary>
    public Task<IReadOnlyList<JournalEntry>> JournalAsync() => Task.FromResult(_cloud.Run<IReadOnlyList<JournalEntry>>(() => [.. _journal]));

    /// <summary>The handlers of the deployed functions, such as <c>BuildNotification</c>, by their names in the account.</summary>
    public IReadOnlyDictionary<string, string> Handlers =>
        _cloud.Run(() => _cloud.Lambda.Functions.ToDictionary(each => each.Name, each => each.Environment["ANNOTATIONS_HANDLER"], StringComparer.Ordinal));

    /// <summary>The builds of a pipeline, oldest first. Unlike <see cref="Fleet.BuildsAsync"/> it makes no call, so a listener of the journal may use it.</summary>
    public IReadOnlyList<Build> BuildsNow(string pipeline) => _cloud.Run<IReadOnlyList<Build>>(() =>
        [.. _cloud.ImageBuilder.State.Images.Values.Where(build => build.SourcePipelineName == pipeline).OrderBy(build => build.Build)
            .Select(build => new Build($"{build.Version}/{build.Build}", build.Arn, build.Status, _cloud.ImageBuilder.State.TagsOf(build.Arn)))]);

    /// <summary>The tags of a pipeline, for a listener of the journal.</summary>
    public IReadOnlyDictionary<string, string> PipelineTagsNow(string pipeline) => _cloud.Run(() =>
        _cloud.ImageBuilder.State.TagsOf(_cloud.ImageBuilder.State.Pipelines.Values.Single(each => each.Name == pipeline).Arn));

    /// <summary>Deletes all schedules of the stack's Region. From now on a test decides when something runs.</summary>
    public void DeleteSchedules() => _cloud.Run(() =>
    {
        foreach (var schedule in _cloud.Scheduler.State.Schedules(Region).ToList())
        {
            _cloud.Scheduler.State.Delete(schedule);
        }
    });

    public ValueTask DisposeAsync()
    {
        _functions.Dispose();
        ImageBuilder.Dispose();
        StepFunctions.Dispose();
        foreach (var client in _ecr.Values)
        {
            client.Dispose();
        }

        _http.Dispose();
        _handler.Dispose();
        _cloud.Dispose();
        _folder?.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private StackSource Source(string template) =>
        new("Automation", template) { Assets = new Dictionary<string, string> { ["functions.zip"] = _assets } };

    private Task Apply(Action change)
    {
        _cloud.Run(change);
        return Task.CompletedTask;
    }

    private async Task<JsonObject> SendAsync(
        string service, HttpContent content, string path, (string Name, string Value)? header, string? region = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path) { Content = content };
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={Person}/20260105/{region ?? Region}/{service}/aws4_request, SignedHeaders=host, Signature=0");
        if (header is { } given)
        {
            request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{service} {path} {header}: {text}");
        return text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : [];
    }

    private static DirectoryInfo FolderOf(string catalog)
    {
        var folder = Directory.CreateTempSubdirectory("catalog-");
        File.WriteAllText(Path.Combine(folder.FullName, "catalog.json"), catalog);
        return folder;
    }

    /// <summary>The catalog of a reviewed template.</summary>
    public static string CatalogOf(string catalog) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "stacks", catalog, "catalog.json"));

    // Read once, because every scenario deploys the same few templates.
    private static string Template(string file) => Templates.GetOrAdd(file, File.ReadAllText);

    private static readonly ConcurrentDictionary<string, string> Templates = new(StringComparer.Ordinal);

    /// <summary>A cloud with each reviewed stack, right after its deployment. It stays as it is, and scenarios run on copies of it.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<Task<TestCloud>>> Deployed = new(StringComparer.Ordinal);
}
