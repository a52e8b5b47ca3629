using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Workflow;
using Automation.Local.InProcess;
using Automation.LocalCloud.Hosting;

namespace Automation.Conformance;

/// <summary>
/// <c>oras discover</c> on a promotion statement. Neither its binary nor its .NET library can be installed everywhere, so this makes its requests, in its
/// order, and asks of each answer what it asks:
/// <code>
/// HEAD manifests/TAG            without credentials: 401 with a Basic challenge
/// HEAD manifests/TAG            with them: Content-Type, Content-Length and Docker-Content-Digest
/// GET  referrers/DIGEST         Content-Type exactly that of an index, or else it falls back to the tag sha256-…; no Link ends the list
/// GET  referrers/REFERRER       for each, because the tree has every level
/// </code>
/// https://github.com/oras-project/oras/blob/main/cmd/oras/root/discover.go (runDiscover, fetchAllReferrers),
/// https://github.com/oras-project/oras-go/blob/main/registry/remote/repository.go (Resolve, referrersPageByAPI, pingReferrers)
/// </summary>
public sealed class OrasTests : IAsyncDisposable
{
    private const string Repository = PushedImage.Repository;
    private const string Index = "application/vnd.oci.image.index.v1+json";
    private const string Statement = "application/vnd.in-toto+json";
    private const string Accepted =
        "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.oci.artifact.manifest.v1+json, application/vnd.cncf.oras.artifact.manifest.v1+json";

    private readonly HttpClient _http = new();
    private readonly List<string> _requests = [];
    private CloudHost? _host;
    private AuthenticationHeaderValue? _credentials;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Discover_ShowsTheStatementUnderItsImage_WithTheRequestsOfOras()
    {
        var image = await PushAsync();
        await AttachAsync(image, StatementOf(image));

        var tree = await DiscoverAsync("v1", null);

        var (type, digest, depth) = Assert.Single(tree);
        Assert.Equal((Statement, 1), (type, depth));
        Assert.Equal(
            ["HEAD manifests/v1 401", "HEAD manifests/v1 200", $"GET referrers/{image} 200", $"GET referrers/{digest} 200"],
            _requests);
    }

    [Fact]
    public async Task Discover_ByArtifactType_IsFilteredByTheRegistryWhichSaysSo()
    {
        var image = await PushAsync();
        await AttachAsync(image, StatementOf(image));
        await AttachAsync(image, new Attachment("application/spdx+json", "sbom", "{}"u8.ToArray(), new Dictionary<string, string>()));

        Assert.Equal(2, (await DiscoverAsync("v1", null)).Count);
        var tree = await DiscoverAsync("v1", Statement);

        Assert.Equal(Statement, Assert.Single(tree).Type);
    }

    /// <summary>An empty index, not 404, which would mean that there is no API of referrers.</summary>
    [Fact]
    public async Task Discover_ImageWithoutReferrers_IsAnEmptyTree()
    {
        await PushAsync();

        Assert.Empty(await DiscoverAsync("v1", null));
    }

    /// <summary>Before its first push oras asks for the referrers of a digest of zeros, to see whether the registry keeps them.</summary>
    [Fact]
    public async Task Ping_OfADigestOfZeros_SaysThatTheRegistryKeepsReferrers()
    {
        await PushAsync();
        await HeadAsync("v1");

        using var answer = await SendAsync(HttpMethod.Get, $"referrers/sha256:{new string('0', 64)}");

        Assert.Equal((HttpStatusCode.OK, Index), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
    }

    /// <summary><c>--distribution-spec v1.1-referrers-tag</c>: the tag does not exist, because ECR has the API, and oras shows nothing.</summary>
    [Fact]
    public async Task TagOfReferrers_IsUnknown()
    {
        var image = await PushAsync();
        await AttachAsync(image, StatementOf(image));
        await HeadAsync("v1");

        using var answer = await SendAsync(HttpMethod.Get, $"manifests/{image.Value.Replace(':', '-')}", Accepted);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("MANIFEST_UNKNOWN", await CodeAsync(answer));
    }

    /// <summary>Only with this code does oras report the repository instead of trying the tag.</summary>
    [Fact]
    public async Task ReferrersInAnUnknownRepository_AreNameUnknown()
    {
        var image = await PushAsync();
        await HeadAsync("v1");

        using var answer = await SendAsync(HttpMethod.Get, $"referrers/{image}", repository: "team/none");

        Assert.Equal((HttpStatusCode.NotFound, "NAME_UNKNOWN"), (answer.StatusCode, await CodeAsync(answer)));
    }

    private async Task<List<(string Type, string Digest, int Depth)>> DiscoverAsync(string tag, string? artifactType)
    {
        var tree = new List<(string, string, int)>();
        await VisitAsync(await HeadAsync(tag), 1);
        return tree;

        async Task VisitAsync(string digest, int depth)
        {
            using var answer = await SendAsync(
                HttpMethod.Get, $"referrers/{digest}{(artifactType is null ? "" : $"?artifactType={Uri.EscapeDataString(artifactType)}")}");
            Assert.Equal(Index, answer.Content.Headers.ContentType?.ToString());
            Assert.False(answer.Headers.Contains("Link"), "Further pages are not read here.");
            Assert.Equal(artifactType is not null, answer.Headers.TryGetValues("OCI-Filters-Applied", out var filters));
            Assert.All(filters ?? [], filter => Assert.Equal("artifactType", filter));
            var index = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            Assert.Equal((2, Index), ((int)index["schemaVersion"]!, index["mediaType"]!.ToString()));
            foreach (var referrer in index["manifests"]!.AsArray())
            {
                Assert.True((long)referrer!["size"]! > 0);
                Assert.Equal("application/vnd.oci.image.manifest.v1+json", referrer["mediaType"]!.ToString());
                tree.Add((referrer["artifactType"]!.ToString(), referrer["digest"]!.ToString(), depth));
                await VisitAsync(referrer["digest"]!.ToString(), depth + 1);
            }
        }
    }

    /// <summary>The digest under a tag. The first request has no credentials; the challenge names those that it needs.</summary>
    private async Task<string> HeadAsync(string tag)
    {
        if (_credentials is null)
        {
            using var refused = await SendAsync(HttpMethod.Head, $"manifests/{tag}", Accepted);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Basic", Assert.Single(refused.Headers.WwwAuthenticate).Scheme);
            var token = PushedImage.Ecr(_host!, "GetAuthorizationToken", "{}")["authorizationData"]![0]!["authorizationToken"]!.ToString();
            _credentials = new AuthenticationHeaderValue("Basic", token);
        }

        using var answer = await SendAsync(HttpMethod.Head, $"manifests/{tag}", Accepted);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/vnd.oci.image.manifest.v1+json", answer.Content.Headers.ContentType?.ToString());
        Assert.True(answer.Content.Headers.ContentLength > 0);
        return Assert.Single(answer.Headers.GetValues("Docker-Content-Digest"));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? accept = null, string repository = Repository)
    {
        using var request = new HttpRequestMessage(method, new Uri(_host!.Endpoint, $"/v2/{repository}/{path}"));
        request.Headers.Authorization = _credentials;
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        _requests.Add($"{method} {path} {(int)answer.StatusCode}");
        return answer;
    }

    private static async Task<string> CodeAsync(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["errors"]![0]!["code"]!.ToString();

    /// <summary>The statement that a promotion writes.</summary>
    private static Attachment StatementOf(Digest image)
    {
        var at = new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
        var build = new BuildRecord { Version = ImageVersion.Parse("1.0.0/1"), Arn = "arn:build", State = BuildState.Available, CreatedAt = at, Digest = image };
        var pipeline = new PipelineFacts("arn:pipeline", "app", true, RecipeVersion.Parse("1.0.0"), "golden/base:stable", Recipe: "app");
        var state = new LifecycleState
        {
            Action = WorkflowActions.Release,
            Image = "app",
            Version = "1.0.0/1",
            Release = new InspectImageResult("releasable", build.Arn, "1.0.0/1", at, Repository, [], null, false, []),
        };
        return PromotionStatement.Of(state, image, build, pipeline, "release-app_1-0-0-1", at);
    }

    /// <summary>Writes it as <c>PromoteImage</c> does.</summary>
    private async Task AttachAsync(Digest image, Attachment attachment)
    {
        using var handler = new InProcessHandler(_host!.Cloud);
        var registry = new EcrRegistry(new CloudClients(handler, "AKID").Ecr, _ => throw new InvalidOperationException("No scores are read here."));
        Assert.True(await registry.AttachAsync("us-east-1", Repository, image, attachment, TestContext.Current.CancellationToken));
    }

    private async Task<Digest> PushAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions(), TestContext.Current.CancellationToken);
        return PushedImage.Push(_host);
    }
}
