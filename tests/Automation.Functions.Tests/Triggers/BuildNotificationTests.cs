using System.Text.Json;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Functions.Events;

namespace Automation.Functions.Tests.Triggers;

public sealed class BuildNotificationTests
{
    private static readonly string Arn = FunctionHarness.BuildArn("runtime", "1.0.0/1");

    [Theory]
    [InlineData(BuildState.Available)]
    [InlineData(BuildState.Failed)]
    [InlineData(BuildState.Cancelled)]
    public async Task Notification_BuildHasEnded_StartsItsRelease(BuildState state)
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1", state: state);

        var decision = Assert.Single((await harness.BuildNotification(Event(Message(Arn)))).Decisions);

        Assert.Equal(("runtime", "started", "release-runtime_1-0-0-1"), (decision.Subject, decision.Decision, decision.Execution));
        Assert.Equal("""{"action":"release","image":"runtime","version":"1.0.0/1","attempt":1}""", harness.Workflow.Started["release-runtime_1-0-0-1"]);
    }

    [Fact]
    public async Task Notification_Failure_AlsoStartsTheNextAttemptWhichWaits()
    {
        var (harness, digest) = Failed(build => build with { FinishedAt = FunctionHarness.Now });

        var decisions = (await harness.BuildNotification(Event(Message(Arn), FunctionHarness.Now))).Decisions;

        Assert.Equal(["release-runtime_1-0-0-1", $"build-runtime_{digest.Short12}_2"], decisions.Select(decision => decision.Execution));
        Assert.Equal("retry-pause", decisions[1].Reasons[0].Code);
    }

    [Fact]
    public async Task Notification_PermanentFailure_StartsOnlyItsRelease()
    {
        var (harness, _) = Failed(build => build with { FailureKind = FailureKind.Permanent });

        var decisions = (await harness.BuildNotification(Event(Message(Arn), FunctionHarness.Now))).Decisions;

        Assert.Equal(("no", "permanent-failure"), (decisions[1].Decision, decisions[1].Reasons[0].Code));
        Assert.Equal(["release-runtime_1-0-0-1"], harness.Workflow.Started.Keys);
    }

    [Theory]
    [InlineData("arn:aws:imagebuilder:eu-west-1:123456789012:image/runtime/1.0.0/1")]
    [InlineData("arn:aws:imagebuilder:us-east-1:999999999999:image/runtime/1.0.0/1")]
    public async Task Notification_AnotherAccountOrRegion_IsNotOursAndReadsNothing(string arn)
    {
        var harness = new FunctionHarness();
        harness.Builder.Origins[arn] = new BuildOrigin(arn, true, FunctionHarness.PipelineArn("runtime"), ImageVersion.Parse("1.0.0/1"), "AVAILABLE");

        await IsNotOurs(harness, arn, "other-account-or-region");
    }

    /// <summary>If no image has that recipe, its builds may not even be read.</summary>
    [Theory]
    [InlineData("\"pipeline\":{}", false)]
    [InlineData("\"pipeline\":\"app\"", true)]
    public async Task Notification_AnotherRecipeThanTheCatalogNames_IsNotOurs(string other, bool isAskedFor)
    {
        var harness = new FunctionHarness(ImageCatalog.Parse($$"""
            {"repositories":[{"name":"golden/base"}],"images":[
             {"name":"runtime","from":"golden/base:stable","repository":"images/runtime","pipeline":"theirs","recipe":"theirs"},
             {"name":"app","from":"golden/base:stable","repository":"images/app",{{other}}}]}
            """));
        var arn = FunctionHarness.BuildArn("other", "1.0.0/1");
        harness.Builder.Origins[arn] = new BuildOrigin(arn, true, FunctionHarness.PipelineArn("theirs"), ImageVersion.Parse("1.0.0/1"), "AVAILABLE");
        var asked = 0;
        harness.Builder.Fault = call => call == $"build {arn}" && asked++ < 0 ? new PermanentException("never") : null;

        await IsNotOurs(harness, arn, "other-recipe");

        Assert.Equal(isAskedFor, asked > 0);
    }

    [Fact]
    public async Task Notification_SaysAvailable_TheApiDecides()
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1", state: BuildState.InProgress);

        var decision = Assert.Single((await harness.BuildNotification(Event(Message(Arn)))).Decisions);

        Assert.Equal(("not-ours", "not-ended"), (decision.Decision, decision.Reasons[0].Code));
        Assert.Empty(harness.Workflow.Started);
    }

    [Fact]
    public async Task Notification_DeliveredTwice_StartsOnce()
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1");

        var decisions = (await harness.BuildNotification(Event(Message(Arn), Message(Arn)))).Decisions;

        Assert.Equal(["started", "already-started"], decisions.Select(decision => decision.Decision));
    }

    [Fact]
    public async Task Notification_BuildDoesNotExist_IsNotOurs() => await IsNotOurs(new FunctionHarness(), Arn, "build-gone");

    [Fact]
    public async Task Notification_Ami_IsNotOurs()
    {
        var harness = new FunctionHarness();
        harness.Builder.Origins[Arn] = new BuildOrigin(Arn, false, FunctionHarness.PipelineArn("runtime"), ImageVersion.Parse("1.0.0/1"), "AVAILABLE");

        await IsNotOurs(harness, Arn, "not-a-container");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/somebody-elses")]
    public async Task Notification_PipelineNotInTheCatalog_IsNotOurs(string? pipeline)
    {
        var harness = new FunctionHarness();
        harness.Builder.Origins[Arn] = new BuildOrigin(Arn, true, pipeline, ImageVersion.Parse("1.0.0/1"), "AVAILABLE");

        await IsNotOurs(harness, Arn, "not-in-catalog");
    }

    [Fact]
    public async Task EventBridge_StateChange_StartsTheRelease()
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1", state: BuildState.Cancelled);
        var message = $$"""{"arn":"{{Arn}}"}"""; // the output of the rule for cancelled builds

        Assert.Equal("started", Assert.Single((await harness.BuildNotification(Event(message))).Decisions).Decision);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("Hello from SNS!")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"arn":null}""")]
    [InlineData("""{"arn":7}""")]
    [InlineData("""{"arn":""}""")]
    [InlineData("""{"arn":"\ud800"}""")]
    [InlineData("""{"arn":"arn:aws:ec2:us-east-1:123456789012:instance/i-1"}""")]
    [InlineData("""{"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0"}""")]
    [InlineData("""{"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/x.x.x"}""")]
    [InlineData("""{"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0/1\n"}""")]
    [InlineData("""{"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/runtime"}""")]
    [InlineData("""{"source":"aws.ec2","resources":["arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0/1"]}""")]
    [InlineData("""{"source":7,"resources":["arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0/1"]}""")]
    [InlineData("""{"source":"aws.imagebuilder","resources":[]}""")]
    [InlineData("""{"source":"aws.imagebuilder","resources":"arn"}""")]
    [InlineData("""{"source":"aws.imagebuilder","resources":[7]}""")]
    [InlineData("""{"source":"aws.imagebuilder"}""")]
    [InlineData("""{"AlarmName":"disk full","NewStateValue":"ALARM"}""")]
    public async Task Message_NotFromImageBuilder_IsInvalid(string? message)
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1");

        await Assert.ThrowsAsync<InvalidEventException>(() => harness.BuildNotification(Event(message)));

        Assert.Empty(harness.Workflow.Started);
    }

    [Fact]
    public async Task Message_NestedTooDeeply_IsInvalid() =>
        await Assert.ThrowsAsync<InvalidEventException>(() => new FunctionHarness().BuildNotification(Event(new string('[', 100_000))));

    [Fact]
    public async Task Message_HugeText_IsInvalidAndNotRepeated()
    {
        var fault = await Assert.ThrowsAsync<InvalidEventException>(
            () => new FunctionHarness().BuildNotification(Event($$"""{"arn":"{{new string('x', 200_000)}}"}""")));

        Assert.InRange(fault.Message.Length, 1, 500);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"Records":null}""")]
    [InlineData("""{"Records":[]}""")]
    [InlineData("""{"Records":[null]}""")]
    [InlineData("""{"Records":[{}]}""")]
    [InlineData("""{"Records":[{"Sns":null}]}""")]
    [InlineData("""{"Records":[{"Sns":{}}]}""")]
    [InlineData("""{"Records":[{"eventSource":"aws:s3","s3":{}}]}""")]
    [InlineData("""{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}""")]
    public async Task Event_WithAnotherStructure_IsInvalid(string json) =>
        await Assert.ThrowsAsync<InvalidEventException>(() => new FunctionHarness().BuildNotification(FunctionHarness.Read<NotificationBatch>(json)));

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"arn":"\ud800"}""")]
    [InlineData(null)]
    public async Task Records_OneIsBad_OthersAreReleasedAndItIsReportedByNumber(string? bad)
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1");
        harness.Built("app", "1.0.0/1");

        await Assert.ThrowsAsync<InvalidEventException>(() =>
            harness.BuildNotification(Event(Message(Arn), bad, Message(FunctionHarness.BuildArn("app", "1.0.0/1")))));

        Assert.Equal(["release-app_1-0-0-1", "release-runtime_1-0-0-1"], harness.Workflow.Started.Keys.Order(StringComparer.Ordinal));
        Assert.Single(harness.Log, line => line.StartsWith("Error: Record 2 of 3 could not be processed", StringComparison.Ordinal));
    }

    /// <summary>A record may have any structure. The deserialisation of a whole batch once lost the other records too.</summary>
    [Theory]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"x\"")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Sns":null}""")]
    [InlineData("""{"Sns":5}""")]
    [InlineData("""{"Sns":"x"}""")]
    [InlineData("""{"Sns":[]}""")]
    [InlineData("""{"Sns":{"Message":5}}""")]
    [InlineData("""{"Sns":{"Message":{}}}""")]
    [InlineData("""{"Sns":{"Message":"\ud800"}}""")]
    [InlineData("""{"Sns":{"Message":"{\"arn\":\"arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0/2\"}","Timestamp":"yesterday"}}""")]
    [InlineData("""{"Sns":{"Message":"{\"arn\":\"arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0/2\"}","Timestamp":5}}""")]
    [InlineData("""{"Sns":{"Message":"{\"arn\":\"arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0/2\"}","Timestamp":"0001-01-01T00:00:00Z"}}""")]
    [InlineData("""{"Sns":{"Message":"{\"arn\":\"arn:aws:imagebuilder:us-east-1:123456789012:image/runtime/1.0.0/2\"}","Timestamp":"9999-12-31T23:59:59Z"}}""")]
    public async Task Records_OneHasAnOddStructure_OthersAreReleasedAndItIsReportedByNumber(string bad)
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1");
        harness.Built("app", "1.0.0/1");
        var good = new[] { "runtime", "app" }
            .Select(image => $$"""{"Sns":{"Message":"{{JsonEncodedText.Encode(Message(FunctionHarness.BuildArn(image, "1.0.0/1")))}}"} }""").ToArray();

        var fault = await Assert.ThrowsAsync<InvalidEventException>(
            () => harness.BuildNotification(FunctionHarness.Read<NotificationBatch>($$"""{"Records":[{{good[0]}},{{bad}},{{good[1]}}]}""")));

        Assert.Equal(["release-app_1-0-0-1", "release-runtime_1-0-0-1"], harness.Workflow.Started.Keys.Order(StringComparer.Ordinal));
        Assert.StartsWith("Record 2 of 3: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_OneInvalidOneThrottled_IsTransientWithBothReasons()
    {
        var harness = new FunctionHarness();
        harness.Builder.Fault = _ => new TransientException("throttled");

        var fault = await Assert.ThrowsAsync<TransientException>(() => harness.BuildNotification(Event("not json", Message(Arn))));

        Assert.Contains("throttled", fault.Message, StringComparison.Ordinal);
        Assert.Contains("not valid JSON", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_OneInvalidOneOverQuota_IsQuotaExceeded()
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1");
        harness.Workflow.Fault = _ => new QuotaExceededException("too many executions");

        await Assert.ThrowsAsync<QuotaExceededException>(() => harness.BuildNotification(Event("not json", Message(Arn))));
    }

    [Fact]
    public async Task Records_AllForbidden_IsPermanentAndNotInvalid()
    {
        var harness = new FunctionHarness();
        harness.Builder.Fault = _ => new PermanentException("access denied");

        await Assert.ThrowsAsync<PermanentException>(() => harness.BuildNotification(Event(Message(Arn), Message(Arn))));
    }

    [Fact]
    public async Task Records_TimeRunsOut_IsTransient()
    {
        var harness = new FunctionHarness();
        harness.Builder.WaitForever = true;

        var fault = await Assert.ThrowsAsync<TransientException>(() => harness.BuildNotification(Event(Message(Arn))));

        Assert.IsAssignableFrom<OperationCanceledException>(fault.InnerException);
    }

    /// <summary>Lambda's own deadline, then those of local runtimes: one in another century, and none, which counts as 1970.</summary>
    [Theory]
    [InlineData(300, 295)]
    [InlineData(5, 1)]
    [InlineData(-3, 1)]
    [InlineData(8_640_000_000, 900)]
    [InlineData(-1_767_600_000, 900)]
    public async Task Records_HaveTheRemainingTimeButNeverMoreThanLambdaGives(long seconds, int given)
    {
        var harness = new FunctionHarness { Remaining = TimeSpan.FromSeconds(seconds) };
        harness.Built("runtime", "1.0.0/1");

        await harness.BuildNotification(Event(Message(Arn)));

        Assert.Single(harness.Workflow.Started);
        Assert.Equal(TimeSpan.FromSeconds(given), harness.TimeGiven);
    }

    /// <summary>Build 1.0.0/1 of runtime failed on the newest base.</summary>
    private static (FunctionHarness Harness, Digest Base) Failed(Func<BuildRecord, BuildRecord> how)
    {
        var harness = new FunctionHarness();
        var digest = harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-1), ["stable"]);
        harness.Built("runtime", "1.0.0/1", state: BuildState.Failed);
        harness.Change(Arn, build => how(build with
        {
            BaseDigest = digest,
            Slot = new DateTimeOffset(2026, 1, 4, 3, 0, 0, TimeSpan.Zero),
            Cause = $"base:{digest}",
        }));
        return (harness, digest);
    }

    private static async Task IsNotOurs(FunctionHarness harness, string arn, string code)
    {
        var decision = Assert.Single((await harness.BuildNotification(Event(Message(arn)))).Decisions);

        Assert.Equal((arn, "not-ours", code), (decision.Subject, decision.Decision, decision.Reasons[0].Code));
        Assert.Contains(harness.Log, line => line.Contains(code, StringComparison.Ordinal));
        Assert.Empty(harness.Workflow.Started);
    }

    private static string Message(string arn) =>
        $$"""{"arn":"{{arn}}","semver":1237940039285380274899124227,"dateCreated":"Jul 28, 2022 1:13:45 AM","state":{"status":"AVAILABLE"} }""";

    private static NotificationBatch Event(string message, DateTimeOffset time) => FunctionHarness.Read<NotificationBatch>(
        $$"""{"Records":[{"Sns":{"Message":"{{JsonEncodedText.Encode(message)}}","Timestamp":"{{time:O}}"} }]}""");

    // Deserialised, as it arrives.
    private static NotificationBatch Event(params string?[] messages) => FunctionHarness.Read<NotificationBatch>(
        $$"""{"Records":[{{string.Join(',', messages.Select(message => $$"""{"EventSource":"aws:sns","Sns":{"Message":{{(message is null ? "null" : "\"" + JsonEncodedText.Encode(message) + "\"")}} } }"""))}}]}""");
}
