using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Aws.Tests;

public sealed class ScanReaderTests
{
    [Fact]
    public async Task ReadScan_Basic_HasNameSeverityAndPackage()
    {
        var wire = new Wire().Answer(
            """
            {"imageScanStatus":{"status":"COMPLETE","description":"done"},"imageScanFindings":{"findingSeverityCounts":{"HIGH":1,"UNDEFINED":2},
             "findings":[{"name":"CVE-2026-1","severity":"HIGH","attributes":[{"key":"package_version","value":"1.2"},{"key":"package_name","value":"openssl"}]}]}}
            """);

        var scan = await ReadAsync(wire);

        Assert.Equal("COMPLETE", scan!.Status);
        Assert.Equal("done", scan.Description);
        Assert.Equal([new Finding("CVE-2026-1", Severity.High, "openssl")], scan.Findings);
        Assert.Equal(new Dictionary<Severity, int> { [Severity.High] = 1, [Severity.Undefined] = 2 }, scan.Counts);
        Assert.Equal($$"""{"imageDigest":"{{Sample.DigestText("a")}}"}""", wire.Sent[0].Text("imageId"));
        Assert.Equal("1000", wire.Sent[0].Text("maxResults"));
    }

    [Fact]
    public async Task ReadScan_Enhanced_HasVulnerabilityAndPackageButNoTotal()
    {
        var wire = new Wire().Answer(
            """
            {"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"findingSeverityCounts":{"CRITICAL":1,"TOTAL":4},"enhancedFindings":[
              {"severity":"CRITICAL","status":"ACTIVE","title":"CVE-2026-2 - curl","packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2026-2","vulnerablePackages":[{"name":"curl"}]}},
              {"severity":"HIGH","status":"CLOSED","packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2026-3"}},
              {"severity":"UNTRIAGED","title":"no details"},
              {"severity":"HIGH","status":"SUPPRESSED","title":"silenced"}]}}
            """);

        var scan = await ReadAsync(wire);

        Assert.Equal([new Finding("CVE-2026-2", Severity.Critical, "curl"), new Finding("no details", Severity.Undefined)], scan!.Findings);
        Assert.Equal([Severity.Critical], scan.Counts.Keys);
    }

    [Theory]
    [InlineData("""{"fixAvailable":"YES"}""", true, null, null)]
    [InlineData("""{"fixAvailable":"PARTIAL"}""", true, null, null)]
    [InlineData("""{"fixAvailable":"NO","score":7.5}""", false, 7.5, null)]
    [InlineData("""{"fixAvailable":"LATER"}""", null, null, null)]
    [InlineData(
        """{"score":4.1,"packageVulnerabilityDetails":{"cvss":[{"version":"2.0","baseScore":5},{"version":"3.1","baseScore":7.4},{"version":"3.1"}]}}""",
        null, 7.4, null)]
    [InlineData("""{"packageVulnerabilityDetails":{"vendorCreatedAt":1767600000}}""", null, null, 1767600000L)]
    public async Task ReadScan_Enhanced_HasFixScoreAndPublication(string finding, bool? isFixable, double? cvss, long? published)
    {
        var scan = await ReadAsync(new Wire().Answer($$"""{"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"enhancedFindings":[{{finding}}]} }"""));

        var read = Assert.Single(scan!.Findings);
        Assert.Equal((isFixable, cvss, published), (read.IsFixable, read.Cvss, read.PublishedAt?.ToUnixTimeSeconds()));
    }

    [Theory]
    [InlineData("6.8", 6.8)]
    [InlineData("high", null)]
    [InlineData("", null)]
    public async Task ReadScan_Basic_HasTheScoreThatIsANumber(string score, double? expected)
    {
        var scan = await ReadAsync(new Wire().Answer(
            $$"""{"imageScanStatus":{"status":"COMPLETE"},"imageScanFindings":{"findings":[{"name":"CVE-1","severity":"HIGH","attributes":[{"key":"CVSS2_SCORE","value":"{{score}}"}]}]} }"""));

        var read = Assert.Single(scan!.Findings);
        Assert.Equal((expected, null, null), (read.Cvss, read.IsFixable, read.PublishedAt));
    }

    [Fact]
    public async Task ReadScan_SeveralPages_HasAllFindingsAndCountsOnce()
    {
        var wire = new Wire()
            .Answer(
                """{"imageScanStatus":{"status":"COMPLETE"},"imageScanFindings":{"findingSeverityCounts":{"HIGH":2},"findings":[{"name":"CVE-1","severity":"HIGH"}]},"nextToken":"two"}""")
            .Answer(
                """{"imageScanStatus":{"status":"COMPLETE"},"imageScanFindings":{"findingSeverityCounts":{"HIGH":2},"findings":[{"name":"CVE-2","severity":"HIGH"}]}}""");

        var scan = await ReadAsync(wire);

        Assert.Equal(["CVE-1", "CVE-2"], scan!.Findings.Select(finding => finding.Id));
        Assert.Equal(2, scan.Counts[Severity.High]);
        Assert.Equal("two", wire.Sent[1].Text("nextToken"));
    }

    [Theory]
    [InlineData("""{"imageDigest":"DIGEST","imageManifestMediaType":"application/vnd.oci.image.manifest.v1+json"}""")]
    [InlineData("")]
    public async Task ReadScan_NeverScanned_IsNull(string described) => Assert.Null(await ReadAsync(new Wire()
        .Refuse("ScanNotFoundException")
        .Answer($$"""{"imageDetails":[{{described.Replace("DIGEST", Sample.DigestText("a"), StringComparison.Ordinal)}}]}""")));

    [Theory]
    [InlineData("IN_PROGRESS")]
    [InlineData("FAILED")]
    [InlineData("A_STATUS_OF_TOMORROW")]
    public async Task ReadScan_WithoutFindings_ReturnsTheStatusUnchanged(string status)
    {
        var scan = await ReadAsync(new Wire().Answer($$"""{"imageScanStatus":{"status":"{{status}}"} }"""));

        Assert.Equal(status, scan!.Status);
        Assert.Empty(scan.Findings);
        Assert.Empty(scan.Counts);
    }

    // As users observed them: https://github.com/aws/aws-sdk/issues/289, https://github.com/aws/aws-cli/issues/6759
    [Theory]
    [InlineData("""{"imageScanFindings":{"findings":[]},"imageScanStatus":{"status":"COMPLETE","description":"The scan was completed successfully."}}""")]
    [InlineData("""{"imageScanFindings":{"findings":[]},"imageScanStatus":{"status":"ACTIVE","description":"Continuous scan is selected for image."}}""")]
    [InlineData("""{"imageScanStatus":{"status":"COMPLETE"}}""")]
    [InlineData("""{"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"findingSeverityCounts":{},"enhancedFindings":[]}}""")]
    public async Task ReadScan_FinishedWithoutAnyResult_IsPending(string answer) => Assert.True((await ReadAsync(new Wire().Answer(answer)))!.ResultPending);

    [Theory]
    [InlineData("""{"imageScanStatus":{"status":"COMPLETE"},"imageScanFindings":{"findings":[],"imageScanCompletedAt":1767600000}}""")]
    [InlineData(
        """{"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"enhancedFindings":[],"imageScanCompletedAt":1767600000,"findingSeverityCounts":{}}}""")]
    [InlineData("""{"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"findingSeverityCounts":{"LOW":1}}}""")]
    [InlineData(
        """{"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"enhancedFindings":[{"severity":"HIGH","status":"SUPPRESSED","title":"silenced"}]}}""")]
    [InlineData("""{"imageScanStatus":{"status":"IN_PROGRESS"}}""")]
    public async Task ReadScan_WithSomeResultOrNotFinished_IsNotPending(string answer) =>
        Assert.False((await ReadAsync(new Wire().Answer(answer)))!.ResultPending);

    [Fact]
    public async Task ReadScanning_HasKindAndRules()
    {
        var wire = new Wire().Answer(
            """{"registryId":"123456789012","scanningConfiguration":{"scanType":"ENHANCED","rules":[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[{"filter":"prod*","filterType":"WILDCARD"}]}]}}""");

        var scanning = await wire.Registry.ReadScanningAsync(Sample.Region, Sample.Cancel);

        Assert.True(scanning.IsEnhanced);
        Assert.Equal("CONTINUOUS_SCAN", scanning.FrequencyOf("prod/app"));
        Assert.Null(scanning.FrequencyOf("app"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"scanningConfiguration":{}}""")]
    [InlineData("""{"scanningConfiguration":{"scanType":"BASIC"}}""")]
    public async Task ReadScanning_WithoutRules_IsBasic(string answer) =>
        Assert.Equivalent(RegistryScanning.Default, await new Wire().Answer(answer).Registry.ReadScanningAsync(Sample.Region, Sample.Cancel));

    [Theory]
    [InlineData("LimitExceededException", ScanStart.LimitExceeded)]
    [InlineData("UnsupportedImageTypeException", ScanStart.Unsupported)]
    [InlineData("ImageArchivedException", ScanStart.Archived)]
    [InlineData("ValidationException", ScanStart.Disabled)]
    public async Task StartScan_Refused_SaysWhy(string code, ScanStart expected)
    {
        var wire = new Wire().Answer(Described("application/vnd.oci.image.manifest.v1+json")).Refuse(code);

        Assert.Equal(expected, await wire.Registry.StartScanAsync(Sample.Region, Sample.Repository, Sample.Digest("a"), Sample.Cancel));
    }

    [Fact]
    public async Task StartScan_OfAnImage_NamesItsDigest()
    {
        var wire = new Wire().Answer(Described("application/vnd.oci.image.manifest.v1+json")).Answer("""{"imageScanStatus":{"status":"IN_PROGRESS"}}""");

        Assert.Equal(ScanStart.Started, await wire.Registry.StartScanAsync(Sample.Region, Sample.Repository, Sample.Digest("a"), Sample.Cancel));

        Assert.Equal(["DescribeImages", "StartImageScan"], wire.Operations);
        Assert.Equal($$"""{"imageDigest":"{{Sample.DigestText("a")}}"}""", wire.Sent[1].Text("imageId"));
    }

    [Fact]
    public async Task StartScan_ImageDoesNotExist_IsPermanent() => await Assert.ThrowsAsync<PermanentException>(() =>
        new Wire().Refuse("ImageNotFoundException").Registry.StartScanAsync(Sample.Region, Sample.Repository, Sample.Digest("a"), Sample.Cancel));

    private static string Described(string mediaType) =>
        $$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText("a")}}","imageManifestMediaType":"{{mediaType}}"}]}""";

    [Fact]
    public async Task ReadScan_ResponseWithoutStatus_HasUnknownStatus() => Assert.Equal("", (await ReadAsync(new Wire().Answer("{}")))!.Status);

    [Theory]
    [InlineData("ImageNotFoundException", typeof(PermanentException))]
    [InlineData("RepositoryNotFoundException", typeof(PermanentException))]
    [InlineData("ThrottlingException", typeof(TransientException))]
    public async Task ReadScan_CannotBeRead_IsNotUnscanned(string code, Type expected)
    {
        var fault = await Assert.ThrowsAnyAsync<AutomationException>(() => ReadAsync(new Wire().Refuse(code)));

        Assert.Equal(expected, fault.GetType());
    }

    [Fact]
    public async Task ReadScan_SecondPageFails_FailsInsteadOfPassingWithHalf()
    {
        var wire = new Wire().Answer("""{"imageScanStatus":{"status":"COMPLETE"},"nextToken":"two"}""").Refuse("ServerException", 500);

        await Assert.ThrowsAsync<TransientException>(() => ReadAsync(wire));
    }

    [Fact]
    public async Task ReadScan_WithEpss_ReadsTheScoresOfAllPagesFromInspector()
    {
        var wire = new Wire()
            .Answer("""
                {"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"enhancedFindings":[
                  {"findingArn":"arn:1","severity":"HIGH","packageVulnerabilityDetails":{"vulnerabilityId":"CVE-1"}},
                  {"findingArn":"arn:2","severity":"HIGH","packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2"}},
                  {"findingArn":"arn:3","severity":"HIGH","packageVulnerabilityDetails":{"vulnerabilityId":"CVE-3"}}]}}
                """)
            .Answer("""{"findings":[{"findingArn":"arn:1","epss":{"score":0.5}},{"findingArn":"arn:2"}],"nextToken":"more"}""")
            .Answer("""{"findings":[{"findingArn":"arn:3","epss":{"score":0}}]}""");

        var scan = await ReadAsync(wire, withEpss: true);

        Assert.Equal([0.5, null, 0], scan!.Findings.Select(finding => finding.Epss));
        Assert.Equal(["DescribeImageScanFindings", "POST /findings/list", "POST /findings/list"], wire.Operations);
        Assert.Equal(Sample.Digest("a").Value, wire.Sent[1].Body.GetProperty("filterCriteria").GetProperty("ecrImageHash")[0].GetProperty("value").GetString());
        Assert.Equal((null, "more"), (wire.Sent[1].Text("nextToken"), wire.Sent[2].Text("nextToken")));
    }

    [Fact]
    public async Task ReadScan_WithEpss_OfABasicScan_DoesNotCallInspector()
    {
        var wire = new Wire().Answer("""{"imageScanStatus":{"status":"COMPLETE"},"imageScanFindings":{"findings":[{"name":"CVE-1","severity":"HIGH"}]}}""");

        Assert.Null(Assert.Single((await ReadAsync(wire, withEpss: true))!.Findings).Epss);
        Assert.Single(wire.Sent);
    }

    [Fact]
    public async Task ReadScan_InspectorFails_FailsInsteadOfPassingWithoutScores()
    {
        var wire = new Wire()
            .Answer("""{"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"enhancedFindings":[{"findingArn":"arn:1","severity":"HIGH"}]}}""")
            .Refuse("InternalServerException", 500);

        await Assert.ThrowsAsync<TransientException>(() => ReadAsync(wire, withEpss: true));
    }

    private static Task<ScanFacts?> ReadAsync(Wire wire, bool withEpss = false) =>
        wire.Registry.ReadScanAsync(Sample.Region, Sample.Repository, Sample.Digest("a"), withEpss, Sample.Cancel);
}
