using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.Runtime;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.Cli.Tests.Doctor;

/// <summary>An account in which the reviewed stack is deployed and running, so that doctor finds nothing. Tests plant one fault each.</summary>
internal sealed class DeployedAccount : IAsyncDisposable
{
    /// <summary>The state of a deployed account. A deployment takes five times as long as a copy of one.</summary>
    private static readonly Lazy<Task<MemoryStore>> Deployed = new(DeployAsync);

    private readonly HttpClient _http = new();

    private DeployedAccount(CloudHost host) => Host = host;

    public CloudHost Host { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Deployed");

    /// <summary>A new account: no bootstrap, no stack.</summary>
    public static Task<DeployedAccount> EmptyAsync(TimeProvider? time = null) => OnAsync(new MemoryStore(), time);

    public static async Task<DeployedAccount> StartAsync(TimeProvider? time = null)
    {
        var account = await OnAsync((await Deployed.Value).Copy(), time);
        account.Reconciled(failed: false);
        return account;
    }

    private static async Task<DeployedAccount> OnAsync(MemoryStore store, TimeProvider? time)
    {
        var options = new CloudHostOptions { Drive = false, Cloud = new CloudOptions { Store = store } };
        return new(await CloudHost.StartAsync(options, Token)) { Time = time ?? TimeProvider.System };
    }

    private static async Task<MemoryStore> DeployAsync()
    {
        var store = new MemoryStore(keepsRows: true);
        await using var account = await OnAsync(store, null);
        await account.PutParameterAsync("/cdk-bootstrap/hnb659fds/version", "30");
        var template = await File.ReadAllTextAsync(Path.Combine(Folder, "template.json"), Token);
        var source = new StackSource("Automation", template) { Assets = new Dictionary<string, string> { ["functions.zip"] = Folder } };
        account.Host.Cloud.Run(() => account.Host.Cloud.Stacks.Create(source));
        await account.Host.Cloud.RunUntilIdleAsync(cancellationToken: Token);
        await account.SubscribeAsync("sqs", "arn:aws:sqs:us-east-1:123456789012:pager");
        await account.PushAsync("golden/base", "stable");
        await account.PushAsync("images/runtime", "latest");
        return store;
    }

    /// <summary>The catalog that doctor reads. A test replaces it if its fault needs another one.</summary>
    public string Catalog { get; set; } = Path.Combine(Folder, "catalog.json");

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Task<CommandRun> DoctorAsync(params string[] options) => CommandRun.OfAsync(
        Time, ["doctor", .. options, "--endpoint", Host.Endpoint.ToString(), "--catalog", Catalog], AppContext.BaseDirectory, Token);

    /// <summary>Changes the stack's catalog for doctor.</summary>
    public async Task ChangeCatalogAsync(Action<JsonObject> change)
    {
        var catalog = JsonNode.Parse(await File.ReadAllTextAsync(Catalog, Token))!.AsObject();
        change(catalog);
        Catalog = Path.Combine(Directory.CreateTempSubdirectory("doctor").FullName, "catalog.json");
        await File.WriteAllTextAsync(Catalog, catalog.ToJsonString(), Token);
    }

    /// <summary>Pushes an image with a tag.</summary>
    public async Task PushAsync(string repository, string tag, string release = "one")
    {
        using var ecr = new AmazonECRClient(
            new BasicAWSCredentials("test", "test"), new AmazonECRConfig { ServiceURL = Host.Endpoint.ToString(), AuthenticationRegion = "us-east-1" });
        await BaseImage.PushAsync(ecr, repository, tag, release);
    }

    /// <summary>Records that the reconcile ran now.</summary>
    public void Reconciled(bool failed) =>
        Host.Cloud.Run(() => Host.Cloud.Metrics.Count("us-east-1", Physical("FunctionsReconcile", "AWS::Lambda::Function"), failed));

    /// <summary>The physical id of the stack's resource with a logical id that begins with this prefix.</summary>
    public string Physical(string logicalId, string type) => Host.Cloud.Run(() => Host.Cloud.Stacks.All.Single(stack => stack.Name == "Automation").Resources
        .Single(resource => resource.Type == type && resource.LogicalId.StartsWith(logicalId, StringComparison.Ordinal)).PhysicalId);

    public Task SubscribeAsync(string protocol, string endpoint) => QueryAsync("sns", "2010-03-31", "Subscribe",
        ("TopicArn", Physical("Alerts", "AWS::SNS::Topic")), ("Protocol", protocol), ("Endpoint", endpoint), ("ReturnSubscriptionArn", "true"));

    /// <summary>Deploys the stack with a change that fails.</summary>
    public async Task UpdateAsync(Action<JsonNode> change)
    {
        var template = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "template.json"), Token))!;
        change(template);
        var source = new StackSource("Automation", template.ToJsonString()) { Assets = new Dictionary<string, string> { ["functions.zip"] = Folder } };
        Assert.Throws<AwsException>(() => Host.Cloud.Run(() => Host.Cloud.Stacks.Update(source)));
    }

    /// <summary>Makes an existing pipeline build the image app in the catalog.</summary>
    public Task AdoptAsync(string pipeline, Action<JsonObject>? change = null) => ChangeCatalogAsync(catalog =>
    {
        var app = catalog["images"]![1]!.AsObject();
        app["pipeline"] = pipeline;
        app.Remove("from");
        change?.Invoke(app);
    });

    public Task PutParameterAsync(string name, string value, string type = "String") => JsonAsync("ssm", "AmazonSSM.PutParameter", new JsonObject
    {
        ["Name"] = name,
        ["Value"] = value,
        ["Type"] = type,
        ["Overwrite"] = true,
    });

    public async Task<JsonObject> JsonAsync(string service, string target, JsonObject input)
    {
        using var request = Signed(HttpMethod.Post, service, "/", new StringContent(input.ToJsonString(), Encoding.UTF8, "application/x-amz-json-1.1"));
        request.Headers.Add("X-Amz-Target", target);
        var text = await SendAsync(request);
        return text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : [];
    }

    public async Task<string> QueryAsync(string service, string version, string action, params (string Name, string Value)[] parameters)
    {
        var form = parameters.Prepend(("Version", version)).Prepend(("Action", action))
            .Select(parameter => new KeyValuePair<string, string>(parameter.Item1, parameter.Item2));
        using var request = Signed(HttpMethod.Post, service, "/", new FormUrlEncodedContent(form));
        return await SendAsync(request);
    }

    public async Task<JsonObject> RestAsync(HttpMethod method, string service, string path, JsonObject? body = null)
    {
        using var request = Signed(method, service, path, body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        var text = await SendAsync(request);
        return text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : [];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Host.DisposeAsync();
    }

    private HttpRequestMessage Signed(HttpMethod method, string service, string path, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, new Uri(Host.Endpoint, path)) { Content = content };
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            string.Create(CultureInfo.InvariantCulture,
                $"AWS4-HMAC-SHA256 Credential=AKIATEST/20260105/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        return request;
    }

    private async Task<string> SendAsync(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }
}
