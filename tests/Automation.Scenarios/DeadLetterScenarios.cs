using System.Text.Json.Nodes;
using Automation.LocalCloud;

namespace Automation.Scenarios;

/// <summary>A message that cannot be processed is not lost and does not affect other messages.</summary>
public sealed class DeadLetterScenarios
{
    [Theory]
    [InlineData("this is not JSON", "not JSON")]
    [InlineData("""{"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image-recipe/runtime/1.0.0"}""", "not an Image Builder notification")]
    [InlineData("{}", "not an Image Builder notification")]
    public async Task InvalidNotification_BecomesADeadLetterWithItsReason(string message, string reason)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        await cloud.NotifyAsync(message);
        await cloud.SettleAsync();

        var letter = JsonNode.Parse(Assert.Single(await fleet.DeadLettersAsync()))!;
        Assert.Equal("RetriesExhausted", letter["requestContext"]!["condition"]!.ToString());
        Assert.Equal("InvalidEventException", letter["responsePayload"]!["errorType"]!.ToString());
        Assert.Contains(reason, letter["responsePayload"]!["errorMessage"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(message, letter["requestPayload"]!["Records"]![0]!["Sns"]!["Message"]!.ToString());
    }

    [Fact]
    public async Task BadRecord_DoesNotLoseTheOtherRecords()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        // Not released, because its own notification is lost.
        await cloud.InjectAsync(new LocalCloud.FaultRule(LocalCloud.FaultKind.Drop, Service: "sns", Resource: "/runtime/"));
        await fleet.PushAndSettleAsync("2026.1");
        var arn = Assert.Single(await fleet.BuildsAsync("runtime")).Arn;

        await cloud.InvokeEventAsync("BuildNotification", new JsonObject
        {
            ["Records"] = new JsonArray(Record("garbage"), Record(new JsonObject { ["arn"] = arn }.ToJsonString()), Record("")),
        });
        await cloud.SettleAsync();

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
        Assert.Single(await fleet.ExecutionsAsync("release-runtime"));
        Assert.Single(await fleet.DeadLettersAsync());
    }

    [Theory]
    [InlineData("5")]
    [InlineData("\"x\"")]
    [InlineData("""{"Sns":5}""")]
    [InlineData("""{"Sns":{"Message":5}}""")]
    [InlineData("""{"Sns":{"Message":"{}","Timestamp":"never"}}""")]
    public async Task BatchHasARecordOfAnOddStructure_OtherRecordIsReleasedAndTheBatchIsADeadLetter(string bad)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Drop, Service: "sns", Resource: "/runtime/"));
        await fleet.PushAndSettleAsync("2026.1");
        var build = Assert.Single(await fleet.BuildsAsync("runtime"));
        Assert.Null(build.Release);

        await cloud.InvokeEventAsync("BuildNotification", JsonNode.Parse($$"""{"Records":[{{bad}},{"Sns":{"Message":"{\"arn\":\"{{build.Arn}}\"}"} }]}""")!);
        await cloud.SettleAsync();

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
        Assert.Contains("Record 1 of 2", Assert.Single(await fleet.DeadLettersAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"source":"aws.ec2","detail-type":"ECR Image Action","time":"2026-01-05T08:00:00Z","detail":{"action-type":"PUSH","repository-name":"golden/base","image-tag":"stable"}}""")]
    [InlineData("""{"source":"aws.ecr","detail-type":"ECR Image Action","time":"2026-01-05T08:00:00Z"}""")]
    [InlineData("""{}""")]
    [InlineData("""[1,2]""")]
    public async Task InvalidPushEvent_BecomesADeadLetterAndBuildsNothing(string payload)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "golden/base", "other", "2026.1");

        await cloud.InvokeEventAsync("ImagePushed", JsonNode.Parse(payload)!);
        await cloud.SettleAsync();

        Assert.Single(await fleet.DeadLettersAsync());
        Assert.Empty(await fleet.ExecutionsAsync("build-"));
    }

    [Fact]
    public async Task NotificationInTheDeadLetters_IsReleasedByTheRedriveThatRemovesTheLetter()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        // SNS could not invoke the function, so the dead letter contains the message.
        await cloud.InjectAsync(new LocalCloud.FaultRule(LocalCloud.FaultKind.Drop, Service: "sns", Resource: "/runtime/"));
        await fleet.PushAndSettleAsync("2026.1");
        var build = Assert.Single(await fleet.BuildsAsync("runtime"));
        Assert.Null(build.Release);
        await fleet.AddDeadLetterAsync(new JsonObject
        {
            ["Type"] = "Notification",
            ["MessageId"] = "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
            ["Message"] = new JsonObject { ["arn"] = build.Arn }.ToJsonString(),
        }.ToJsonString());

        Assert.Equal("SUCCEEDED", await fleet.RedriveAsync());

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    [Fact]
    public async Task EventThatAFunctionCouldNotProcess_IsHandledByTheRedrive()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        // Lambda tries three times, and all fail, so the event becomes a dead letter.
        await cloud.InjectAsync(new LocalCloud.FaultRule(LocalCloud.FaultKind.Throttle, Service: "imagebuilder", Operation: "GetImage", Count: null));
        await fleet.PushAndSettleAsync("2026.1");
        Assert.NotEqual(0, await fleet.CountDeadLettersAsync());
        await cloud.ClearFaultsAsync();

        Assert.Equal("SUCCEEDED", await fleet.RedriveAsync());

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    [Fact]
    public async Task RedriveWithIncompleteReconcile_KeepsTheLetters()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.AddDeadLetterAsync("{}");
        await cloud.InjectAsync(
            new LocalCloud.FaultRule(
                LocalCloud.FaultKind.Error, Service: "imagebuilder", Operation: "GetImagePipeline", Count: null, Code: "AccessDeniedException", Status: 403));

        Assert.Equal("FAILED", await fleet.RedriveAsync());

        await cloud.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Contains("{}", await fleet.DeadLettersAsync());
    }

    [Fact]
    public async Task RedriveWithoutDeadLetters_DoesNothing()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        var before = (await fleet.ExecutionsAsync()).Count;

        Assert.Equal("SUCCEEDED", await fleet.RedriveAsync());

        Assert.Equal(before, (await fleet.ExecutionsAsync()).Count);
    }

    [Theory]
    [InlineData("their-ami", "other-recipe")]
    [InlineData("app", "build-gone")]
    public async Task NotificationOfAForeignBuild_IsNotAnError(string recipe, string code)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        await cloud.NotifyAsync($$"""{"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/{{recipe}}/1.0.0/1","state":{"status":"AVAILABLE"} }""");
        await cloud.SettleAsync();

        Assert.Empty(await fleet.DeadLettersAsync());
        var answer = (await cloud.JournalAsync()).Last(entry => entry is { Kind: "function-returned" });
        Assert.Contains(code, answer.Data["output"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"action":"dance","image":"app"}""")]
    public async Task UnknownAction_FailsTheExecutionWithANamedError(string input)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        var execution = await fleet.StartAsync("unknown", JsonNode.Parse(input)!.AsObject());
        await cloud.SettleAsync();

        Assert.Equal(("FAILED", "UnknownAction"), ((await fleet.ResultAsync(execution)).Status, (await fleet.ResultAsync(execution)).Error));
    }

    [Theory]
    [InlineData("build")]
    [InlineData("release")]
    [InlineData("rollback")]
    [InlineData("prune")]
    public async Task ImageNotInTheCatalog_FailsTheExecutionWithANamedError(string action)
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;

        var execution = await fleet.StartAsync($"{action}-nothing", new JsonObject { ["action"] = action, ["image"] = "nothing", ["version"] = "1.0.0/1" });
        await cloud.SettleAsync();

        Assert.Equal(("FAILED", "ImageNotInCatalogException"), ((await fleet.ResultAsync(execution)).Status, (await fleet.ResultAsync(execution)).Error));
        Assert.NotEmpty(await fleet.AlertsAsync());
    }

    private static JsonObject Record(string message) => new()
    {
        ["EventSource"] = "aws:sns",
        ["Sns"] = new JsonObject { ["Type"] = "Notification", ["MessageId"] = "95df01b4-ee98-5cb9-9903-4c221d41eb5e", ["Message"] = message },
    };
}
