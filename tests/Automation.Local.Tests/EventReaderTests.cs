using Amazon.Runtime;
using Automation.Cli.Doctor;
using Automation.Cli.Executions;

namespace Automation.Local.Tests;

/// <summary>The reader of <c>automation events</c> on the logs that the functions themselves write.</summary>
public sealed class EventReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PushAndBuild_AreEventsWithTheirDecisions()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync(cloud.Region, "other/thing");
        await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "other/thing", "latest", "one");
        await fleet.PushAndSettleAsync("12.1");

        var events = await ReadAsync(cloud, TimeSpan.FromDays(1));

        var push = Assert.Single(events, each => each is { Kind: "ECR Image Action", Subject: "golden/base:stable" });
        Assert.NotNull(push.Id);
        Assert.Contains(push.Decisions, each => each is { Subject: "runtime", Decision: "started" }
            && each.Execution!.StartsWith("build-runtime", StringComparison.Ordinal));
        var built = Assert.Single(events, each =>
            each.Kind == "Image Builder notification" && each.Subject.EndsWith(":image/app/1.0.0/1", StringComparison.Ordinal));
        Assert.Contains(built.Decisions, each => each is { Subject: "app", Decision: "started", Code: "build-ended", Execution: "release-app_1-0-0-1" });
        Assert.Equal(events.OrderByDescending(each => each.At), events);
        Assert.True(built.At > push.At);
    }

    [Fact]
    public async Task EventsBefore_AreLeftOut()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(TimeSpan.FromHours(30));

        Assert.Empty(await ReadAsync(cloud, TimeSpan.FromDays(1)));
        Assert.NotEmpty(await ReadAsync(cloud, TimeSpan.FromDays(2)));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("""{"requestId":"1","Decision":"started","Subject":"app"}""")]
    [InlineData("""{"DetailType":"ECR Image Action","Subject":"app"}""")]
    public void OtherLines_AreIgnored(string line) => Assert.Empty(EventReader.EventsOf([(DateTimeOffset.UnixEpoch, line)]));

    [Fact]
    public void TwoRecordsOfOneInvocation_HaveTheirOwnDecisions()
    {
        string[] lines =
        [
            """{"requestId":"1","DetailType":"Image Builder notification","Subject":"a","Event":"-"}""",
            """{"requestId":"2","DetailType":"ECR Image Action","Subject":"c","Event":"e"}""",
            """{"requestId":"1","Decision":"no","Subject":"a","Execution":"-","Code":"x","Reason":"y"}""",
            """{"requestId":"1","DetailType":"Image Builder notification","Subject":"b","Event":"-"}""",
            """{"requestId":"1","Decision":"started","Subject":"b","Execution":"release-b","Code":"x","Reason":"z"}""",
        ];

        var events = EventReader.EventsOf(lines.Select(line => (DateTimeOffset.UnixEpoch, line)));

        Assert.Equal(["a: no ", "c: ", "b: started release-b"],
            events.Select(each => $"{each.Subject}: {string.Join(' ', each.Decisions.Select(decision => $"{decision.Decision} {decision.Execution}"))}"));
    }

    private static async Task<IReadOnlyList<ReceivedEvent>> ReadAsync(TestCloud cloud, TimeSpan back)
    {
        var calls = new SignedCalls(new Uri("http://cloud.test"), new BasicAWSCredentials("AKIAREADER", "secret"), cloud.Http, TimeProvider.System);
        return await new EventReader().ReadAsync(calls, cloud.Region, "Automation", await cloud.NowAsync() - back, Token);
    }
}
