using System.Text.Json.Nodes;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class ScanTests : IDisposable
{
    private readonly RegistryFixture _registry = new();

    public ScanTests() => _registry.CreateRepository("web", """ "imageScanningConfiguration":{"scanOnPush":true} """);

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task Push_ToScanOnPushRepository_IsScannedAndAnnounced()
    {
        _registry.Cloud.Ecr.Findings = [
            new FindingsRule(null, "w*", "v1", [new Finding("CVE-2026-1", "HIGH", "openssl", "3.0"), new Finding("CVE-2026-2", "LOW")])
        ];
        var (digest, _) = _registry.Push("web", "v1", "a");
        Assert.Equal("IN_PROGRESS", Status("v1"));

        await _registry.Settle();

        Assert.Equal("COMPLETE", Status("v1"));
        var findings = Findings("v1")["imageScanFindings"]!;
        Assert.Equal("""{"HIGH":1,"LOW":1}""", findings["findingSeverityCounts"]!.ToJsonString());
        Assert.Equal("CVE-2026-1", RegistryFixture.Text(findings["findings"]![0]!["name"]));
        var detail = _registry.Call("DescribeImages", """{"repositoryName":"web"}""")["imageDetails"]![0]!;
        Assert.Equal(1, detail["imageScanFindingsSummary"]!["findingSeverityCounts"]!["HIGH"]!.GetValue<int>());
        var scanned = _registry.Events.Single(published => published.DetailType == "ECR Image Scan");
        Assert.Equal(["arn:aws:ecr:eu-west-1:123456789012:repository/web"], scanned.Resources);
        Assert.True(JsonNode.DeepEquals(scanned.Detail, JsonNode.Parse($$"""
            {"scan-status":"COMPLETE","repository-name":"web","finding-severity-counts":{"HIGH":1,"LOW":1},"image-digest":"{{digest}}","image-tags":["v1"]}
            """)));
        Assert.Contains(_registry.Journal, entry => entry.Kind == "image-scanned" && entry.Data["digest"] == digest);
    }

    [Fact]
    public async Task Push_WithoutRules_FindsNothing()
    {
        _registry.Push("web", "v1", "a");
        await _registry.Settle();

        Assert.Equal("{}", Findings("v1")["imageScanFindings"]!["findingSeverityCounts"]!.ToJsonString());
    }

    [Theory]
    [InlineData("BASIC", "COMPLETE")]
    [InlineData("ENHANCED", "ACTIVE")]
    public async Task Scan_JustEnded_IsFinishedBeforeItsFindingsCanBeRead(string type, string status)
    {
        _registry.Call("PutRegistryScanningConfiguration", $$$"""
            {"scanType":"{{{type}}}","rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"web","filterType":"WILDCARD"}]}]}
            """);
        _registry.Cloud.Ecr.Findings = [new FindingsRule(null, null, null, [new Finding("CVE-1", "HIGH")])];
        _registry.Push("web", "v1", "a");
        await _registry.Cloud.AdvanceAsync(TimeSpan.FromSeconds(16), TestContext.Current.CancellationToken);

        var early = Findings("v1");
        Assert.Equal(status, RegistryFixture.Text(early["imageScanStatus"]!["status"]));
        Assert.Equal("""{"findings":[]}""", early["imageScanFindings"]!.ToJsonString());
        Assert.Null(_registry.Call("DescribeImages", """{"repositoryName":"web"}""")["imageDetails"]![0]!["imageScanFindingsSummary"]);
        Assert.DoesNotContain(_registry.Journal, entry => entry.Kind == "image-scanned");

        await _registry.Settle();

        Assert.Equal("""{"HIGH":1}""", Findings("v1")["imageScanFindings"]!["findingSeverityCounts"]!.ToJsonString());
        Assert.NotNull(Findings("v1")["imageScanFindings"]!["imageScanCompletedAt"]);
    }

    [Fact]
    public async Task Request_WithDelay_DelaysTheFindings()
    {
        Order("""{"findings":[{"name":"CVE-1","severity":"HIGH"}],"delay":"PT10M"}""");
        _registry.Push("web", "v1", "a");
        await _registry.Cloud.AdvanceAsync(TimeSpan.FromMinutes(10), TestContext.Current.CancellationToken);
        Assert.Empty(Findings("v1")["imageScanFindings"]!["findings"]!.AsArray());

        await _registry.Cloud.AdvanceAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Single(Findings("v1")["imageScanFindings"]!["findings"]!.AsArray());
    }

    [Fact]
    public async Task RegistryRules_OverrideARepositorysScanOnPush()
    {
        _registry.CreateRepository("quiet");
        _registry.Call("PutRegistryScanningConfiguration", """
            {"scanType":"BASIC","rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"quiet","filterType":"WILDCARD"}]}]}
            """);
        _registry.Push("web", "v1", "a");
        _registry.Push("quiet", "v1", "a");
        await _registry.Settle();

        Assert.Equal("ScanNotFoundException", _registry.Fail("DescribeImageScanFindings", Id("web", "v1")).Code);
        Assert.Equal("COMPLETE", RegistryFixture.Text(_registry.Call("DescribeImageScanFindings", Id("quiet", "v1"))["imageScanStatus"]!["status"]));
        var configurations =
            _registry.Call("BatchGetRepositoryScanningConfiguration", """{"repositoryNames":["web","quiet"]}""")["scanningConfigurations"]!.AsArray();
        Assert.Equal(["MANUAL", "SCAN_ON_PUSH"], configurations.Select(each => RegistryFixture.Text(each!["scanFrequency"])));
        Assert.Equal("IN_PROGRESS", RegistryFixture.Text(_registry.Call("StartImageScan", Id("web", "v1"))["imageScanStatus"]!["status"]));
    }

    [Fact]
    public async Task Push_ToRepositoryWithoutScanOnPush_IsNotScanned()
    {
        _registry.CreateRepository("quiet");
        _registry.Push("quiet", "v1", "a");
        await _registry.Settle();

        Assert.Equal("ScanNotFoundException", _registry.Fail("DescribeImageScanFindings", Id("quiet", "v1")).Code);
    }

    [Fact]
    public async Task Push_Index_IsNotScanned()
    {
        var (child, _) = _registry.Push("web", null, "a");
        _registry.PushIndex("web", "multi", child);
        await _registry.Settle();

        Assert.Equal("ScanNotFoundException", _registry.Fail("DescribeImageScanFindings", Id("web", "multi")).Code);
        Assert.Equal("UnsupportedImageTypeException", _registry.Fail("StartImageScan", Id("web", "multi")).Code);
    }

    [Fact]
    public async Task Start_SecondTimeInADay_ExceedsTheQuota()
    {
        _registry.Push("web", "v1", "a");
        await _registry.Settle();
        Assert.Equal("LimitExceededException", _registry.Fail("StartImageScan", Id("web", "v1")).Code);

        await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(1), TestContext.Current.CancellationToken);

        Assert.Equal("IN_PROGRESS", RegistryFixture.Text(_registry.Call("StartImageScan", Id("web", "v1"))["imageScanStatus"]!["status"]));
    }

    [Fact]
    public async Task Rescan_AfterRulesChanged_UsesTheNewRules()
    {
        _registry.Push("web", "v1", "a");
        await _registry.Settle();
        _registry.Cloud.Run(() => _registry.Cloud.Ecr.SetFindings(JsonNode.Parse($$"""
            {"region":"{{RegistryFixture.Region}}","findings":[{"name":"CVE-2026-9","severity":"CRITICAL"}],"rescan":true}
            """)!.AsObject()));
        await _registry.Settle();

        Assert.Equal("""{"CRITICAL":1}""", Findings("v1")["imageScanFindings"]!["findingSeverityCounts"]!.ToJsonString());
    }

    [Fact]
    public async Task Findings_PageByPage_AreComplete()
    {
        _registry.Cloud.Ecr.Findings = [new FindingsRule(null, null, null, [.. Enumerable.Range(0, 5).Select(i => new Finding($"CVE-{i}", "LOW"))])];
        _registry.Push("web", "v1", "a");
        await _registry.Settle();

        var first = _registry.Call("DescribeImageScanFindings", """{"repositoryName":"web","imageId":{"imageTag":"v1"},"maxResults":3}""");
        var second = _registry.Call(
            "DescribeImageScanFindings",
            $$$"""{"repositoryName":"web","imageId":{"imageTag":"v1"},"maxResults":3,"nextToken":"{{{RegistryFixture.Text(first["nextToken"])}}}"}""");

        Assert.Equal(["CVE-0", "CVE-1", "CVE-2", "CVE-3", "CVE-4"], Names(first).Concat(Names(second)));
        Assert.Null(second["nextToken"]);

        static IEnumerable<string> Names(JsonObject page) =>
            page["imageScanFindings"]!["findings"]!.AsArray().Select(finding => RegistryFixture.Text(finding!["name"]));
    }

    [Fact]
    public async Task FailedScan_HasAStatusAndNoFindings()
    {
        _registry.Cloud.Ecr.Findings = [new FindingsRule(null, null, null, [new Finding("CVE-1", "HIGH")], "FAILED")];
        _registry.Push("web", "v1", "a");
        await _registry.Settle();

        Assert.Equal("FAILED", Status("v1"));
        Assert.Null(Findings("v1")["imageScanFindings"]);
    }

    [Fact]
    public async Task EnhancedScanning_HasInspectorsFormat()
    {
        _registry.Call("PutRegistryScanningConfiguration", """
            {"scanType":"ENHANCED","rules":[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[{"filter":"we*","filterType":"WILDCARD"}]}]}
            """);
        Order("""
            {"findings":[{"name":"CVE-1","severity":"HIGH","package":"openssl","fixedInVersion":"3.0.2","cvss":7.5,"publishedAt":"2026-01-05T08:00:00Z"},
                         {"name":"CVE-2","severity":"LOW"}]}
            """);
        _registry.Push("web", "v1", "a");
        await _registry.Settle();

        Assert.Equal("ACTIVE", Status("v1"));
        var finding = Findings("v1")["imageScanFindings"]!["enhancedFindings"]![0]!;
        Assert.Equal(["YES", "NO"], Findings("v1")["imageScanFindings"]!["enhancedFindings"]!.AsArray().Select(each => each!["fixAvailable"]!.ToString()));
        Assert.Equal("3.0.2", finding["packageVulnerabilityDetails"]!["vulnerablePackages"]![0]!["fixedInVersion"]!.ToString());
        Assert.Equal("7.5", finding["packageVulnerabilityDetails"]!["cvss"]![0]!["baseScore"]!.ToJsonString());
        Assert.Equal("1767600000", finding["packageVulnerabilityDetails"]!["vendorCreatedAt"]!.ToJsonString());
        Assert.Equal("CVE-1", RegistryFixture.Text(finding["packageVulnerabilityDetails"]!["vulnerabilityId"]));
        var scanned = _registry.Events.Single(published => published.Source == "aws.inspector2");
        Assert.Equal("Inspector2 Scan", scanned.DetailType);
        Assert.Equal("""{"HIGH":1,"LOW":1,"TOTAL":2}""", scanned.Detail["finding-severity-counts"]!.ToJsonString());
        Assert.Equal("ValidationException", _registry.Fail("StartImageScan", Id("web", "v1")).Code);
    }

    [Fact]
    public void Start_UnknownImage_IsNotFound() => Assert.Equal("ImageNotFoundException", _registry.Fail("StartImageScan", Id("web", "nope")).Code);

    [Fact]
    public async Task Request_WithRescan_ScansMatchingImagesAgain()
    {
        _registry.Push("web", "v1", "a");
        _registry.Push("web", "v2", "b");
        await _registry.Settle();

        var answer = Order("""{"repository":"web","image":"v2","rescan":true,"findings":[{"name":"CVE-1","severity":"HIGH"}]}""");
        await _registry.Settle();

        Assert.Single(answer["rules"]!.AsArray());
        Assert.Equal("{}", Findings("v1")["imageScanFindings"]!["findingSeverityCounts"]!.ToJsonString());
        Assert.Equal("""{"HIGH":1}""", Findings("v2")["imageScanFindings"]!["findingSeverityCounts"]!.ToJsonString());
        Assert.Empty(Order("""{"clear":true}""")["rules"]!.AsArray());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"findings":[{"name":"CVE-1"}]}""")]
    [InlineData("""{"findings":[{"name":"CVE-1","severity":"BAD"}]}""")]
    [InlineData("""{"findings":[],"status":"PERHAPS"}""")]
    [InlineData("""{"findings":[],"repositry":"web"}""")]
    [InlineData("""{"findings":[],"rescan":"yes"}""")]
    [InlineData("""{"findings":[],"delay":"soon"}""")]
    [InlineData("""{"findings":[{"name":"CVE-1","severity":"HIGH","cvss":11}]}""")]
    [InlineData("""{"findings":[{"name":"CVE-1","severity":"HIGH","publishedAt":"soon"}]}""")]
    public void Request_Invalid_IsRefused(string order) =>
        Assert.Equal("ValidationException", Assert.Throws<AwsException>(() => Order(order)).Code);

    private JsonObject Order(string order) =>
        _registry.Cloud.Run(() => _registry.Cloud.Ecr.SetFindings((JsonObject)JsonNode.Parse(order)!));

    private static string Id(string repository, string tag) => $$$"""{"repositoryName":"{{{repository}}}","imageId":{"imageTag":"{{{tag}}}"}}""";

    private JsonObject Findings(string tag) => _registry.Call("DescribeImageScanFindings", Id("web", tag));

    private string Status(string tag) => RegistryFixture.Text(Findings(tag)["imageScanStatus"]!["status"]);
}
