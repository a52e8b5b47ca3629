using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

/// <summary>A cloud whose registry tests call over the wire formats, and the events that it published.</summary>
internal sealed class RegistryFixture : IDisposable
{
    public const string Region = "eu-west-1";
    public const string Host = "localhost:4566";

    public RegistryFixture(ICloudStore? store = null, DateTimeOffset? start = null)
    {
        var options = new CloudOptions { Region = Region };
        Cloud = new Cloud(options with { Store = store ?? options.Store, Start = start ?? options.Start }, new NoFunctions()).Checked();
        Cloud.Ecr.Events.Publish = (region, source, detailType, resources, detail) =>
            Events.Add(new PublishedEvent(region, source, detailType, resources, detail));
        Cloud.Journal.Written += Journal.Add;
    }

    public Cloud Cloud { get; }

    public List<PublishedEvent> Events { get; } = [];

    public List<JournalEntry> Journal { get; } = [];

    /// <summary>Calls an operation and expects success.</summary>
    public JsonObject Call(string operation, string input, string region = Region)
    {
        var (status, body) = Send(operation, input, region);
        Assert.True(status == 200, body.ToJsonString());
        return body;
    }

    /// <summary>Calls an operation and expects an error.</summary>
    /// <returns>Code and message.</returns>
    public (string Code, string Message) Fail(string operation, string input, string region = Region)
    {
        var (status, body) = Send(operation, input, region);
        Assert.Equal(400, status);
        return (Text(body["__type"]), Text(body["message"]));
    }

    public (int Status, JsonObject Body) Send(string operation, string input, string region = Region)
    {
        var response = Cloud.Handle(new WireRequest(
            "POST",
            "/",
            "",
            new Dictionary<string, string> { ["x-amz-target"] = $"AmazonEC2ContainerRegistry_V20150921.{operation}", ["host"] = Host },
            Encoding.UTF8.GetBytes(input))
        {
            Scope = new CredentialScope("AKID", region, "ecr"),
        });
        return (response.Status, (JsonObject)JsonNode.Parse(response.Body.Span)!);
    }

    public void CreateRepository(string name, string settings = "", string region = Region) =>
        Call("CreateRepository", $$"""{"repositoryName":"{{name}}"{{(settings.Length > 0 ? "," : "")}}{{settings}}}""", region);

    /// <summary>Pushes an image with one layer with the given text.</summary>
    /// <returns>Its digest and manifest.</returns>
    public (string Digest, string Manifest) Push(string repository, string? tag, string content, string? subject = null, string region = Region)
    {
        var manifest = ImageManifest(repository, content, subject, region);
        return (Cloud.Run(() => Cloud.Ecr.PutManifest(region, repository, Encoding.UTF8.GetBytes(manifest), OciManifest, tag)), manifest);
    }

    /// <summary>Uploads config and layer and returns the manifest that names them.</summary>
    public string ImageManifest(string repository, string content, string? subject = null, string region = Region)
    {
        var config = Blob(repository, "{}", region);
        var layer = Blob(repository, content, region);
        var reference = subject is null
            ? ""
            : $$""","subject":{"mediaType":"{{OciManifest}}","digest":"{{subject}}","size":1},"artifactType":"application/example" """;
        return $$"""{"schemaVersion":2,"mediaType":"{{OciManifest}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":2},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":{{content.Length}}}]{{reference}}}""";
    }

    public string Blob(string repository, string content, string region = Region) =>
        Cloud.Run(() => Cloud.Ecr.PutBlob(region, repository, Encoding.UTF8.GetBytes(content)));

    public string PushIndex(string repository, string? tag, params string[] children)
    {
        var manifests = string.Join(',', children.Select(digest => $$"""{"mediaType":"{{OciManifest}}","digest":"{{digest}}","size":1}"""));
        var index = $$"""{"schemaVersion":2,"mediaType":"{{OciIndex}}","manifests":[{{manifests}}]}""";
        return Cloud.Run(() => Cloud.Ecr.PutManifest(Region, repository, Encoding.UTF8.GetBytes(index), OciIndex, tag));
    }

    public string PutImage(string repository, string manifest, string? tag = null, string? mediaType = null, string? digest = null)
    {
        var input = new JsonObject { ["repositoryName"] = repository, ["imageManifest"] = manifest };
        Add("imageTag", tag);
        Add("imageManifestMediaType", mediaType);
        Add("imageDigest", digest);
        return input.ToJsonString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                input[name] = value;
            }
        }
    }

    /// <summary>Sends a request of the distribution API with the Region's password.</summary>
    public WireResponse Registry(
        string method, string pathAndQuery, ReadOnlyMemory<byte> body = default, Dictionary<string, string>? headers = null, bool authorized = true)
    {
        var parts = pathAndQuery.Split('?', 2);
        var all = new Dictionary<string, string>(headers ?? []) { ["host"] = Host };
        if (authorized)
        {
            all["authorization"] = "Basic " + Text(Call("GetAuthorizationToken", "{}")["authorizationData"]![0]!["authorizationToken"]);
        }

        return Cloud.Run(() => Cloud.Ecr.HandleDistribution(new WireRequest(method, parts[0], parts.Length > 1 ? parts[1] : "", all, body)));
    }

    public Task<int> Settle() => Cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

    public void Dispose() => Cloud.Dispose();

    public static string Text(JsonNode? node) => node!.GetValue<string>();

    public static string DigestOf(string content) =>
        "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    private sealed class NoFunctions : IFunctionHost
    {
        public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => throw new NotSupportedException("No functions here.");
    }
}

internal sealed record PublishedEvent(string Region, string Source, string DetailType, IReadOnlyList<string> Resources, JsonObject Detail);
