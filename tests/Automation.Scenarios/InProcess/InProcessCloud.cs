using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.StepFunctions;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Scenarios.InProcess;

/// <summary>
/// The embedded cloud with a reviewed template in it and the functions as methods: one thread, virtual time, so that a scenario is the
/// same to the last digest whenever it runs.
/// </summary>
internal sealed class InProcessCloud : IScenarioCloud
{
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

    private InProcessCloud(string catalog)
    {
        _cloud = new Cloud(new CloudOptions(), _functions.Host());
        _cloud.Journal.Written += _journal.Add;
        _handler = new InProcessHandler(_cloud);
        _http = new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri("http://cloud.test") };
        _functions.Connect(_handler);
        _clients = new CloudClients(_handler, "AKIASCENARIO");
        ImageBuilder = _clients.ImageBuilder(Region);
        StepFunctions = _clients.StepFunctions(Region);
        var stacks = Path.Combine(AppContext.BaseDirectory, "stacks");
        _template = Template(Path.Combine(stacks, $"{catalog}.template.json"));
        _assets = Path.Combine(stacks, catalog);
        _stack = _cloud.Run(() => _cloud.Stacks.Create(Source(_template)));
    }

    /// <summary>The grants of each role that acts, and how often each was used.</summary>
    public IReadOnlyList<LocalCloud.Iam.RolePermissions> Permissions => _cloud.Run(() => _cloud.Iam.Permissions);

    /// <summary>Updates the stack with a template that differs from the reviewed one.</summary>
    /// <param name="change">Takes the template's resources.</param>
    public void Update(Action<JsonObject> change)
    {
        var template = JsonNode.Parse(_template)!.AsObject();
        change(template["Resources"]!.AsObject());
        _stack = _cloud.Run(() => _cloud.Stacks.Update(Source(template.ToJsonString())));
    }

    public string Region => _cloud.Options.Region;

    public string StateMachineArn => _stack.Outputs.Single(output => output.Key == "StateMachineArn").Value;

    public IAmazonImagebuilder ImageBuilder { get; }

    public IAmazonStepFunctions StepFunctions { get; }

    /// <summary>A cloud in which the stack was just deployed: its first reconcile has found nothing, the next one is an hour away.</summary>
    /// <param name="catalog">Of Automation.Infra.Tests: <c>Automation</c> is the shipped one.</param>
    public static async Task<Fleet> StartAsync(string catalog = "Automation")
    {
        var cloud = new InProcessCloud(catalog);
        await cloud.SettleAsync();
        return new Fleet(cloud);
    }

    /// <summary>Deploys the stack again, with something changed in its template.</summary>
    public void Deploy(Func<string, string> change) => _stack = _cloud.Run(() => _cloud.Stacks.Update(new StackSource("Automation", change(_stack.Template))
    {
        Assets = new Dictionary<string, string> { ["functions.zip"] = Path.Combine(AppContext.BaseDirectory, "stacks", "Automation") },
    }));

    public IAmazonECR Ecr(string region) => _ecr.TryGetValue(region, out var client) ? client : _ecr[region] = _clients.Ecr(region);

    public Task<JsonObject> CallAsync(string service, string target, JsonObject input) =>
        SendAsync(service, new StringContent(input.ToJsonString(), Encoding.UTF8, "application/x-amz-json-1.0"), "/", ("X-Amz-Target", target));

    public Task InvokeEventAsync(string function, JsonNode payload)
    {
        var name = _cloud.Run(() => _cloud.Lambda.Functions.Single(each => each.Environment["ANNOTATIONS_HANDLER"] == function).Name);
        var content = new StringContent(payload.ToJsonString(), Encoding.UTF8, "application/json");
        return SendAsync("lambda", content, $"/2015-03-31/functions/{name}/invocations", ("X-Amz-Invocation-Type", "Event"));
    }

    public Task NotifyAsync(string message) => SendAsync("sns", new FormUrlEncodedContent(new Dictionary<string, string>
    {
        ["Action"] = "Publish",
        ["Version"] = "2010-03-31",
        ["TopicArn"] = _stack.Resources.Single(resource => resource.Type == "AWS::SNS::Topic" && resource.LogicalId.StartsWith("Notifications", StringComparison.Ordinal)).PhysicalId,
        ["Message"] = message,
    }), "/", null);

    public Task<DateTimeOffset> NowAsync() => Task.FromResult(_cloud.Run(() => _cloud.Clock.Now));

    public Task SettleAsync() => _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

    public Task AdvanceAsync(TimeSpan time) => _cloud.AdvanceAsync(time, TestContext.Current.CancellationToken);

    public Task OrderAsync(FaultRule fault) => Order(() => _cloud.Faults.Add(fault));

    public Task<int> OpenOrdersAsync() => Task.FromResult(_cloud.Run(() => _cloud.Faults.Rules.Count));

    public Task ClearOrdersAsync() => Order(_cloud.Faults.Clear);

    public Task OrderAsync(BuildOutcome outcome) => Order(() => _cloud.ImageBuilder.Outcomes.Add(outcome));

    public Task OrderAsync(IReadOnlyList<FindingsRule> findings) => Order(() => _cloud.Ecr.Findings = findings);

    public Task OrderAsync(BuildTimings timings) => Order(() => _cloud.ImageBuilder.Timings = timings);

    public Task<IReadOnlyList<JournalEntry>> JournalAsync() => Task.FromResult(_cloud.Run<IReadOnlyList<JournalEntry>>(() => [.. _journal]));

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
        return ValueTask.CompletedTask;
    }

    private StackSource Source(string template) =>
        new("Automation", template) { Assets = new Dictionary<string, string> { ["functions.zip"] = _assets } };

    private Task Order(Action order)
    {
        _cloud.Run(order);
        return Task.CompletedTask;
    }

    private async Task<JsonObject> SendAsync(string service, HttpContent content, string path, (string Name, string Value)? header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential=AKIASCENARIO/20260105/{Region}/{service}/aws4_request, SignedHeaders=host, Signature=0");
        if (header is { } given)
        {
            request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{service} {path} {header}: {text}");
        return text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : [];
    }

    // Read once: every scenario deploys the same few templates.
    private static string Template(string file) => Templates.GetOrAdd(file, File.ReadAllText);

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> Templates = new(StringComparer.Ordinal);
}
