using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Core;

namespace Automation.Functions.Tests;

/// <summary>
/// Compares the deployed state machine (the reviewed snapshot of the template) with what the steps throw and write: the
/// error names that its Retry rules match, and the members and values that its Choice rules test.
/// </summary>
public sealed class WorkflowContractTests
{
    private readonly JsonObject _machine = Machine();

    /// <summary>Each exception family, thrown by a step.</summary>
    public static TheoryData<string, bool> Faults => new()
    {
        { nameof(TransientException), true },
        { nameof(QuotaExceededException), false },
        { nameof(BuildConflictException), false },
        { nameof(PermanentException), false },
        { nameof(TagConflictException), false },
        { nameof(InvalidEventException), false },
        { nameof(ImageNotInCatalogException), false },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task StepFault_IsRetriedOnlyIfARetryCanHelp(string family, bool again)
    {
        var fault = await Assert.ThrowsAnyAsync<AutomationException>(() => ThrowAsync(family));

        // The Lambda runtime reports the class name.
        Assert.Equal(family, fault.GetType().Name);
        Assert.All(Steps(), step => Assert.Equal(again, Retries(step).Contains(fault.GetType().Name)));
    }

    [Fact]
    public void StepFault_EveryFamilyOfCore_IsTested() => Assert.Equal(
        typeof(AutomationException).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(AutomationException))).Select(type => type.Name)
            .Order(StringComparer.Ordinal),
        Faults.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void ChoiceRules_TestOnlyMembersThatAStepWrites()
    {
        var written = Written();
        var asked = Variables().Where(path => written.ContainsKey(path[0])).ToList();

        Assert.NotEmpty(asked);
        Assert.All(asked.Where(path => path.Length > 1), path => Assert.True(
            written[path[0]].TryGetProperty(path[1], out _) || CaughtErrors().Contains($"$.{path[0]}.{path[1]}"),
            $"The workflow tests $.{string.Join('.', path)}, which no step writes."));
    }

    [Theory]
    [InlineData("$.plan.decision", "start", "not-yet")]
    [InlineData("$.release.outcome", "releasable")]
    [InlineData("$.scan.verdict", "open", "wait")]
    [InlineData("$.announcement.detail.outcome", "rejected", "not-releasable")]
    public void ChoiceRules_TestOnlyValuesThatAStepWrites(string variable, params string[] words) => Assert.Equal(
        words.Order(StringComparer.Ordinal),
        Rules().Where(rule => rule["Variable"]?.ToString() == variable && rule["StringEquals"] is not null)
            .Select(rule => rule["StringEquals"]!.ToString()).Distinct().Order(StringComparer.Ordinal));

    private static async Task ThrowAsync(string family)
    {
        var harness = new FunctionHarness();
        switch (family)
        {
            case nameof(TransientException):
                harness.Builder.WaitForever = true;
                await harness.Prune(FunctionHarness.Step(new LifecycleState { Image = "app" }));
                break;
            case nameof(QuotaExceededException):
                harness.Builder.Fault = _ => new QuotaExceededException("100 builds run");
                await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Image = "app" }));
                break;
            case nameof(BuildConflictException):
                harness.Builder.Fault = _ => new BuildConflictException("another was quicker");
                await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Image = "app" }));
                break;
            case nameof(PermanentException):
                harness.Builder.Denied = "pipeline app";
                await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Image = "app" }));
                break;
            case nameof(TagConflictException):
                harness.Built("app", "1.0.0/1");
                harness.Registry.Drop("images/app");
                await harness.PromoteImage(FunctionHarness.Step(FunctionHarness.Released("app", "1.0.0/1") with { Phase = "version" }));
                break;
            case nameof(InvalidEventException):
                await harness.StartBuild(FunctionHarness.Step(new LifecycleState { Image = "app" }));
                break;
            case nameof(ImageNotInCatalogException):
                await harness.PlanBuild(FunctionHarness.Step(new LifecycleState { Image = "nobody" }));
                break;
        }
    }

    /// <summary>A complete result of each step, under its name in the workflow.</summary>
    private static Dictionary<string, JsonElement> Written()
    {
        IReadOnlyList<ReasonText> reasons = [new ReasonText("code", "text")];
        var promoted = new PromoteImageResult("verify", FunctionHarness.Now, FunctionHarness.Now, "promoted", false, [], []);
        var detail = new AnnouncementDetail("app", "release", "promoted", "1.0.0/1", "arn", [], [], reasons, "execution");
        var request = new ApprovalDetail("app", "1.0.0/1", [], FunctionHarness.Now, reasons, "execution", new AlertText("title", "text", []));
        return new Dictionary<string, JsonElement>
        {
            ["plan"] = FunctionHarness.Written(new PlanBuildResult("not-yet", FunctionHarness.Now, FunctionHarness.Now, null, reasons, null)),
            ["build"] = FunctionHarness.Written(new StartBuildResult("arn", "1.0.0/1", reasons)),
            ["release"] = FunctionHarness.Written(FunctionHarness.Released("app", "1.0.0/1").Release! with { ApprovalSeconds = 3600 }),
            ["scan"] = FunctionHarness.Written(
                new CheckScanResult("wait", FunctionHarness.Now, FunctionHarness.Now, [], reasons) { RequestDetail = request, WaitName = "wait" }),
            ["verify"] = FunctionHarness.Written(promoted),
            ["versionTags"] = FunctionHarness.Written(promoted),
            ["prune"] = FunctionHarness.Written(PruneResult.Nothing("report") with { Done = true }),
            ["announcement"] = FunctionHarness.Written(new AnnounceResult(true, true, "Image Release", detail, "subject", "message")),
        };
    }

    private IEnumerable<JsonObject> States() => _machine["States"]!.AsObject().SelectMany(state => All(state.Value!.AsObject()));

    private static IEnumerable<JsonObject> All(JsonObject state) => state["ItemProcessor"]?["States"] is JsonObject inner
        ? inner.SelectMany(each => All(each.Value!.AsObject())).Append(state)
        : [state];

    // Tasks that call a function pass the workflow's clock.
    private IEnumerable<JsonObject> Steps() => States().Where(state => state["Parameters"]?["now.$"] is not null);

    private static IEnumerable<string> Retries(JsonObject step) =>
        step["Retry"]!.AsArray().SelectMany(rule => rule!["ErrorEquals"]!.AsArray()).Select(name => name!.ToString());

    /// <summary>The members in which the workflow itself keeps an error.</summary>
    private IEnumerable<string> CaughtErrors() =>
        States().SelectMany(state => state["Catch"] as JsonArray ?? []).Select(rule => rule!["ResultPath"]?.ToString()).OfType<string>();

    private IEnumerable<JsonObject> Rules() => States().SelectMany(state => (state["Choices"] as JsonArray ?? []).SelectMany(rule => Leaves(rule!.AsObject())));

    private static IEnumerable<JsonObject> Leaves(JsonObject rule) => (rule["And"] ?? rule["Or"] ?? rule["Not"]) switch
    {
        JsonArray parts => parts.SelectMany(part => Leaves(part!.AsObject())),
        JsonObject part => Leaves(part),
        _ => [rule],
    };

    private IEnumerable<string[]> Variables() => Rules().Select(rule => rule["Variable"]!.ToString())
        .Concat(States().Select(state => state["TimestampPath"]?.ToString()).OfType<string>())
        .Select(path => path[2..].Split('.'));

    private static JsonObject Machine()
    {
        var template = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Automation.template.json")))!;
        var machine = template["Resources"]!.AsObject()
            .Single(resource => resource.Key.StartsWith("Workflow", StringComparison.Ordinal)
                && resource.Value!["Type"]!.ToString() == "AWS::StepFunctions::StateMachine").Value!;
        return JsonNode.Parse(Text(machine["Properties"]!["DefinitionString"]!))!.AsObject();
    }

    // {"Fn::Join":["",["{\"StartAt\":…\"",{"Fn::GetAtt":["FunctionsPrune…","Arn"]},"\"…}"]]}: references to resources do not matter here.
    private static string Text(JsonNode node) => node switch
    {
        JsonObject join when join["Fn::Join"] is JsonArray parts => string.Concat(parts[1]!.AsArray().Select(part => Text(part!))),
        JsonObject => "reference",
        _ => node.ToString(),
    };
}
