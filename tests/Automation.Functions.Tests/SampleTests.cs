using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Functions.Events;
using Automation.Functions.Triggers;

namespace Automation.Functions.Tests;

/// <summary>Every file in events/ goes through the production serializer into its function and reaches the decision named here.</summary>
public sealed class SampleTests
{
    internal const string Folder = "events";
    private const string Base = "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd12345678";
    private const string Runtime = "sha256:0d9a7c9e4b6f1a2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071829304";

    internal static readonly Dictionary<string, Func<FunctionHarness, string, Task<string>>> Functions = new()
    {
        ["ecr-push.json"] = async (harness, json) => Text(await harness.ImagePushed(FunctionHarness.Read<EcrEvent>(json))),
        ["build-notification.json"] = async (harness, json) => Text(await harness.BuildNotification(FunctionHarness.Read<NotificationBatch>(json))),
        ["build-cancelled.json"] = async (harness, json) =>
        {
            harness.Builder.Builds.Clear();
            harness.Built("runtime", "1.0.0/1", state: Core.Builds.BuildState.Cancelled);
            return Text(await harness.BuildNotification(FunctionHarness.Read<NotificationBatch>(json)));
        },
        ["scan-completed.json"] = async (harness, json) =>
        {
            harness.ScanWaits.Running.AddRange([$"{ScanWaitNames.PrefixOf("images/app")}1", $"{ScanWaitNames.PrefixOf("images/runtime")}1"]);
            return Text(await harness.ScanCompleted(FunctionHarness.Read<ScanEvent>(json)));
        },
        ["scan-completed-basic.json"] = async (harness, json) => Text(await harness.ScanCompleted(FunctionHarness.Read<ScanEvent>(json))),
        ["reconcile.json"] = async (harness, json) => Text(await harness.Reconcile(FunctionHarness.Read<ReconcileRequest>(json))),
        ["plan-build.json"] = async (harness, json) =>
        {
            harness.Builder.Builds.Clear();
            var plan = await harness.PlanBuild(FunctionHarness.Read<StepInput>(json));
            return $"{plan.Decision} {plan.Reasons[0].Code}";
        },
        ["start-build.json"] = async (harness, json) => (await harness.StartBuild(FunctionHarness.Read<StepInput>(json))).Version,
        ["inspect-image.json"] = async (harness, json) => (await harness.InspectImage(FunctionHarness.Read<StepInput>(json))).Outcome,
        ["check-scan.json"] = async (harness, json) =>
        {
            harness.Built("app", "1.0.0/1");
            return (await harness.CheckScan(FunctionHarness.Read<StepInput>(json))).Verdict;
        },
        ["promote-image.json"] = async (harness, json) =>
            string.Join(' ', (await harness.PromoteImage(FunctionHarness.Read<StepInput>(json))).Steps.Select(step => $"{step.Action} {step.Tag}")),
        ["prune.json"] = async (harness, json) =>
        {
            var pruned = await harness.Prune(FunctionHarness.Read<StepInput>(json));
            return $"{pruned.Mode} done:{pruned.Done} kept:{pruned.ImagesKept}";
        },
        ["announce.json"] = async (harness, json) =>
        {
            var announced = await harness.Announce(FunctionHarness.Read<StepInput>(json));
            return $"{announced.Detail.Outcome} because {announced.Detail.Reasons[0].Code}";
        },
    };

    public static TheoryData<string> Files => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, Folder)).Select(path => Path.GetFileName(path))];

    [Fact]
    public void EventsFolder_EverySample_IsTested() =>
        Assert.Equal(Functions.Keys.Order(StringComparer.Ordinal), Files.Select(row => row.Data).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Sample_ThroughTheProductionSerializer_ReachesItsDecision(string file)
    {
        var expected = file switch
        {
            "ecr-push.json" => "runtime started build-runtime_7f5b2640fe6f_1",
            "build-notification.json" => "runtime started release-runtime_1-0-0-1",
            "build-cancelled.json" => "runtime started release-runtime_1-0-0-1, runtime started build-runtime_7f5b2640fe6f_1",
            "scan-completed.json" => $"images/app ended {ScanWaitNames.PrefixOf("images/app")}1",
            "scan-completed-basic.json" => "images/app no",
            "reconcile.json" =>
                "runtime started build-runtime_7f5b2640fe6f_1, runtime started release-runtime_1-0-0-1, runtime started prune-runtime_20260104, app no, app started prune-app_20260104",
            "plan-build.json" => "start never-built",
            "start-build.json" => "1.0.0/1",
            "inspect-image.json" => "releasable",
            "check-scan.json" => "open",
            "promote-image.json" => "put 1.0.0-20260105.1",
            "prune.json" => "report done:True kept:1",
            "announce.json" => "failed because PermanentException",
            _ => "a decision that this test names",
        };

        var json = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, Folder, file), TestContext.Current.CancellationToken);

        Assert.Equal(expected, await Functions[file](Deployed(), json));
    }

    [Theory]
    [InlineData("plan-build.json", Base)]
    [InlineData("start-build.json", Base)]
    [InlineData("inspect-image.json", Runtime)]
    [InlineData("check-scan.json", Runtime)]
    [InlineData("promote-image.json", Runtime)]
    [InlineData("prune.json", null)]
    [InlineData("announce.json", Runtime)]
    public async Task SampleOfAStep_LogsExecutionDigestAndReason(string file, string? digest)
    {
        var json = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, Folder, file), TestContext.Current.CancellationToken);
        var harness = Deployed();

        await Functions[file](harness, json);

        var execution = FunctionHarness.Read<StepInput>(json).Execution!;
        Assert.NotEmpty(harness.Log);
        Assert.All(harness.Log.Where(line => !line.Contains(" incident ", StringComparison.Ordinal)),
            line => Assert.StartsWith($"Information: {execution}", line, StringComparison.Ordinal));
        Assert.True(digest is null
            || harness.Log.Exists(line => line.Contains($" {digest}", StringComparison.Ordinal) && line.Contains(" because ", StringComparison.Ordinal)),
            string.Join('\n', harness.Log));
    }

    // The facts of the samples: the base of the push, built once into runtime 1.0.0/1, and app 1.0.0/1 with a clean scan.
    internal static FunctionHarness Deployed()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", Digest.Parse(Base), new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero), ["stable"]);
        harness.Built("runtime", "1.0.0/1", new DateTimeOffset(2026, 1, 5, 7, 59, 0, TimeSpan.Zero));
        harness.Registry.Drop("images/runtime");
        harness.Registry.Push("images/runtime", Digest.Parse(Runtime), FunctionHarness.Now, ["1.0.0-1"]);
        harness.Registry.Scans[Digest.Parse(Runtime)] = new ScanFacts("COMPLETE", null, new Dictionary<Core.Catalog.Severity, int>(), []);
        return harness;
    }

    private static string Text(TriggerResult result) =>
        string.Join(", ", result.Decisions.Select(decision => $"{decision.Subject} {decision.Decision} {decision.Execution}".TrimEnd()));
}
