using System.Text.Json.Nodes;

namespace Automation.Scenarios.Permissions;

/// <summary>A permission of the template is removed: the problem is reported, nothing stays half done, and the reconcile recovers.</summary>
public sealed class DenialTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task TaggingDenied_IsAnnouncedWithTheReasonAndNothingMoves()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        cloud.Update(resources => Policy(resources, "PromoteImage", statement => Without(statement, "Action", "ecr:PutImage")));

        await fleet.PushAndSettleAsync("2026.1");

        const string Reason = "is not authorized to perform: ecr:PutImage on resource: arn:aws:ecr:us-east-1:123456789012:repository/images/runtime "
            + "because no identity-based policy allows the ecr:PutImage action";
        Assert.Equal(["1.0.0-1"], (await fleet.TagsAsync("images/runtime")).Keys);
        Assert.Equal("failed", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
        var release = Assert.Single(await fleet.ExecutionsAsync("release-"));
        Assert.Equal(("FAILED", "PermanentException"), (release.Status.Value, (await fleet.ResultAsync(release.ExecutionArn)).Error));
        Assert.Contains(await fleet.AlertsAsync(), subject => subject.StartsWith("failed: runtime 1.0.0/1", StringComparison.Ordinal));
        Assert.Contains(await cloud.JournalAsync(), entry => entry is { Source: "sns", Kind: "message-published" }
            && entry.Data["message"].Contains(Reason, StringComparison.Ordinal)
            && entry.Data["message"].Contains("assumed-role/Automation-FunctionsPromoteImage", StringComparison.Ordinal));
    }

    [Fact]
    public async Task KeyWithoutTheServiceLinkedRole_LosesEveryNotificationUntilReconcileFindsTheBuilds()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        cloud.Update(resources => RemoveStatement(Of(resources, "AWS::KMS::Key")["KeyPolicy"]!, "ImageBuilderNotifications"));

        await fleet.PushAndSettleAsync("2026.1");
        Assert.Equal(("AVAILABLE", null), (Assert.Single(await fleet.BuildsAsync("runtime")).Status, (await fleet.BuildsAsync("runtime"))[0].Release));
        Assert.Contains(await cloud.JournalAsync(), entry => entry is { Source: "imagebuilder", Kind: "notification-lost" }
            && entry.Text.Contains("assumed-role/AWSServiceRoleForImageBuilder/", StringComparison.Ordinal)
            && entry.Text.Contains("kms:GenerateDataKey", StringComparison.Ordinal));

        await cloud.AdvanceAsync(5 * Hour);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    [Fact]
    public async Task FunctionWithoutPermissionForTheRule_SendsThePushToTheDeadLettersUntilReconcileFindsTheBase()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        cloud.Update(resources => resources.Remove(resources.Single(resource =>
            resource.Value!["Type"]!.ToString() == "AWS::Lambda::Permission"
            && resource.Value["Properties"]!["Principal"]!.ToString() == "events.amazonaws.com"
            && resource.Value["Properties"]!["SourceArn"]!.ToJsonString().Contains("ImagePushed", StringComparison.Ordinal)).Key));

        // The reconcile of this deployment must not be the one that finds the base.
        await cloud.SettleAsync();
        await fleet.PushAndSettleAsync("2026.1");
        Assert.Empty(await fleet.BuildsAsync("runtime"));
        Assert.Contains(await cloud.JournalAsync(),
            entry => entry is { Source: "sqs", Kind: "message-sent" } && entry.Data.GetValueOrDefault("errorCode") == "NO_PERMISSIONS");

        await cloud.AdvanceAsync(5 * Hour);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    [Fact]
    public async Task QueueWithoutPermissionForTheRule_LosesTheDeadLetter()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        cloud.Update(resources =>
        {
            foreach (var (id, _) in resources.Where(resource => resource.Value!["Type"]!.ToString() is "AWS::Lambda::Permission" or "AWS::SQS::QueuePolicy")
                .ToArray())
            {
                resources.Remove(id);
            }
        });

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Empty(await fleet.DeadLettersAsync());
        Assert.Contains(await cloud.JournalAsync(), entry => entry is { Source: "events", Kind: "dead-letter-lost" });
    }

    [Fact]
    public async Task WorkflowMayNotInvoke_FailsTheExecutionWithANamedError()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        cloud.Update(resources => Policy(resources, "WorkflowRole", statement => Without(statement, "Action", "lambda:InvokeFunction")));

        var execution = await fleet.StartAsync("prune-app", new JsonObject { ["action"] = "prune", ["image"] = "app" });
        await cloud.SettleAsync();

        Assert.Equal("FAILED", (await fleet.ResultAsync(execution)).Status);
        Assert.Contains(
            await cloud.JournalAsync(), entry => entry is { Source: "iam", Kind: "access-denied" } && entry.Data["action"] == "lambda:InvokeFunction");
    }

    private static JsonNode Of(JsonObject resources, string type) =>
        resources.Single(resource => resource.Value!["Type"]!.ToString() == type).Value!["Properties"]!;

    /// <summary>Changes each statement of a role's policy; statements without actions are removed.</summary>
    private static void Policy(JsonObject resources, string role, Action<JsonObject> change)
    {
        var statements = resources
            .Single(resource => resource.Value!["Type"]!.ToString() == "AWS::IAM::Policy" && resource.Key.Contains(role, StringComparison.Ordinal))
            .Value!["Properties"]!["PolicyDocument"]!["Statement"]!.AsArray();
        foreach (var statement in statements.Select(statement => statement!.AsObject()).ToArray())
        {
            change(statement);
            if (statement["Action"] is null or JsonArray { Count: 0 })
            {
                statements.Remove(statement);
            }
        }
    }

    private static void Without(JsonObject statement, string member, string value)
    {
        if (statement[member] is JsonArray list)
        {
            list.RemoveAll(each => each!.ToString() == value);
        }
        else if (statement[member]?.ToString() == value)
        {
            statement.Remove(member);
        }
    }

    private static void RemoveStatement(JsonNode policy, string id) =>
        policy["Statement"]!.AsArray().RemoveAll(statement => statement!["Sid"]?.ToString() == id);
}
