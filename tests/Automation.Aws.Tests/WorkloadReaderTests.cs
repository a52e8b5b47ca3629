using System.Net;
using Automation.Aws.Workloads;
using Automation.Core.Catalog;
using Automation.Core.Workloads;

namespace Automation.Aws.Tests;

/// <summary>The exact requests to each service, and how its responses are read.</summary>
public sealed class WorkloadReaderTests
{
    private const string Host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Batch_ReadsTheImagesOfEveryKindOfJobDefinition()
    {
        var wire = new Wire().Answer(Filled("""
            {"jobDefinitions":[
              {"jobDefinitionName":"one","revision":3,"containerProperties":{"image":"HOST/images/app:a"}},
              {"jobDefinitionName":"two","revision":1,"nodeProperties":{"nodeRangeProperties":[{"container":{"image":"HOST/images/app:b"}}]}},
              {"jobDefinitionName":"three","revision":1,"ecsProperties":{"taskProperties":[{"containers":[{"image":"HOST/images/app:c"}]}]}},
              {"jobDefinitionName":"four","revision":1,"eksProperties":{"podProperties":{"containers":[{"image":"HOST/images/app:d"}],"initContainers":[{"image":"HOST/images/app:e"}]}}}],
             "nextToken":"more"}
            """)).Answer("""{"jobDefinitions":[]}""");

        var images = (await ReadAsync(wire, "batch")).Survey.In(Sample.Region, Sample.Repository);

        Assert.Equal(["a", "b", "c", "d", "e"], images.Select(image => image.Tag));
        Assert.Equal("job definition one:3, account 123456789012, eu-central-1", Assert.Single(images[0].Workloads).Where);
        Assert.All(images, image => Assert.False(image.IsUncertain));
        Assert.Equal(["POST /v1/describejobdefinitions", "POST /v1/describejobdefinitions"], wire.Operations);
        Assert.Equal((null, "more"), (wire.Sent[0].Text("nextToken"), wire.Sent[1].Text("nextToken")));
        Assert.Equal(("ACTIVE", "batch.eu-central-1.amazonaws.com"), (wire.Sent[0].Text("status"), wire.Sent[0].Host));
    }

    [Fact]
    public async Task SageMaker_ReadsBothFormsOfAModel()
    {
        var wire = new Wire()
            .Answer("""{"Models":[{"ModelName":"one"},{"ModelName":"two"}]}""")
            .Answer(Filled("""{"ModelName":"one","CreationTime":1767600000,"PrimaryContainer":{"Image":"HOST/images/app:a"}}"""))
            .Answer(Filled("""{"ModelName":"two","Containers":[{"Image":"HOST/images/app:b"}]}"""));

        var images = (await ReadAsync(wire, "sagemaker")).Survey.In(Sample.Region, Sample.Repository);

        Assert.Equal(["a", "b"], images.Select(image => image.Tag));
        Assert.Equal("model one, account 123456789012, eu-central-1, since 2026-01-05T08:00:00Z", Assert.Single(images[0].Workloads).Where);
        Assert.Equal(["ListModels", "DescribeModel", "DescribeModel"], wire.Operations);
        Assert.Equal("api.sagemaker.eu-central-1.amazonaws.com", wire.Sent[0].Host);
    }

    [Fact]
    public async Task CodeBuild_ReadsTheEnvironmentsOfAllProjects()
    {
        var wire = new Wire()
            .Answer("""{"projects":["one","two"]}""")
            .Answer(Filled(
                """{"projects":[{"name":"one","environment":{"image":"aws/codebuild/standard:7.0"}},{"name":"two","environment":{"image":"HOST/images/app:a"}}]}"""));

        var image = Assert.Single((await ReadAsync(wire, "codebuild")).Survey.In(Sample.Region, Sample.Repository));

        Assert.Equal("CodeBuild project two, account 123456789012, eu-central-1", Assert.Single(image.Workloads).Where);
        Assert.Equal(["one", "two"], wire.Sent[1].Texts("names"));
    }

    [Fact]
    public async Task AppRunner_DoesNotTellTheImageThatATagWas_SoItIsUncertain()
    {
        var wire = new Wire()
            .Answer("""{"ServiceSummaryList":[{"ServiceArn":"arn:one","Status":"RUNNING"},{"ServiceArn":"arn:two","Status":"DELETED"}]}""")
            .Answer(Filled(
                """{"Service":{"ServiceName":"web","UpdatedAt":1767600000,"SourceConfiguration":{"ImageRepository":{"ImageIdentifier":"HOST/images/app:latest"}}}}"""));

        var image = Assert.Single((await ReadAsync(wire, "apprunner")).Survey.In(Sample.Region, Sample.Repository));

        Assert.True(image.IsUncertain);
        Assert.Equal(["ListServices", "DescribeService"], wire.Operations);
    }

    [Fact]
    public async Task Inspector_ReadsImagesInUse_AndTheirClusters()
    {
        var wire = new Wire()
            .Answer(Filled(
                """{"coveredResources":[{"resourceId":"ARNDIGEST-A"},{"resourceId":"arn:aws:ecr:eu-central-1:123456789012:repository/other/DIGEST-B"}]}"""))
            .Answer(
                """{"cluster":[{"clusterArn":"arn:aws:eks:eu-central-1:123456789012:cluster/prod","clusterDetails":[{"runningUnitCount":2,"lastInUse":1767600000}]}]}""");

        var image = Assert.Single((await ReadAsync(wire, "inspector")).Survey.In(Sample.Region, Sample.Repository));

        Assert.Equal(Sample.Digest("a"), image.Digest);
        Assert.Equal(
            "cluster arn:aws:eks:eu-central-1:123456789012:cluster/prod (seen by Inspector), account 123456789012, eu-central-1, since 2026-01-05T08:00:00Z (2)",
            Assert.Single(image.Workloads).Where);
        Assert.Equal(["POST /coverage/list", "POST /cluster/get"], wire.Operations);
        Assert.Equal(1, wire.Sent[0].Body.GetProperty("filterCriteria").GetProperty("ecrImageInUseCount")[0].GetProperty("lowerInclusive").GetInt32());
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("sagemaker")]
    [InlineData("codebuild")]
    [InlineData("apprunner")]
    [InlineData("inspector")]
    [InlineData("lambda")]
    [InlineData("ecs")]
    public async Task AServiceThatRefuses_IsUnknown_AndNotRemembered(string kind)
    {
        var wire = new Wire().Refuse("AccessDeniedException").Refuse("AccessDeniedException");
        var reader = Reader(wire, kind);

        var (first, _) = await reader.ReadSharedAsync(Now, Sample.Cancel);
        var (_, isNew) = await reader.ReadSharedAsync(Now, Sample.Cancel);

        Assert.Contains("AccessDeniedException: because", first.Unknown, StringComparison.Ordinal);
        Assert.True(isNew);
    }

    [Fact]
    public async Task AServiceThatFails_FailsTheRun() =>
        await Assert.ThrowsAsync<Core.TransientException>(
            () => ReadAsync(new Wire().Refuse("InternalFailure", (int)HttpStatusCode.InternalServerError), "batch"));

    [Fact]
    public async Task AnAnswer_IsSharedForSomeHours()
    {
        var wire = new Wire().Answer("""{"jobDefinitions":[]}""").Answer("""{"jobDefinitions":[]}""");
        var reader = Reader(wire, "batch");

        var news = new List<bool>();
        foreach (var hours in new[] { 0, 11, 13 })
        {
            news.Add((await reader.ReadSharedAsync(Now.AddHours(hours), Sample.Cancel)).IsNew);
        }

        Assert.Equal([true, false, true], news);
    }

    // Raw strings with so many closing braces cannot be interpolated.
    private static string Filled(string text) => text.Replace("HOST", Host, StringComparison.Ordinal)
        .Replace("ARN", "arn:aws:ecr:eu-central-1:123456789012:repository/images/app/", StringComparison.Ordinal)
        .Replace("DIGEST-A", Sample.DigestText("a"), StringComparison.Ordinal).Replace("DIGEST-B", Sample.DigestText("b"), StringComparison.Ordinal);

    private static Task<WorkloadAnswer> ReadAsync(Wire wire, string kind) => Reader(wire, kind).ReadAsync(Now, Sample.Cancel);

    private static WorkloadReader Reader(Wire wire, string kind) =>
        new(Catalog($$"""[ { "kind": "{{kind}}" } ]"""), wire.Json, new AwsScope("aws", Sample.Region, "123456789012"));

    internal static ImageCatalog Catalog(string usage) => ImageCatalog.Parse(
        $$"""{ "usage": {{usage}}, "images": [ { "name": "app", "repository": "{{Sample.Repository}}", "pipeline": "theirs" } ] }""");
}
