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
        Assert.Equal($$"""{"imageDigest":"{{Some.DigestText("a")}}"}""", wire.Sent[0].Text("imageId"));
        Assert.Equal("1000", wire.Sent[0].Text("maxResults"));
    }

    [Fact]
    public async Task ReadScan_Enhanced_HasVulnerabilityAndPackageAndNoTotal()
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

    [Fact]
    public async Task ReadScan_SeveralPages_HasTheFindingsOfAllAndCountsOnce()
    {
        var wire = new Wire()
            .Answer("""{"imageScanStatus":{"status":"COMPLETE"},"imageScanFindings":{"findingSeverityCounts":{"HIGH":2},"findings":[{"name":"CVE-1","severity":"HIGH"}]},"nextToken":"two"}""")
            .Answer("""{"imageScanStatus":{"status":"COMPLETE"},"imageScanFindings":{"findingSeverityCounts":{"HIGH":2},"findings":[{"name":"CVE-2","severity":"HIGH"}]}}""");

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
        .Answer($$"""{"imageDetails":[{{described.Replace("DIGEST", Some.DigestText("a"), StringComparison.Ordinal)}}]}""")));

    [Theory]
    [InlineData("IN_PROGRESS")]
    [InlineData("FAILED")]
    [InlineData("A_STATUS_OF_TOMORROW")]
    public async Task ReadScan_WithoutFindings_HandsOnTheStatusAsItIs(string status)
    {
        var scan = await ReadAsync(new Wire().Answer($$"""{"imageScanStatus":{"status":"{{status}}"} }"""));

        Assert.Equal(status, scan!.Status);
        Assert.Empty(scan.Findings);
        Assert.Empty(scan.Counts);
    }

    [Fact]
    public async Task ReadScan_AnswerWithoutStatus_IsNoKnownStatus() => Assert.Equal("", (await ReadAsync(new Wire().Answer("{}")))!.Status);

    [Theory]
    [InlineData("ImageNotFoundException", typeof(PermanentException))]
    [InlineData("RepositoryNotFoundException", typeof(PermanentException))]
    [InlineData("ThrottlingException", typeof(TransientException))]
    public async Task ReadScan_CannotBeRead_IsNotTakenForUnscanned(string code, Type expected)
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

    private static Task<ScanFacts?> ReadAsync(Wire wire) =>
        wire.Registry.ReadScanAsync(Some.Region, Some.Repository, Some.Digest("a"), Some.Cancel);
}
