using System.Text.Json.Nodes;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;

namespace Automation.Scenarios;

/// <summary>The end of a scan ends the wait of its release. The event is only a hint: the same end is reached without it.</summary>
public sealed class ScanEventScenarios
{
    private const string StatesTarget = "AWSStepFunctions.";

    /// <summary>Long enough for checks that are minutes apart.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromMinutes(17);

    /// <summary>The gate tolerates it. A scan without findings has its result at once.</summary>
    private static readonly FindingsRule LateFinding = new(null, "images/app", null, [new Finding("CVE-2026-4711", "LOW")], Delay: Delay);

    [Theory]
    [InlineData("BASIC")]
    [InlineData("ENHANCED")]
    public async Task ScanEnds_ReleaseChecksAtOnce(string scanning)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        var (scanned, passed) = await ReleaseAsync(fleet, scanning);

        Assert.InRange(passed - scanned, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
        Assert.All(await fleet.ExecutionsAsync("release-app"), release => Assert.Equal("SUCCEEDED", release.Status.Value));
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    [Theory]
    [InlineData("ECR Image Scan", "images/runtime")]
    [InlineData("Inspector2 Scan", "arn:aws:ecr:us-east-1:123456789012:repository/images/runtime")]
    public async Task AnotherImageIsScanned_TheReleaseStillWaits(string type, string repository)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([LateFinding]);
        await fleet.PushBaseAsync("2026.1");
        var wait = await UntilItWaitsAsync(fleet);

        await cloud.InvokeEventAsync("ScanCompleted", new JsonObject
        {
            ["source"] = type == "ECR Image Scan" ? "aws.ecr" : "aws.inspector2",
            ["detail-type"] = type,
            ["detail"] = new JsonObject { ["repository-name"] = repository, ["scan-status"] = "COMPLETE" },
        });
        await cloud.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal("RUNNING", await StatusAsync(fleet, wait));
    }

    [Fact]
    public async Task EventIsLost_TheReleaseChecksAfterTheRestOfItsWait()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        cloud.Update(resources =>
        {
            resources.Single(resource => resource.Value!["Type"]!.ToString() == "AWS::Events::Rule"
                && resource.Key.StartsWith("ScanCompleted", StringComparison.Ordinal)).Value!["Properties"]!["State"] = "DISABLED";
        });

        var (scanned, passed) = await ReleaseAsync(fleet, "BASIC");

        Assert.InRange(passed - scanned, TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(5));
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    /// <summary>A check without a pause would repeat until the history of the execution is full.</summary>
    [Theory]
    [InlineData("states:StartExecution")]
    [InlineData("states:DescribeExecution")]
    public async Task WorkflowMayNotWaitThere_ItWaitsByItself(string action)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        cloud.Update(resources =>
        {
            var role = resources.Single(resource => resource.Key.StartsWith("WorkflowRoleDefaultPolicy", StringComparison.Ordinal));
            role.Value!["Properties"]!["PolicyDocument"]!["Statement"]!.AsArray().RemoveAll(statement =>
                statement!["Action"]!.ToJsonString().Contains(action, StringComparison.Ordinal)
                && statement["Resource"]!.ToJsonString().Contains("ScanWaits", StringComparison.Ordinal));
        });

        await ReleaseAsync(fleet, "BASIC");

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
        var release = Assert.Single(await fleet.ExecutionsAsync("release-app"));
        var states = (await cloud.JournalAsync()).Count(entry => entry.Kind == "state-entered" && entry.Data["name"] == release.Name);
        Assert.InRange(states, 20, 120);
    }

    [Fact]
    public async Task ReleaseIsStoppedWhileItWaits_ItsWaitEndsToo()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([LateFinding]);
        await fleet.PushBaseAsync("2026.1");
        var wait = await UntilItWaitsAsync(fleet);

        await cloud.CallAsync("states", StatesTarget + "StopExecution",
            new JsonObject { ["executionArn"] = Assert.Single(await fleet.ExecutionsAsync("release-app")).ExecutionArn });

        Assert.Equal("ABORTED", await StatusAsync(fleet, wait));
    }

    /// <returns>When the scan of the app ended, and when the gate opened.</returns>
    private static async Task<(DateTimeOffset Scanned, DateTimeOffset Passed)> ReleaseAsync(Fleet fleet, string scanning)
    {
        if (scanning == "ENHANCED")
        {
            await fleet.Cloud.SetScanningAsync("ENHANCED", "*");
        }

        await fleet.Cloud.InjectAsync([LateFinding]);
        await fleet.PushAndSettleAsync("2026.1");
        var journal = await fleet.Cloud.JournalAsync();
        var release = Assert.Single(await fleet.ExecutionsAsync("release-app"));
        var scanned = journal.Single(entry => entry.Kind == "image-scanned" && entry.Data["repository"] == "images/app").Time;
        var passed = journal.Last(entry => entry.Kind == "state-entered" && entry.Data["name"] == release.Name && entry.Data["state"] == "CheckScan").Time;
        return (scanned, passed);
    }

    /// <returns>The ARN of the execution in which the release of the app waits.</returns>
    private static async Task<string> UntilItWaitsAsync(Fleet fleet)
    {
        for (var minute = 0; minute < 120; minute++)
        {
            await fleet.Cloud.AdvanceAsync(TimeSpan.FromMinutes(1));
            var started = (await fleet.Cloud.JournalAsync()).LastOrDefault(entry => entry.Kind == "execution-started"
                && entry.Data["name"].StartsWith("images-app-", StringComparison.Ordinal));
            if (started is not null && await StatusAsync(fleet, started.Data["execution"]) == "RUNNING")
            {
                return started.Data["execution"];
            }
        }

        throw new InvalidOperationException("No release waits for a scan.");
    }

    private static async Task<string> StatusAsync(Fleet fleet, string execution) =>
        (await fleet.Cloud.CallAsync("states", StatesTarget + "DescribeExecution", new JsonObject { ["executionArn"] = execution }))["status"]!.ToString();
}
