using System.Text.Json.Nodes;
using Automation.LocalCloud;

namespace Automation.Scenarios;

/// <summary>One function is killed at one of its calls, once for every call of a history, before and after the call takes effect. The end is always the
/// same.</summary>
public sealed class CrashScenarios
{
    /// <summary>Each history with its catalog, its preparation, and the action during which a call crashes.</summary>
    private static readonly Dictionary<string, (string Catalog, Func<Fleet, Task> Before, Func<Fleet, Task> Then, int Calls)> Histories = new()
    {
        ["two Regions"] = ("two-regions", _ => Task.CompletedTask, fleet => fleet.PushBaseAsync("2026.1"), 40),
        ["rollback"] = ("two-regions", ThreeReleasesAsync, fleet => fleet.BeginRollbackAsync("edge", "1.0.0/1"), 40),
        ["explicit promote after a rollback"] = (
            "two-regions",
            async fleet =>
            {
                await ThreeReleasesAsync(fleet);
                await fleet.RollbackAsync("edge", "1.0.0/1");
            },
            fleet => fleet.StartAsync("release-edge_1-0-0-2_2",
                new JsonObject { ["action"] = "release", ["image"] = "edge", ["version"] = "1.0.0/2", ["attempt"] = 2, ["explicit"] = true }), 40),
        ["approval"] = (
            "approval",
            async fleet => await fleet.PushAndSettleAsync("2026.1"),
            async fleet =>
            {
                await fleet.Cloud.CallAsync("states", "AWSStepFunctions.SendTaskSuccess", new JsonObject
                {
                    ["taskToken"] = await fleet.TokenAsync((await fleet.ExecutionsAsync("release-vault"))[^1].ExecutionArn),
                    ["output"] = """{"by":"somebody"}""",
                });
            }, 15),
    };

    public static TheoryData<string, FaultKind> Cases => [
        .. Histories.Keys.SelectMany(name => new[] { (name, FaultKind.CrashBefore), (name, FaultKind.CrashAfter) })
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task CrashAtAnyCall_EndsInTheSameState(string name, FaultKind kind)
    {
        var (catalog, before, _, _) = Histories[name];
        var origin = await TestCloud.StartAsync(catalog, options: TestCloud.ForCopies);
        await using var beginning = origin.Cloud;
        if (catalog == "two-regions")
        {
            await origin.CreateRepositoryAsync("eu-west-1", "images/edge");
        }

        await before(origin);
        var (expected, _) = await RunAsync(origin, name, null);
        var differing = new List<string>();
        var call = 0;
        for (; ; call++)
        {
            var (end, crash) = await RunAsync(origin, name, new FaultRule(kind, Skip: call));
            if (crash is null)
            {
                break;
            }

            if (end != expected)
            {
                differing.Add($"{kind} at call {call} ({crash}):\n{end}");
            }
        }

        Assert.True(differing.Count == 0, $"expected:\n{expected}\n\n{string.Join("\n\n", differing)}");
        Assert.True(call > Histories[name].Calls, $"Only {call} calls had a crash.");
    }

    /// <summary>A process that is gone makes no call for the next image, although a function isolates the failures of its images.</summary>
    [Fact]
    public async Task CrashedFunction_MakesNoMoreCalls()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var (calls, crashed, later) = (0, 0L, 0);
        cloud.BeforeEachCallOfAutomation(call =>
        {
            if (call.Function is not ("Reconcile", var invocation))
            {
                return;
            }

            later += invocation == crashed ? 1 : 0;
            if (crashed == 0 && ++calls == 5)
            {
                crashed = invocation;
                throw new CallerCrashedException("Reconcile");
            }
        });

        await cloud.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.True(crashed > 0);
        Assert.Equal(0, later);
    }

    /// <returns>The end state and the call that crashed; null if there were fewer calls.</returns>
    private static async Task<(string End, string? Crash)> RunAsync(Fleet origin, string name, FaultRule? crash)
    {
        var (catalog, _, then, _) = Histories[name];
        var fleet = origin.Copy();
        await using var cloud = fleet.Cloud;
        await then(fleet);
        if (crash is not null)
        {
            await cloud.InjectAsync(crash);
        }

        await cloud.SettleAsync();
        if (crash is not null && await cloud.PendingFaultsAsync() > 0)
        {
            return ("", null);
        }

        return (await EndAsync(fleet, catalog == "two-regions" ? "edge" : "vault"),
            (await cloud.JournalAsync()).LastOrDefault(entry => entry is { Kind: "fault" })?.Text ?? "");
    }

    private static async Task<string> EndAsync(Fleet fleet, string image)
    {
        var lines = (await fleet.BuildsAsync(image)).Select(build => $"{build.Version} {build.Release}").ToList();
        foreach (var region in image == "edge" ? new[] { "us-east-1", "eu-west-1" } : ["us-east-1"])
        {
            var tags = await fleet.TagsAsync($"images/{image}", region);
            lines.AddRange(tags.Where(tag => !char.IsAsciiDigit(tag.Key[0])).Select(tag =>
                $"{region} {tag.Key} -> {tags.First(other => char.IsAsciiDigit(other.Key[0]) && other.Value == tag.Value).Key}"));
        }

        lines.Add($"hold: {(await fleet.PipelineTagsAsync(image)).GetValueOrDefault("automation:hold")}");
        lines.AddRange((await fleet.AlertsAsync()).Distinct());
        return string.Join('\n', lines);
    }

    private static async Task ThreeReleasesAsync(Fleet fleet)
    {
        foreach (var release in new[] { "2026.1", "2026.2", "2026.3" })
        {
            await fleet.PushAndSettleAsync(release);
        }
    }
}
