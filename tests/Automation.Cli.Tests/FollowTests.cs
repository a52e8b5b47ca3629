using System.Text.Json.Nodes;
using Amazon.ECR.Model;

namespace Automation.Cli.Tests;

/// <summary>What people see before and after they decide: a build until it is promoted, a release before it is approved.</summary>
public sealed class FollowTests
{
    [Fact]
    public async Task Approve_ShowsOldAndNewBuildWithDigestBaseScanAndTags()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one", ("libc6", "2.41"), ("openssl", "3.0.1"));
        await fleet.PromotedAsync();
        await fleet.PushBaseAsync("two", ("libc6", "2.41"), ("openssl", "3.0.2"), ("curl", "8.5.0"));
        var next = await fleet.BuildAsync(("automation:base-digest", $"sha256:{new string('2', 64)}"));
        var image = await fleet.Ecr.DescribeImagesAsync(
            new DescribeImagesRequest { RepositoryName = "images/app", ImageIds = [new ImageIdentifier { ImageTag = "1.0.0-2" }] },
            TestContext.Current.CancellationToken);
        await fleet.TagAsync(next, ("automation:digest", image.ImageDetails[0].ImageDigest));
        await fleet.WaitForApprovalAsync("release-app_1-0-0-2", "1.0.0/2");

        var shown = await fleet.RunAsync("approve", "release-app_1-0-0-2", "--show");
        var json = JsonNode.Parse((await fleet.RunAsync("approve", "release-app_1-0-0-2", "--show", "--output", "json")).Output)!.AsArray();
        var approved = await fleet.RunAsync("approve", "release-app_1-0-0-2");

        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Matches(@"build +1\.0\.0/1 +1\.0\.0/2", shown.Output);
        Assert.Matches($@"digest +sha256:[0-9a-f]{{64}} +{image.ImageDetails[0].ImageDigest}", shown.Output);
        Assert.Matches(@"base +- +sha256:2{64}", shown.Output);
        Assert.Matches(@"scan +no scan +no scan", shown.Output);
        Assert.Matches(@"tags +latest moves", shown.Output);
        Assert.Matches("packages +2 changed", shown.Output);
        Assert.Matches(@"  curl +- +8\.5\.0", shown.Output);
        Assert.Matches(@"  openssl +3\.0\.1 +3\.0\.2", shown.Output);
        Assert.DoesNotContain("libc6", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("approved release", shown.Output, StringComparison.Ordinal);
        Assert.Equal(("1.0.0/1", "1.0.0/2"), (json[0]!["now"]!["version"]!.ToString(), json[0]!["new"]!["version"]!.ToString()));
        Assert.Contains("approved release-app_1-0-0-2", approved.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_ImageWithoutPackageDatabase_SaysThatNoneAreListed()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.PromotedAsync();
        await fleet.BuildAsync();
        await fleet.WaitForApprovalAsync("release-app_1-0-0-2", "1.0.0/2");

        var shown = await fleet.RunAsync("approve", "release-app_1-0-0-2", "--show");

        Assert.Matches("packages +not known: Image Builder recorded none, as for every pipeline without enhanced image metadata", shown.Output);
    }

    [Theory]
    [InlineData("golden/base", "build-app_manual-anna-20260105T080000_1")]
    [InlineData("golden/base:stable", "build-app_manual-anna-20260105T080000_1")]
    public async Task Build_AllFromABase_StartsWhatIsBuiltDirectlyOnIt(string from, string execution)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");

        var run = await fleet.RunAsync("build", "--all-from", from);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal([execution], await fleet.ExecutionsAsync());
        Assert.Contains("app: yes", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("golden/bse", "No image of the catalog is built on 'golden/bse'; did you mean 'golden/base'? Images are built on: golden/base, images/app.")]
    [InlineData("golden/base:edge", "No image of the catalog is built on 'golden/base:edge'")]
    [InlineData("a b", "'a b' is neither an image of the catalog nor a base such as golden/base:stable")]
    public async Task Build_AllFromNothing_SaysWhatThereIs(string from, string error)
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("build", "--all-from", from);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_NamesTheExecutionsThatRan_AlsoAgain_AndRollbacks()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.TagAsync(await fleet.BuildAsync(), ("automation:release", "failed"));
        await fleet.WaitForApprovalAsync("release-app_1-0-0-1_again-2");
        await fleet.WaitForApprovalAsync("rollback-app_1-0-0-1_20260105T080000");
        await fleet.WaitForApprovalAsync("release-app-web_1-0-0-1");

        var run = await fleet.RunAsync("why", "app");

        Assert.Matches(@"1\.0\.0/1 +execution +release-app_1-0-0-1_again-2, running, started 2026-01-05", run.Output);
        Assert.Matches(@"rollback +rollback-app_1-0-0-1_20260105T080000, running, started", run.Output);
        Assert.DoesNotContain("app-web", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--output", "ndjson")]
    [InlineData("--output", "json")]
    public async Task EveryCommand_PrintsJson(params string[] options)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");

        foreach (var command in new string[][] { ["status"], ["status", "app"], ["plan"], ["why", "app"], ["build", "app"], ["hold", "app", "--reason", "x"],
            ["unhold", "app"], ["prune", "app"] })
        {
            var run = await fleet.RunAsync([.. command, .. options]);

            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            if (options[1] == "json")
            {
                Assert.NotEmpty(JsonNode.Parse(run.Output)!.AsArray());
            }
            else
            {
                Assert.All(run.Output.TrimEnd().Split('\n'), line => Assert.NotNull(JsonNode.Parse(line)!.AsObject()));
            }
        }
    }

    /// <summary>They may also expire half-way, and then nothing more can be read.</summary>
    [Theory]
    [InlineData("states", "ExpiredTokenException", "The AWS credentials have expired. Renew them: ")]
    [InlineData("imagebuilder", "ExpiredTokenException", "The AWS credentials have expired. Renew them: ")]
    [InlineData("imagebuilder", "UnrecognizedClientException", "AWS does not accept the credentials (UnrecognizedClientException). Renew them: ")]
    public async Task ExpiredCredentials_AreSaidOnce_WithTheCommandThatRenewsThem(string service, string code, string message)
    {
        await using var fleet = await CommandFixture.StartAsync();
        fleet.Host.Cloud.Run(
            () => fleet.Host.Cloud.Faults.Add(new LocalCloud.FaultRule(LocalCloud.FaultKind.Error, Service: service, Count: null, Code: code, Status: 400)));

        var run = await fleet.RunAsync("status");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(message, Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--profile", "nobody", "There is no profile 'nobody'")]
    [InlineData("--region", "eu-centrl-1", "'eu-centrl-1'")]
    [InlineData("--region", "Frankfurt", "'Frankfurt'")]
    public async Task ProfileOrRegion_Unknown_IsRefused(string option, string value, string message)
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("status", option, value);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }
}
