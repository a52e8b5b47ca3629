using System.Text.Json.Nodes;
using Automation.Aws.Workloads;
using Automation.Core.Workloads;
using Automation.LocalCloud.Ecr;

namespace Automation.Aws.Tests;

/// <summary>Inspector's answers are as ECR's: the scores belong to the findings, and the clusters to the images.</summary>
public sealed class InspectorOnCloudTests : IDisposable
{
    private readonly AdapterFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public async Task ReadScan_OfAnIndex_HasTheScoresOfAllItsImages()
    {
        Enhance();
        _cloud.Cloud.Run(() => _cloud.Cloud.Ecr.Findings =
        [
            new FindingsRule(null, null, "amd64", [.. Enumerable.Range(1, 150).Select(i => new LocalCloud.Ports.Finding($"CVE-{i}", "HIGH") { Epss = i / 1000.0 })]),
            new FindingsRule(null, null, "arm64", [new LocalCloud.Ports.Finding("CVE-1", "HIGH") { Epss = 0.9 }, new LocalCloud.Ports.Finding("CVE-2", "LOW")]),
        ]);
        var index = _cloud.PushIndex("1.0.0-1", _cloud.Push("amd64", "amd64"), _cloud.Push("arm64", "arm64"));
        await _cloud.Cloud.RunUntilIdleAsync(cancellationToken: Sample.Cancel);

        var scan = await _cloud.Registry.ReadScanAsync(Sample.Region, Sample.Repository, index, withEpss: true, Sample.Cancel);

        Assert.Equal([.. Enumerable.Range(1, 150).Select(i => (double?)(i / 1000.0)), 0.9, null], scan!.Findings.Select(finding => finding.Epss));
    }

    [Fact]
    public async Task Workloads_OfAnEksCluster_AreSeenUntilTheirPodsEnd()
    {
        Enhance();
        var digest = _cloud.Push("a", "1.0.0-1");
        await _cloud.Cloud.RunUntilIdleAsync(cancellationToken: Sample.Cancel);
        SetPods(2);

        var image = Assert.Single((await ReadAsync()).Survey.In(Sample.Region, Sample.Repository));

        Assert.Equal(digest, image.Digest);
        Assert.StartsWith("cluster arn:aws:eks:eu-central-1:123456789012:cluster/prod (seen by Inspector)", Assert.Single(image.Workloads).Where, StringComparison.Ordinal);
        Assert.EndsWith("(2)", image.Workloads[0].Where, StringComparison.Ordinal);

        SetPods(0);

        Assert.Empty((await ReadAsync()).Survey.In(Sample.Region, Sample.Repository));
    }

    private void SetPods(int count) => _cloud.Cloud.Run(() => _cloud.Cloud.Inspector.SetPods(new JsonObject
    {
        ["cluster"] = "prod",
        ["image"] = $"123456789012.dkr.ecr.{Sample.Region}.amazonaws.com/{Sample.Repository}:1.0.0-1",
        ["count"] = count,
    }));

    private Task<WorkloadAnswer> ReadAsync() => new WorkloadReader(
        WorkloadReaderTests.Catalog("""[ { "kind": "inspector" } ]"""), _cloud.Json, new AwsScope("aws", Sample.Region, "123456789012"))
        .ReadAsync(_cloud.Cloud.Run(() => _cloud.Cloud.Clock.Now), Sample.Cancel);

    private void Enhance()
    {
        _cloud.CreateRepository();
        _cloud.Call("PutRegistryScanningConfiguration", """
            {"scanType":"ENHANCED","rules":[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[{"filter":"*","filterType":"WILDCARD"}]}]}
            """);
    }
}
