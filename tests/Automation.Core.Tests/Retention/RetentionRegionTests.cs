using Automation.Core.Retention;

namespace Automation.Core.Tests.Retention;

/// <summary>Images in several Regions, whose records are in one.</summary>
public sealed class RetentionRegionTests
{
    [Fact]
    public void AnotherRegion_DeletesImagesButNoRecord()
    {
        var plan = new RetentionHistory(5).Marked(1, 99).Plan(facts => facts with { OwnsRecords = false });

        Assert.All(plan.Items, item => Assert.Null(item.RecordArn));
        Assert.Equal(Sample.Digest(1), Assert.Single(plan.ToDo).Digest);
        Assert.Equal("not-marked", plan.Items.Single(item => item.Digest == Sample.Digest(2)).Reasons[0].Code);
    }

    [Theory]
    [InlineData("kept", "its image stays in us-east-1: carries the floating tag latest")]
    [InlineData("refused", "its image stays in us-east-1: tags changed")]
    [InlineData("limited",
        "its image stays in us-east-1: 1 of 5 images would be deleted, more than the 19 percent of \"retain.maxDeletePercent\", so nothing is deleted. To delete them anyway, run: automation prune app --delete --max-delete-percent 100")]
    [InlineData("unknown", "its image stays in us-east-1: denied")]
    public void RecordOfABuild_ImageStaysElsewhere_IsKeptWithReasonWhileItsImageHereIsDeleted(string how, string why)
    {
        var there = new RetentionHistory(5, retain => retain with { MaxDeletePercent = how == "limited" ? 19 : 100 }).Marked(1, 99);
        if (how == "kept")
        {
            there.Change(1, image => image with { Tags = [.. image.Tags, "latest"] });
        }

        var elsewhere = there.Elsewhere(how == "refused" ? new() { [Sample.Digest(1)] = "tags changed" } : [], how == "unknown" ? "denied" : null);
        var plan = new RetentionHistory(5).Marked(1, 99).Plan(facts => facts with { Elsewhere = elsewhere });

        var record = plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1"));
        Assert.Equal((PruneAction.Keep, null, new Reason(ReasonCode.ImageInOtherRegion, why), false),
            (record.Action, record.Digest, record.Reasons[0], record.Unmark));
        Assert.Equal(Sample.Digest(1), Assert.Single(plan.ToDo, item => item.Action == PruneAction.Delete).Digest);
    }

    [Fact]
    public void RecordOfABuild_ImageIsGoneElsewhere_IsDeleted()
    {
        var plan = new RetentionHistory(5).Marked(1, 99).Plan(facts => facts with { Elsewhere = new RetentionHistory(5).Marked(1, 99).Elsewhere([]) });

        Assert.Equal(PruneAction.Delete, plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Action);
    }

    [Fact]
    public void ImageOnlyElsewhere_KeptThere_RecordIsNotMarkedAndLosesItsMark()
    {
        var history = new RetentionHistory(5).Marked(1, 1);
        var there = new RetentionHistory(5);
        there.Change(1, image => image with { Tags = [.. image.Tags, "latest"] }).Change(2, image => image with { Tags = [.. image.Tags, "keep-it"] });

        var plan = history.Plan(facts => facts with { Images = [.. facts.Images.Skip(2)], Elsewhere = there.Elsewhere([]) });

        Assert.Equal(
            [(PruneAction.Keep, true), (PruneAction.Keep, false), (PruneAction.Supersede, false)],
            Enumerable.Range(1, 3).Select(build => plan.Items.Single(item => item.RecordArn == Sample.Arn($"1.0.0/{build}")))
                .Select(item => (item.Action, item.Unmark)));
    }

    [Fact]
    public void RecordsAlone_FollowTheirImagesElsewhereAndAreNotCalledWithoutImage()
    {
        var plan = new RetentionHistory(5).Plan(facts => facts with { HasRepository = false, Images = [], Elsewhere = new RetentionHistory(5).Elsewhere([]) });

        Assert.Equal([PruneAction.Supersede, PruneAction.Supersede, PruneAction.Supersede, PruneAction.Keep, PruneAction.Keep],
            plan.Items.OrderBy(item => item.Version).Select(item => item.Action));
        Assert.All(plan.Items.Where(item => item.Action == PruneAction.Supersede), item => Assert.Equal("superseded", item.Reasons[0].Code));
    }

    [Fact]
    public void RecordsAlone_NoRegionHasAnyImage_AreKept()
    {
        var plan = new RetentionHistory(5).Marked(1, 99).Plan(facts => facts with { HasRepository = false, Images = [] });

        Assert.Equal("repository-empty", plan.Items.Single(item => item.RecordArn == Sample.Arn("1.0.0/1")).Reasons[0].Code);
    }
}
