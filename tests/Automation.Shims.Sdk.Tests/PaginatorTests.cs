using Amazon.ECR.Model;
using Amazon.Runtime;
using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;
using ImageBuilder = Amazon.Imagebuilder.Model;

namespace Automation.Shims.Sdk.Tests;

public sealed class PaginatorTests
{
    private readonly Wire _wire = new();

    [Fact]
    public async Task Items_OfAllPagesAreReturnedAndAPageWithoutListIsEmpty()
    {
        _wire
            .Answer("""{"imageDetails":[{"imageDigest":"1"},{"imageDigest":"2"}],"nextToken":"a"}""")
            .Answer("""{"nextToken":"b"}""")
            .Answer("""{"imageDetails":[{"imageDigest":"3"}],"nextToken":""}""");
        var request = new DescribeImagesRequest { RepositoryName = "r" };

        var digests = await Collect(_wire.Ecr().Paginators.DescribeImages(request).ImageDetails, image => image.ImageDigest);

        Assert.Equal(["1", "2", "3"], digests);
        Assert.Equal(
            ["""{"repositoryName":"r"}""", """{"nextToken":"a","repositoryName":"r"}""", """{"nextToken":"b","repositoryName":"r"}"""],
            _wire.Sent.Select(sent => sent.Body));
        Assert.Equal("b", request.NextToken);
    }

    [Fact]
    public async Task Responses_StartAtTheTokenOfTheRequest()
    {
        _wire.Answer("""{"executions":[]}""");
        var paginator = _wire.StepFunctions().Paginators.ListExecutions(
            new ListExecutionsRequest { StateMachineArn = "m", StatusFilter = ExecutionStatus.RUNNING, NextToken = "t" });

        var pages = await Collect(paginator.Responses, page => page.Executions.Count);

        Assert.Equal([0], pages);
        Assert.Equal("""{"nextToken":"t","stateMachineArn":"m","statusFilter":"RUNNING"}""", _wire.Only.Body);
    }

    [Fact]
    public async Task ListInsideAMember_IsFound()
    {
        _wire
            .Answer("""{"imageScanFindings":{"enhancedFindings":[{"title":"x"}]},"nextToken":"a"}""")
            .Answer("""{"imageScanStatus":{"status":"PENDING"}}""");
        var request = new DescribeImageScanFindingsRequest { RepositoryName = "r" };

        var titles = await Collect(_wire.Ecr().Paginators.DescribeImageScanFindings(request).EnhancedFindings, finding => finding.Title);

        Assert.Equal(["x"], titles);
    }

    [Fact]
    public async Task SecondConsumption_IsRefused()
    {
        _wire.Answer("{}");
        var paginator = _wire.ImageBuilder().Paginators.ListImages(new ImageBuilder.ListImagesRequest());
        Assert.Empty(await Collect(paginator.ImageVersionList, image => image.Arn));

        await Assert.ThrowsAsync<InvalidOperationException>(() => Collect(paginator.Responses, page => page.NextToken));
    }

    [Fact]
    public async Task Cancellation_EndsBeforeTheNextPage()
    {
        _wire.Answer("""{"imageIds":[{"imageTag":"a"}],"nextToken":"n"}""");
        using var source = new CancellationTokenSource();
        var ids = _wire.Ecr().Paginators.ListImages(new ListImagesRequest()).ImageIds.WithCancellation(source.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var id in ids)
            {
                await source.CancelAsync();
            }
        });
        Assert.Single(_wire.Sent);
    }

    [Fact]
    public async Task ErrorOfALaterPage_ReachesTheCaller()
    {
        _wire.Answer("""{"imageIds":[],"nextToken":"n"}""").Refuse("RepositoryNotFoundException");

        await Assert.ThrowsAsync<RepositoryNotFoundException>(() =>
            Collect(_wire.Ecr().Paginators.ListImages(new ListImagesRequest()).ImageIds, id => id.ImageTag));
    }

    private static async Task<List<TOut>> Collect<TIn, TOut>(IPaginatedEnumerable<TIn> items, Func<TIn, TOut> select)
    {
        var result = new List<TOut>();
        await foreach (var item in items.WithCancellation(TestContext.Current.CancellationToken))
        {
            result.Add(select(item));
        }

        return result;
    }
}
