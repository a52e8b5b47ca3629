using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Workflow;

namespace Automation.Core.Tests.Workflow;

public sealed class PromotionStatementTests
{
    private static readonly Digest Image = Digest.OfText("image");
    private static readonly Digest Base = Digest.OfText("base");

    private static readonly BuildRecord Build = Sample.Build("1.0.0/2", Sample.Noon) with { BaseDigest = Base, ClearedAt = Sample.Noon, ClearedBy = "gate" };

    private static readonly PipelineFacts Pipeline =
        new("arn:pipeline", "app", true, RecipeVersion.Parse("1.0.0"), "golden/base:stable", Recipe: "app") { RecipeContent = "3f2a" };

    [Fact]
    public void Of_Promotion_NamesImageBaseRecipeExecutionGateAndApprover()
    {
        var statement = Read(Of(Build, Pipeline, """{"by":"anna"}"""));

        Assert.Equal((Image.Value[7..], "images/app"),
            (statement["subject"]![0]!["digest"]!["sha256"]!.ToString(), statement["subject"]![0]!["name"]!.ToString()));
        var dependencies = statement["predicate"]!["buildDefinition"]!["resolvedDependencies"]!;
        Assert.Equal(("golden/base:stable", Base.Value[7..]), (dependencies[0]!["uri"]!.ToString(), dependencies[0]!["digest"]!["sha256"]!.ToString()));
        Assert.Equal(("recipe app/1.0.0", "3f2a"), (dependencies[1]!["name"]!.ToString(), dependencies[1]!["annotations"]!["automation:content"]!.ToString()));
        var promotion = statement["predicate"]!["automation_promotion"]!;
        Assert.Equal(("release-app", "anna", "open", "scan-passed"),
            (promotion["execution"]!.ToString(), promotion["approvedBy"]!.ToString(), promotion["gate"]!["verdict"]!.ToString(),
                promotion["gate"]!["reasons"]![0]!["code"]!.ToString()));
    }

    /// <summary>So a retried step writes the same artifact.</summary>
    [Fact]
    public void Of_SameArguments_GivesTheSameBytes() =>
        Assert.Equal(
            Of(Build, Pipeline, """{"by":"anna"}""").Content.ToArray(), Of(Build, Pipeline, """{"by":"anna"}""").Content.ToArray());

    /// <summary>The recipe was changed since the build, so its content and base say nothing about it.</summary>
    [Fact]
    public void Of_PipelineBuildsAnotherRecipeVersionNow_NamesOnlyTheDigestOfTheBase()
    {
        var statement = Read(Of(Build, Pipeline with { RecipeVersion = RecipeVersion.Parse("1.0.1") }, "{}"));

        var dependency = Assert.Single(statement["predicate"]!["buildDefinition"]!["resolvedDependencies"]!.AsArray())!;
        Assert.Equal(["digest"], dependency.AsObject().Select(member => member.Key));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\"yes\"")]
    [InlineData("{\"by\":5}")]
    public void Of_AnswerWithoutAName_NamesNoApprover(string approval) =>
        Assert.Null(Read(Of(Build, Pipeline, approval))["predicate"]!["automation_promotion"]!["approvedBy"]);

    /// <summary>A build that a person started, and a release that resumed without a new check.</summary>
    [Fact]
    public void Of_NothingIsKnown_LeavesItOut()
    {
        var statement = Read(PromotionStatement.Of(
            State with { Scan = null }, Image, Sample.Build("1.0.0/2", Sample.Noon), Pipeline with { RecipeContent = null }, "release-app", Sample.Noon));

        Assert.Empty(statement["predicate"]!["buildDefinition"]!["resolvedDependencies"]!.AsArray());
        Assert.Equal(["execution", "promotedAt"], statement["predicate"]!["automation_promotion"]!.AsObject().Select(member => member.Key));
    }

    private static LifecycleState State => new()
    {
        Action = WorkflowActions.Release,
        Image = "app",
        Version = "1.0.0/2",
        Release = new InspectImageResult("releasable", Build.Arn, "1.0.0/2", Sample.Noon, "images/app", [], null, false, []),
        Scan = new CheckScanResult("open", Sample.Noon, null, [], [ReasonText.Of(ReasonCode.ScanPassed, "fine")]),
    };

    private static Attachment Of(BuildRecord build, PipelineFacts pipeline, string approval) => PromotionStatement.Of(
        State with { Approval = JsonDocument.Parse(approval).RootElement }, Image, build, pipeline, "release-app", Sample.Noon);

    private static JsonNode Read(Attachment attachment) => JsonNode.Parse(Encoding.UTF8.GetString(attachment.Content.Span))!;
}
