using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Functions.Tests.Steps;

/// <summary>PlanBuild and StartBuild, and the requirements of every step on its input.</summary>
public sealed class BuildStepTests
{
    private static readonly Dictionary<string, Func<FunctionHarness, StepInput, Task>> Functions = new()
    {
        ["PlanBuild"] = (harness, input) => harness.PlanBuild(input),
        ["StartBuild"] = (harness, input) => harness.StartBuild(input),
        ["InspectImage"] = (harness, input) => harness.InspectImage(input),
        ["CheckScan"] = (harness, input) => harness.CheckScan(input),
        ["PromoteImage"] = (harness, input) => harness.PromoteImage(input),
        ["Prune"] = (harness, input) => harness.Prune(input),
        ["Announce"] = (harness, input) => harness.Announce(input),
    };

    public static TheoryData<string, string> IncompleteInputs => new(
        from function in Functions.Keys
        from json in new[] { "null", "{}", """{"state":{}}""", """{"now":"2026-01-05T08:00:00Z"}""", """{"now":null,"state":null}""" }
        select (function, json));

    [Theory]
    [MemberData(nameof(IncompleteInputs))]
    public async Task Step_WithoutClockOrState_IsInvalid(string function, string json)
    {
        var harness = new FunctionHarness();

        await Assert.ThrowsAsync<InvalidEventException>(() => Functions[function](harness, FunctionHarness.Read<StepInput>(json)));

        Assert.Empty(harness.Builder.Changes);
    }

    [Theory]
    [InlineData("PlanBuild")]
    [InlineData("InspectImage")]
    [InlineData("CheckScan")]
    [InlineData("PromoteImage")]
    [InlineData("Prune")]
    public async Task Step_ImageIsNotInTheCatalog_IsNamed(string function)
    {
        var fault = await Assert.ThrowsAsync<ImageNotInCatalogException>(() =>
            Functions[function](new FunctionHarness(), FunctionHarness.Read<StepInput>("""{"now":"2026-01-05T08:00:00Z","state":{"image":"nobody"}}""")));

        Assert.Contains("'nobody'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PlanBuild")]
    [InlineData("InspectImage")]
    [InlineData("Prune")]
    public async Task Step_TimeRunsOut_IsTransient(string function)
    {
        var harness = new FunctionHarness();
        harness.Builder.WaitForever = true;

        await Assert.ThrowsAsync<TransientException>(() =>
            Functions[function](harness, FunctionHarness.Step(new LifecycleState { Image = "app", Version = "1.0.0/1" })));
    }

    [Fact]
    public async Task PlanBuild_NewBaseInItsQuietTime_SaysNotYetWithTheTime()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddMinutes(-2), ["stable"]);

        var plan = await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Action = "build", Image = "runtime" }));

        Assert.Equal(("not-yet", FunctionHarness.Now.AddMinutes(3), "quiet-time"), (plan.Decision, plan.Until, plan.Reasons[0].Code));
        Assert.Null(plan.Order);
    }

    [Fact]
    public async Task PlanBuild_QuietTimeIsOver_RequestsTheBuildWithItsBase()
    {
        var harness = new FunctionHarness();
        var digest = harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddMinutes(-5), ["stable"]);

        var plan = await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Action = "build", Image = "runtime" }));

        Assert.Equal("start", plan.Decision);
        Assert.Equal(FunctionHarness.PipelineArn("runtime"), plan.Order!.PipelineArn);
        Assert.Equal(digest.Value, plan.Order.Tags[BuildTags.BaseDigest]);
        Assert.InRange(plan.Order.ClientToken.Length, 1, 36);
    }

    [Fact]
    public async Task PlanBuild_Repeated_RequestsTheSameBuild()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var input = FunctionHarness.Step(new LifecycleState { Action = "build", Image = "runtime" });

        Assert.Equal((await harness.PlanBuild(input)).Order!.ClientToken, (await harness.PlanBuild(input)).Order!.ClientToken);
    }

    /// <summary>A start has a pause too, because there may be no room for the build.</summary>
    [Theory]
    [InlineData(0, 5)]
    [InlineData(80, 10)]
    [InlineData(9000, 60)]
    public async Task PlanBuild_LongWait_IncreasesTheInterval(int waited, int minutes)
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var state = new LifecycleState { Action = "build", Image = "runtime" };
        var first = await harness.PlanBuild(FunctionHarness.Step(state));
        var now = FunctionHarness.Now.AddMinutes(waited);

        var start = await harness.PlanBuild(FunctionHarness.Step(state with { Plan = first }, now));
        harness.Builder.Builds.Add(("runtime", new BuildRecord
        {
            Version = Core.Images.ImageVersion.Parse("1.0.0/1"),
            Arn = FunctionHarness.BuildArn("runtime", "1.0.0/1"),
            State = BuildState.Unknown,
            CreatedAt = FunctionHarness.Now,
        }));
        var wait = await harness.PlanBuild(FunctionHarness.Step(state with { Plan = start }, now));

        Assert.Equal([("start", now.AddMinutes(minutes)), ("not-yet", now.AddMinutes(minutes))],
            new[] { start, wait }.Select(plan => (plan.Decision, plan.Until!.Value)));
        Assert.Equal(FunctionHarness.Now, wait.Asked);
    }

    [Theory]
    [InlineData("base-missing")]
    [InlineData("pipeline-disabled")]
    [InlineData("held")]
    public async Task PlanBuild_NothingMayStart_SaysNoWithTheReason(string code)
    {
        var harness = new FunctionHarness();
        if (code != "base-missing")
        {
            harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        }

        harness.Builder.Pipelines[0] = harness.Builder.Pipelines[0] with
        {
            Enabled = code != "pipeline-disabled",
            Hold = code == "held" ? new Hold("frozen", HoldScope.Everything) : null,
        };

        var plan = await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Action = "build", Image = "runtime" }));

        Assert.Equal(("no", code), (plan.Decision, plan.Reasons[0].Code));
    }

    /// <summary>The catalog does not contain it: the owners of the recipes changed them.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("\"from\": \"golden/base:stable\", ")]
    public async Task PlanBuild_AdoptedRecipesBuildOnEachOther_IsACycleForEach(string from)
    {
        var harness = Adopted(from, ("one", FunctionHarness.Ecr("images/three:latest")), ("two", FunctionHarness.Ecr("images/one:latest")),
            ("three", FunctionHarness.Ecr("images/two:latest")));

        foreach (var image in new[] { "one", "two", "three" })
        {
            var plan = await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Action = "build", Image = image }));
            Assert.Equal(("no", "lineage-cycle"), (plan.Decision, plan.Reasons[0].Code));
        }

        Assert.Contains("one -> two -> three -> one",
            Assert.Single((await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Image = "one" }))).Reasons).Text, StringComparison.Ordinal);
    }

    /// <summary>A repository of the same name in another account's registry, or in a Region without promotion, is another repository.</summary>
    [Theory]
    [InlineData("999999999999.dkr.ecr." + FunctionHarness.Region + ".amazonaws.com/images/one:latest")]
    [InlineData("999999999999.dkr.ecr." + FunctionHarness.Region + ".amazonaws.com/images/two:latest")]
    [InlineData(FunctionHarness.Account + ".dkr.ecr.ap-south-1.amazonaws.com/images/one:latest")]
    [InlineData("public.ecr.aws/images/one:latest")]
    [InlineData("images/one:latest")]
    public async Task PlanBuild_BaseOfTheSameNameElsewhere_IsNotACycle(string parent)
    {
        var harness = Adopted("", ("one", parent), ("two", FunctionHarness.Ecr("images/one:latest")));
        harness.Registry.Push("images/one", "theirs", FunctionHarness.Now.AddDays(-1), ["latest"], "ap-south-1");

        var plan = await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Action = "build", Image = "one" }));

        Assert.Equal(("start", "never-built"), (plan.Decision, plan.Reasons[0].Code));
    }

    private static FunctionHarness Adopted(string from, params (string Name, string Parent)[] images)
    {
        var harness = new FunctionHarness(ImageCatalog.Parse($$"""
            {"repositories":[{"name":"golden/base"}],"images":[{{string.Join(',', images.Select(image => $$"""{"name":"{{image.Name}}",{{from}}"repository":"images/{{image.Name}}","pipeline":"{{image.Name}}"}"""))}}]}
            """));
        foreach (var (name, parent) in images)
        {
            var at = harness.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == name);
            harness.Builder.Pipelines[at] = harness.Builder.Pipelines[at] with { ParentImage = parent };
            harness.Registry.Push($"images/{name}", name, FunctionHarness.Now.AddDays(-1), ["latest"]);
        }

        return harness;
    }

    [Fact]
    public async Task PlanBuild_PersonAsks_IgnoresTheHold()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now, ["stable"]);
        harness.Builder.Pipelines[0] = harness.Builder.Pipelines[0] with { Hold = new Hold("frozen", HoldScope.Everything) };

        var plan =
            await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Action = "build", Image = "runtime", Manual = new ManualBuild("ann", "42") }));

        Assert.Equal(("start", "requested"), (plan.Decision, plan.Reasons[0].Code));
    }

    [Fact]
    public async Task PlanBuild_PersonAsksWithoutAnId_IsInvalid() => await Assert.ThrowsAsync<InvalidEventException>(() =>
        new FunctionHarness().PlanBuild(
            FunctionHarness.Step(new LifecycleState { Action = "build", Image = "runtime", Manual = new ManualBuild("ann", null) })));

    [Theory]
    [InlineData("throttled", typeof(TransientException))]
    [InlineData("denied", typeof(PermanentException))]
    public async Task PlanBuild_BaseCannotBeRead_FailsInsteadOfSayingMissing(string text, Type expected)
    {
        var harness = new FunctionHarness();
        harness.Registry.Fault = _ => text == "throttled" ? new TransientException(text) : new PermanentException(text);

        var fault = await Assert.ThrowsAnyAsync<AutomationException>(
            () => harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Action = "build", Image = "runtime" })));

        Assert.Equal(expected, fault.GetType());
    }

    [Fact]
    public async Task StartBuild_RequestOfPlanBuild_IsStarted()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        var plan = await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Action = "build", Image = "runtime" }));

        // Serialised, as the workflow passes it.
        var carried = FunctionHarness.Read<LifecycleState>($$"""{"action":"build","image":"runtime","plan":{{FunctionHarness.Written(plan).GetRawText()}} }""");
        var started = await harness.StartBuild(FunctionHarness.Step(carried));

        Assert.Equal((FunctionHarness.BuildArn("runtime", "1.0.0/1"), "1.0.0/1"), (started.Arn, started.Version));
        Assert.Equal(["start runtime"], harness.Builder.Changes);
    }

    /// <summary>A person deleted the newest record, but Image Builder still returns that build. At first it may only be too new to be read.</summary>
    [Fact]
    public async Task StartBuild_TokenOfADeletedBuild_RetriesAfterAPauseAndThenStartsAnother()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        harness.Builder.Gone.Add(FunctionHarness.BuildArn("runtime", "1.0.0/1"));
        var state = new LifecycleState { Action = "build", Image = "runtime" };
        state = state with { Plan = await harness.PlanBuild(FunctionHarness.Step(state)) };

        var fault = await Assert.ThrowsAsync<BuildConflictException>(() => harness.StartBuild(FunctionHarness.Step(state)));
        var started = await harness.StartBuild(
            FunctionHarness.Step(state with { Refused = new StepError { Name = nameof(BuildConflictException), Cause = fault.Message } }));

        Assert.Equal("1.0.0/2", started.Version);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"decision":"no","reasons":[{"code":"a","text":"b"}]}""")]
    [InlineData("""{"decision":"start","reasons":[{"code":"a","text":"b"}],"order":{}}""")]
    [InlineData("""{"decision":"start","reasons":[{"code":"a","text":"b"}],"order":{"pipelineArn":"arn","clientToken":"t"}}""")]
    [InlineData("""{"decision":"start","reasons":[{"code":"a","text":"b"}],"order":{"pipelineArn":"arn","tags":{}}}""")]
    [InlineData("""{"decision":"start","order":{"pipelineArn":"arn","clientToken":"t","tags":{}}}""")]
    public async Task StartBuild_IncompleteRequest_IsInvalidAndStartsNothing(string plan)
    {
        var harness = new FunctionHarness();

        await Assert.ThrowsAsync<InvalidEventException>(
            () => harness.StartBuild(FunctionHarness.Step(FunctionHarness.Read<LifecycleState>($$"""{"image":"runtime","plan":{{plan}} }"""))));

        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task StartBuild_OverQuota_IsLeftToTheWorkflowsRetry()
    {
        var harness = new FunctionHarness();
        harness.Builder.Fault = _ => new QuotaExceededException("100 builds run");
        var plan = new PlanBuildResult("start", FunctionHarness.Now, null, null, [new ReasonText("a", "b")],
            new BuildOrderText(FunctionHarness.PipelineArn("app"), "t", 1, new Dictionary<string, string>()));

        await Assert.ThrowsAsync<QuotaExceededException>(() => harness.StartBuild(FunctionHarness.Step(new LifecycleState { Image = "app", Plan = plan })));
    }
}
