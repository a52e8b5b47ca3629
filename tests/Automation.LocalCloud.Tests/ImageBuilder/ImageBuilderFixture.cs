using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>A cloud without functions, with short methods for Image Builder's wire.</summary>
internal sealed class ImageBuilderFixture : IDisposable
{
    public const string Account = "123456789012";
    public const string Region = "us-east-1";
    public const string Host = $"{Account}.dkr.ecr.{Region}.amazonaws.com";
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    private int _tokens;

    public ImageBuilderFixture(ICloudStore? store = null, bool checksParentImages = false)
    {
        Cloud = new Cloud(new CloudOptions { Store = store ?? new MemoryStore(), ChecksParentImages = checksParentImages }, new NoFunctions()).Checked();
        Cloud.Journal.Written += Entries.Add;
    }

    public Cloud Cloud { get; }

    public List<JournalEntry> Entries { get; } = [];

    public IEnumerable<JsonNode> Events => Entries
        .Where(entry => entry is { Source: "events", Kind: "event-published" })
        .Select(entry => JsonNode.Parse(entry.Data["event"])!)
        .Where(published => published["source"]!.GetValue<string>() == "aws.imagebuilder");

    public IEnumerable<string> StateEvents => Events
        .Where(published => published["detail"]!["state"] is not null)
        .Select(published => $"{published["detail"]!["previous-state"]!["status"]}>{published["detail"]!["state"]!["status"]}");

    public IEnumerable<string> Messages => Entries.Where(entry => entry is { Source: "sns", Kind: "message-published" }).Select(entry => entry.Data["message"]);

    public static string Arn(string path, string region = Region) => $"arn:aws:imagebuilder:{region}:{Account}:{path}";

    public WireResponse Send(
        string method, string path, string query = "", JsonObject? body = null, string region = Region, string service = "imagebuilder", string? target = null)
    {
        var headers = new Dictionary<string, string>();
        if (target is not null)
        {
            headers["x-amz-target"] = target;
        }

        return Cloud.Handle(new WireRequest(method, path, query, headers, body is null ? default : Encoding.UTF8.GetBytes(body.ToJsonString()))
        {
            Scope = new CredentialScope("AKIDTEST", region, service),
        });
    }

    /// <param name="path"><c>/bucket/key</c>; the bucket is created.</param>
    public void PutObject(string path, string text)
    {
        foreach (var (target, body) in new[] { (path[..path.IndexOf('/', 1)], ""), (path, text) })
        {
            Assert.Equal(200, Cloud.Handle(new WireRequest(
                "PUT", target, "", new Dictionary<string, string> { ["host"] = "127.0.0.1:4566" }, Encoding.UTF8.GetBytes(body))
            {
                Scope = new CredentialScope("AKIDTEST", Region, "s3"),
            }).Status);
        }
    }

    public static JsonObject Body(WireResponse response) => JsonNode.Parse(response.Body.Span)!.AsObject();

    /// <summary>An operation with its members in the body; a client token is added if the operation has one.</summary>
    public JsonObject Ok(string operation, object body, string region = Region)
    {
        var response = Try(operation, body, region);
        Assert.True(response.Status == 200, $"{operation}: {response.Status} {Encoding.UTF8.GetString(response.Body.Span)}");
        return Body(response);
    }

    public void Refused(string code, int status, string operation, object body, string region = Region) =>
        AssertRefused(code, status, Try(operation, body, region));

    public static void AssertRefused(string code, int status, WireResponse response)
    {
        var text = Encoding.UTF8.GetString(response.Body.Span);
        Assert.True(response.Headers.TryGetValue("x-amzn-ErrorType", out var found) && found == code, $"{response.Status} {found}: {text}");
        Assert.Equal(status, response.Status);
        Assert.False(string.IsNullOrEmpty(Body(response)["message"]!.GetValue<string>()));
    }

    public WireResponse Try(string operation, object body, string region = Region)
    {
        var input = body as JsonObject ?? JsonSerializer.SerializeToNode(body)!.AsObject();
        var method = operation.StartsWith("List", StringComparison.Ordinal) ? "POST"
            : operation.StartsWith("Get", StringComparison.Ordinal) ? "GET"
            : operation.StartsWith("Delete", StringComparison.Ordinal) ? "DELETE" : "PUT";
        if (method is "GET" or "DELETE")
        {
            var query = string.Join('&', input.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!.GetValue<string>())}"));
            return Send(method, "/" + operation, query, null, region);
        }

        if (method == "PUT" && operation != "PutContainerRecipePolicy" && !input.ContainsKey("clientToken"))
        {
            input["clientToken"] = $"token-{++_tokens}";
        }

        return Send(method, "/" + operation, "", input, region);
    }

    /// <summary>A Dockerfile template of only the three contextual variables.</summary>
    public const string Template = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n";

    public JsonObject Recipe(string name = "app", string version = "1.0.0", string parent = "public.ecr.aws/docker/library/debian:12", string? template = null,
        object[]? components = null)
    {
        var body = new JsonObject
        {
            ["name"] = name,
            ["semanticVersion"] = version,
            ["containerType"] = "DOCKER",
            ["parentImage"] = parent,
            ["dockerfileTemplateData"] = template ?? Template,
            ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = name },
        };
        if (components is not null)
        {
            body["components"] = JsonSerializer.SerializeToNode(components);
        }

        if (parent.StartsWith("public.ecr.aws/", StringComparison.Ordinal) || parent.Contains(".dkr.", StringComparison.Ordinal))
        {
            body["platformOverride"] = "Linux";
        }

        return body;
    }

    public string CreateRecipe(string name = "app", string version = "1.0.0", string parent = "public.ecr.aws/docker/library/debian:12",
        string? template = null, object[]? components = null) =>
        Ok("CreateContainerRecipe", Recipe(name, version, parent, template, components))["containerRecipeArn"]!.GetValue<string>();

    public string CreateInfrastructure(string name = "infra", string? topic = null)
    {
        var body = new JsonObject { ["name"] = name, ["instanceProfileName"] = "builder" };
        if (topic is not null)
        {
            body["snsTopicArn"] = topic;
        }

        return Ok("CreateInfrastructureConfiguration", body)["infrastructureConfigurationArn"]!.GetValue<string>();
    }

    public string CreateDistribution(string name, params (string Region, string Repository, string[] Tags)[] targets) =>
        Ok("CreateDistributionConfiguration", new JsonObject
        {
            ["name"] = name,
            ["distributions"] = new JsonArray([.. targets.Select(target => new JsonObject
            {
                ["region"] = target.Region,
                ["containerDistributionConfiguration"] = new JsonObject
                {
                    ["containerTags"] = new JsonArray([.. target.Tags.Select(tag => JsonValue.Create(tag))]),
                    ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = target.Repository },
                },
            })]),
        })["distributionConfigurationArn"]!.GetValue<string>();

    /// <summary>Recipe, infrastructure configuration and pipeline, all with one name.</summary>
    public string CreatePipeline(
        string name = "app", string parent = "public.ecr.aws/docker/library/debian:12", string? template = null, string? topic = null, JsonObject? more = null)
    {
        var body = new JsonObject
        {
            ["name"] = name,
            ["containerRecipeArn"] = CreateRecipe(name, parent: parent, template: template),
            ["infrastructureConfigurationArn"] = CreateInfrastructure(name, topic),
        };
        foreach (var (key, value) in more ?? [])
        {
            body[key] = value?.DeepClone();
        }

        return Ok("CreateImagePipeline", body)["imagePipelineArn"]!.GetValue<string>();
    }

    public string Start(string pipeline) =>
        Ok("StartImagePipelineExecution", new { imagePipelineArn = pipeline })["imageBuildVersionArn"]!.GetValue<string>();

    public JsonNode Image(string arn) => Ok("GetImage", new { imageBuildVersionArn = arn })["image"]!;

    public string Status(string arn) => Image(arn)["state"]!["status"]!.GetValue<string>();

    public string? Reason(string arn) => Image(arn)["state"]!["reason"]?.GetValue<string>();

    /// <summary>A pipeline's schedule member.</summary>
    public static JsonObject Schedule(string expression, string? condition)
    {
        var schedule = new JsonObject { ["scheduleExpression"] = expression };
        if (condition is not null)
        {
            schedule["pipelineExecutionStartCondition"] = condition;
        }

        return new JsonObject { ["schedule"] = schedule };
    }

    public JsonArray Images(string pipeline) => Ok("ListImagePipelineImages", new { imagePipelineArn = pipeline })["imageSummaryList"]!.AsArray();

    public Task IdleAsync() => Cloud.RunUntilIdleAsync(null, TestContext.Current.CancellationToken);

    public Task PassAsync(TimeSpan time) => Cloud.AdvanceAsync(time, TestContext.Current.CancellationToken);

    public void CreateRepository(string name, string region = Region, string mutability = "MUTABLE")
    {
        var response = Send(
            "POST", "/", "",
            new JsonObject { ["repositoryName"] = name, ["imageTagMutability"] = mutability },
            region, "ecr", "AmazonEC2ContainerRegistry_V20150921.CreateRepository");
        Assert.True(response.Status == 200, Encoding.UTF8.GetString(response.Body.Span));
    }

    /// <summary>A small image of one layer; different content gives a different digest.</summary>
    public string Push(string repository, string tag, string content, string region = Region) => Cloud.Run(() =>
    {
        var layer = Cloud.Ecr.PutBlob(region, repository, Encoding.UTF8.GetBytes(content));
        var config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"amd64","os":"linux","config":{"Env":["A=b"],"Labels":{"kept":"yes"}},"rootfs":{"type":"layers","diff_ids":["{{{layer}}}"]},"history":[{"created_by":"{{{content}}}"}]}""");
        var configDigest = Cloud.Ecr.PutBlob(region, repository, config);
        var manifest = $$"""
            {"schemaVersion":2,"mediaType":"{{DockerManifest}}","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":{{config.Length}},"digest":"{{configDigest}}"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":{{content.Length}},"digest":"{{layer}}"}]}
            """;
        return Cloud.Ecr.PutManifest(region, repository, Encoding.UTF8.GetBytes(manifest), DockerManifest, tag);
    });

    public JsonObject Manifest(string repository, string tag, string region = Region) => Cloud.Run(() =>
    {
        var image = Cloud.Ecr.Find(region, repository, tag);
        Assert.NotNull(image);
        return JsonNode.Parse(image.Manifest.Span)!.AsObject();
    });

    public JsonObject Config(string repository, string tag, string region = Region)
    {
        var digest = Manifest(repository, tag, region)["config"]!["digest"]!.GetValue<string>();
        return Cloud.Run(() => JsonNode.Parse(Cloud.Ecr.ReadBlob(region, repository, digest)!.Value.Span)!.AsObject());
    }

    public void Dispose() => Cloud.Dispose();

    private sealed class NoFunctions : IFunctionHost
    {
        public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => throw new InvalidOperationException("There are no functions here.");
    }
}
