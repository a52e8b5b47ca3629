using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Ecr;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Inspector;

public sealed class InspectorTests : IDisposable
{
    private const string Image = $"123456789012.dkr.ecr.{RegistryFixture.Region}.amazonaws.com/web";

    private readonly RegistryFixture _registry = new();

    public InspectorTests()
    {
        _registry.CreateRepository("web");
        _registry.Cloud.Ecr.Findings = [
            new FindingsRule(null, null, "v1", [
                new Finding("CVE-2026-1", "HIGH", "openssl", "3.0") { FixedInVersion = "3.1", Cvss = 7.5, Epss = 0.42 }, new Finding("CVE-2026-2", "UNDEFINED")
            ])
        ];
    }

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task BasicScanning_IsNotVisibleToInspector()
    {
        _registry.Call("StartImageScan", $$$"""{"repositoryName":"web","imageId":{"imageDigest":"{{{_registry.Push("web", "v1", "a").Digest}}}"}}""");
        await _registry.Settle();

        Assert.Empty(Call("/coverage/list", "{}")["coveredResources"]!.AsArray());
        Assert.Empty(Call("/findings/list", "{}")["findings"]!.AsArray());
    }

    [Fact]
    public async Task Findings_HaveTheArnsOfEcr_AndEpssScores()
    {
        var digest = await PushAsync("v1");
        await PushAsync("v2");

        var findings = Call("/findings/list", $$$"""{"filterCriteria":{"ecrImageHash":[{"comparison":"EQUALS","value":"{{{digest}}}"}]}}""")["findings"]!.AsArray();

        var ecr = _registry.Call("DescribeImageScanFindings", $$$"""{"repositoryName":"web","imageId":{"imageDigest":"{{{digest}}}"}}""");
        Assert.Equal(
            ecr["imageScanFindings"]!["enhancedFindings"]!.AsArray().Select(finding => finding!["findingArn"]!.ToString()),
            findings.Select(finding => finding!["findingArn"]!.ToString()));
        Assert.Equal(["CVE-2026-1", "CVE-2026-2"], findings.Select(finding => finding!["packageVulnerabilityDetails"]!["vulnerabilityId"]!.ToString()));
        Assert.Equal((0.42, "YES", "HIGH"), (findings[0]!["epss"]!["score"]!.GetValue<double>(), Text(findings[0]!["fixAvailable"]), Text(findings[0]!["severity"])));
        Assert.Equal(("UNTRIAGED", null), (Text(findings[1]!["severity"]), findings[1]!["epss"]));
    }

    [Theory]
    [InlineData("""{"epssScore":[{"lowerInclusive":0.4}]}""", "CVE-2026-1")]
    [InlineData("""{"epssScore":[{"upperInclusive":0.4}]}""", "")]
    [InlineData("""{"severity":[{"comparison":"EQUALS","value":"LOW"},{"comparison":"EQUALS","value":"HIGH"}]}""", "CVE-2026-1")]
    [InlineData("""{"severity":[{"comparison":"NOT_EQUALS","value":"HIGH"}]}""", "CVE-2026-2")]
    [InlineData("""{"vulnerabilityId":[{"comparison":"PREFIX","value":"CVE-2026-"}],"fixAvailable":[{"comparison":"EQUALS","value":"NO"}]}""", "CVE-2026-2")]
    [InlineData("""{"ecrImageTags":[{"comparison":"EQUALS","value":"v2"}]}""", "")]
    public async Task FilterCriteria_AllMustMatch(string criteria, string expected)
    {
        await PushAsync("v1");

        var findings = Call("/findings/list", $$"""{"filterCriteria":{{criteria}}}""")["findings"]!.AsArray();

        Assert.Equal(expected, string.Join(' ', findings.Select(finding => finding!["packageVulnerabilityDetails"]!["vulnerabilityId"]!.ToString())));
    }

    [Fact]
    public async Task Findings_ArePaged()
    {
        await PushAsync("v1");

        var first = Call("/findings/list", """{"maxResults":1}""");
        var second = Call("/findings/list", $$"""{"maxResults":1,"nextToken":"{{first["nextToken"]}}"}""");

        Assert.NotEqual(Text(first["findings"]![0]!["findingArn"]), Text(second["findings"]![0]!["findingArn"]));
        Assert.Null(second["nextToken"]);
    }

    [Fact]
    public async Task PodsOfACluster_AreCounted_UntilTheyEnd()
    {
        var digest = await PushAsync("v1");
        _registry.Cloud.Inspector.SetPods(Json($$"""{"cluster":"prod","namespace":"shop","image":"{{Image}}:v1","count":3}"""));

        var covered = Assert.Single(InUse());
        var cluster = Assert.Single(Clusters(digest))!;
        Assert.Equal($"arn:aws:ecr:eu-west-1:123456789012:repository/web/{digest}", Text(covered!["resourceId"]));
        Assert.Equal(3, covered["resourceMetadata"]!["ecrImage"]!["inUseCount"]!.GetValue<int>());
        Assert.Equal("arn:aws:eks:eu-west-1:123456789012:cluster/prod", Text(cluster["clusterArn"]));
        Assert.Equal("shop", Text(cluster["clusterDetails"]![0]!["clusterMetadata"]!["awsEksMetadataDetails"]!["namespace"]));

        _registry.Cloud.Inspector.SetPods(Json($$"""{"cluster":"prod","namespace":"shop","image":"{{Image}}:v1","count":0}"""));
        await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(1), TestContext.Current.CancellationToken);

        Assert.Empty(InUse());
        var details = Clusters(digest)[0]!["clusterDetails"]![0]!;
        Assert.Equal((0, 1), (details["runningUnitCount"]!.GetValue<int>(), details["stoppedUnitCount"]!.GetValue<int>()));
    }

    [Fact]
    public async Task TasksOfEcs_AreCountedInTheirCluster()
    {
        var digest = await PushAsync("v1");
        Ecs("CreateCluster", """{"clusterName":"prod"}""");
        Ecs("RegisterTaskDefinition", $$"""{"family":"web","containerDefinitions":[{"name":"main","image":"{{Image}}:v1"},{"name":"proxy","image":"busybox"}]}""");
        Ecs("RunTask", """{"cluster":"prod","taskDefinition":"web","count":2,"group":"service:web"}""");

        var details = Clusters(digest)[0]!["clusterDetails"]![0]!;

        Assert.Equal(2, Assert.Single(InUse())!["resourceMetadata"]!["ecrImage"]!["inUseCount"]!.GetValue<int>());
        Assert.Equal("service:web", Text(details["clusterMetadata"]!["awsEcsMetadataDetails"]!["detailsGroup"]));
    }

    [Fact]
    public async Task Pods_AreStillThere_AfterARestart()
    {
        using var store = new MemoryStore(keepsRows: true);
        using (var before = new RegistryFixture(store))
        {
            before.CreateRepository("web");
            Scan(before);
            before.Push("web", "v1", "a");
            before.Cloud.Inspector.SetPods(Json($$"""{"cluster":"prod","image":"{{Image}}:v1"}"""));
            await before.Settle();
        }

        using var after = new RegistryFixture(store);

        Assert.Single(Call(after, "/coverage/list", """{"filterCriteria":{"ecrImageInUseCount":[{"lowerInclusive":1}]}}""")["coveredResources"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"cluster":"prod","image":"IMAGE:v9"}""", "the account's registry has no image")]
    [InlineData("""{"cluster":"prod","image":"busybox"}""", "the account's registry has no image busybox")]
    [InlineData("""{"cluster":"arn:aws:eks","image":"IMAGE:v1"}""", "'arn:aws:eks' is not the name of a cluster")]
    [InlineData("""{"cluster":"prod","image":"IMAGE:v1","count":-1}""", "count must be a number from 0 to 10000")]
    [InlineData("""{"cluster":"prod","image":"IMAGE:v1","pods":1}""", "'pods' is not a known member")]
    public async Task Pods_ThatCannotRun_AreRefused(string request, string why)
    {
        await PushAsync("v1");

        var error = Assert.Throws<AwsException>(() => _registry.Cloud.Inspector.SetPods(Json(request.Replace("IMAGE", Image, StringComparison.Ordinal))));

        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/findings/list", """{"filterCriteria":{"componentId":[{"comparison":"EQUALS","value":"x"}]}}""", "does not filter by componentId")]
    [InlineData("/findings/list", """{"sortCriteria":{"field":"SEVERITY","sortOrder":"ASC"}}""", "does not sort findings")]
    [InlineData("/findings/list", """{"maxResults":101}""", "less than or equal to 100")]
    [InlineData("/coverage/list", """{"maxResults":201}""", "less than or equal to 200")]
    [InlineData("/coverage/list", """{"nextToken":"x"}""", "The next token is not valid")]
    [InlineData("/cluster/get", "{}", "filter")]
    [InlineData("/members/list", "{}", "does not serve inspector2 POST /members/list")]
    public void BadRequest_IsRefusedWithItsReason(string path, string input, string why)
    {
        var answer = Send(_registry, path, input);

        Assert.InRange(answer.Status, 400, 499);
        Assert.Contains(why, Encoding.UTF8.GetString(answer.Body.Span), StringComparison.Ordinal);
    }

    private async Task<string> PushAsync(string tag)
    {
        Scan(_registry);
        var (digest, _) = _registry.Push("web", tag, tag);
        await _registry.Settle();
        return digest;
    }

    private static void Scan(RegistryFixture registry) => registry.Call("PutRegistryScanningConfiguration", """
        {"scanType":"ENHANCED","rules":[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[{"filter":"*","filterType":"WILDCARD"}]}]}
        """);

    private JsonArray InUse() =>
        Call("/coverage/list", """{"filterCriteria":{"ecrImageInUseCount":[{"lowerInclusive":1}]}}""")["coveredResources"]!.AsArray();

    private JsonArray Clusters(string digest) =>
        Call("/cluster/get", $$$"""{"filter":{"resourceId":"arn:aws:ecr:eu-west-1:123456789012:repository/web/{{{digest}}}"}}""")["cluster"]!.AsArray();

    private void Ecs(string operation, string input)
    {
        var headers = new Dictionary<string, string> { ["x-amz-target"] = $"AmazonEC2ContainerServiceV20141113.{operation}" };
        var answer = _registry.Cloud.Handle(new WireRequest("POST", "/", "", headers, Encoding.UTF8.GetBytes(input))
        {
            Scope = new CredentialScope("AKIDTEST", RegistryFixture.Region, "ecs"),
        });
        Assert.Equal(200, answer.Status);
    }

    private JsonObject Call(string path, string input) => Call(_registry, path, input);

    private static JsonObject Call(RegistryFixture registry, string path, string input)
    {
        var answer = Send(registry, path, input);
        var body = Json(Encoding.UTF8.GetString(answer.Body.Span));
        Assert.True(answer.Status == 200, body.ToJsonString());
        return body;
    }

    private static WireResponse Send(RegistryFixture registry, string path, string input) =>
        registry.Cloud.Handle(new WireRequest("POST", path, "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(input))
        {
            Scope = new CredentialScope("AKIDTEST", RegistryFixture.Region, "inspector2"),
        });

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private static string? Text(JsonNode? node) => node?.ToString();
}
