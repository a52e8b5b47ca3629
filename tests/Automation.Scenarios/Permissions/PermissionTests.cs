using System.Globalization;
using System.IO.Enumeration;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.ECR.Model;
using Amazon.StepFunctions;
using Automation.LocalCloud;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Scenarios.Permissions;

/// <summary>All scenarios run under the template's policies, so no permission is missing. This test shows that none is superfluous.</summary>
public sealed partial class PermissionTests
{
    /// <summary>An image under test: its name in the catalog, and its pipeline.</summary>
    private sealed record Subject(string Image, string Pipeline)
    {
        public string Repository => $"images/{Image}";
    }

    /// <param name="Grant"><c>role action on the end of the resource</c>; <c>*</c> matches anything.</param>
    /// <param name="Catalogs">The catalogs that have the grant; null means all.</param>
    private sealed record NeverUsed(string Grant, string Reason, string[]? Catalogs = null);

    private const string Shipped = "Automation";
    private static readonly TestAuthority Authority = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static readonly string[] Gated = [Shipped, "approval", "signed"];

    /// <summary>Grants that no history here can use, each with the reason for it.</summary>
    private static readonly NeverUsed[] Exceptions =
    [
        new("* xray:PutTelemetryRecords on *", "the runtimes write traces, and the embedded cloud has no X-Ray"),
        new("* xray:PutTraceSegments on *", "the runtimes write traces, and the embedded cloud has no X-Ray"),
        new("* xray:GetSamplingRules on *", "Step Functions asks which executions to trace"),
        new("* xray:GetSamplingTargets on *", "Step Functions asks which executions to trace"),
        new("* logs:CreateLogStream on :*", "Lambda writes a function's log with its role; here it goes to the journal"),
        new("* logs:PutLogEvents on :*", "Lambda writes a function's log with its role; here it goes to the journal"),
        new("* logs:CreateLogDelivery on *", "Step Functions sets up the delivery of its log with the role"),
        new("* logs:DeleteLogDelivery on *", "as CreateLogDelivery"),
        new("* logs:DescribeLogGroups on *", "as CreateLogDelivery"),
        new("* logs:DescribeResourcePolicies on *", "as CreateLogDelivery"),
        new("* logs:GetLogDelivery on *", "as CreateLogDelivery"),
        new("* logs:ListLogDeliveries on *", "as CreateLogDelivery"),
        new("* logs:PutResourcePolicy on *", "as CreateLogDelivery"),
        new("* logs:UpdateLogDelivery on *", "as CreateLogDelivery"),
        new("* inspector2:ListFindings on *", "an account with enhanced scanning has its findings in Inspector; this one has basic scanning", Gated),
        new("* inspector2:ListCoverage on *", "like ListFindings", Gated),
        new("Reconcile ecr:GetRegistryScanningConfiguration on *", "only for a promoted image without a scan; the gate has one of each here", ["approval"]),
        new("* ecr:BatchGetImage on :repository/images/*", "reads the children of an index; Image Builder creates none, but people may", [Shipped, "approval"]),
        new("BuildNotification ecr:BatchGetImage on :repository/golden/base", "reads the children of a base without a scan; here its scan exists by then",
            ["approval"]),
        new("PlanBuild ecr:DescribeImages on :repository/images/*", "like BatchGetImage", ["approval"]),
        new("Workflow states:StopExecution on :*", "stops the wait of a release that a person stops (see ScanEventScenarios)", Gated),
        new("Prune imagebuilder:GetImage on :image/*", "used in another Region only for a foreign build that is running or has failed", ["two-regions"]),
        new("Prune imagebuilder:DeleteContainerRecipe on :container-recipe/*",
            "for the recipe that a stack update keeps; only RecipeScenarios update the stack", [Shipped, "approval", "two-regions", "signed"]),
        new("StartBuild imagebuilder:TagResource on :image/*",
            "AWS documents it for the pipeline; it is also granted on the builds until a first deployment shows that the service does not check there"),
        new("Reconcile ecr:BatchGetImage on :repository/*", "pulls a base that comes through a pull-through cache; here people push it (see CacheScenarios)",
            ["adopted"]),
        new("Reconcile ecr:BatchImportUpstreamImage on :repository/*", "like BatchGetImage", ["adopted"]),
        new("Reconcile ecr:DescribePullThroughCacheRules on *", "like BatchGetImage", ["adopted"]),
        new("* imagebuilder:GetDistributionConfiguration on :distribution-configuration/*",
            "the adopted pipelines here have no distribution configuration; the one in AdoptedScenarios does", ["adopted"]),
        new("Scheduler sqs:SendMessage on :queue", "a call that Lambda refuses becomes a dead letter, and Lambda refuses none here"),
    ];

    public static TheoryData<string> Catalogs => [Shipped, "approval", "two-regions", "adopted", "signed"];

    [Theory]
    [MemberData(nameof(Catalogs))]
    public async Task EveryGrant_IsUsedExceptForTheListedOnes(string catalog)
    {
        var (fleet, subjects) = await StartAsync(catalog);
        await using var cloud = fleet.Cloud;
        await FailTwiceAndBeginAgainAsync(fleet, subjects);
        await fleet.StartByHandAsync(subjects[0].Pipeline, "00000000-0000-4000-8000-000000000001");
        await SettleAsync(fleet);
        await BeginAndEndIncidentsAsync(fleet, subjects);
        await FailABuildOfEachImageAsync(cloud, subjects);
        await ScanNothingOnPushAsync(cloud);
        await AnswerAStartOfEachImageWithoutTheBuildAsync(cloud, subjects);
        foreach (var release in new[] { "2026.2", "2026.3", "2026.4" })
        {
            // A day passes between the pushes, because more than half of a repository is never deleted at once.
            await cloud.AdvanceAsync(TimeSpan.FromHours(26));
            await fleet.PushBaseAsync(release);
            await SettleAsync(fleet);
        }

        await RollBackAndEndTheHoldAsync(fleet, subjects);
        await HoldForAnHourAsync(fleet, subjects);
        if (catalog == "approval")
        {
            await RetireABuildThatWaitsAsync(fleet, subjects[0]);
        }

        await LoseATagOfEachImageAsync(fleet, subjects);
        await LoseAnEventOfEachTriggerAsync(fleet);
        await SupersedeAndKeepAsync(fleet, subjects);
        await new Workloads(fleet.Cloud).StartOneOfEachAsync("golden/base:stable");
        await new Workloads(fleet.Cloud).CreateOneOfEachListedAsync("golden/base:stable");
        await LoseARecordAsync(fleet, subjects);
        await cloud.AdvanceAsync(TimeSpan.FromDays(9));

        var unused = cloud.Permissions
            .SelectMany(role => role.Grants.Where(grant => grant.Used == 0), (role, grant) => Describe(role.RoleArn, grant.Action, grant.Resource))
            .Distinct()
            .ToList();
        var exceptions = Exceptions.Where(exception => exception.Catalogs?.Contains(catalog) != false).ToList();

        Assert.Equal("", string.Join('\n', unused.Where(grant => !exceptions.Any(exception => IsOf(exception, grant)))));
        Assert.All(exceptions, exception => Assert.Contains(unused, grant => IsOf(exception, grant)));
        Assert.DoesNotContain(await cloud.JournalAsync(), entry => entry is { Source: "iam" });
    }

    /// <summary>The stack of a catalog with the further resources that its images need. Retention deletes, which does not change the template.</summary>
    private static async Task<(Fleet Fleet, Subject[] Subjects)> StartAsync(string catalog)
    {
        var text = JsonNode.Parse(TestCloud.CatalogOf(catalog))!.AsObject();
        text["defaults"] ??= new JsonObject();
        text["defaults"]!["retain"] = JsonNode.Parse(TestCloud.CatalogOf(Shipped))!["defaults"]!["retain"]!.DeepClone();
        foreach (var image in text["images"]!.AsArray())
        {
            image!.AsObject().Remove("retain");
        }

        if (catalog == "signed")
        {
            var rules = text["images"]![0]!["promote"]!["gate"]!["signature"]!;
            rules["required"] = false;
            rules["roots"] = new JsonArray(Authority.Root);
        }

        var fleet = await TestCloud.StartAsync(catalog, text: text.ToJsonString());
        var region = fleet.Cloud.Region;
        switch (catalog)
        {
            case "two-regions":
                await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
                return (fleet, [new("edge", "edge")]);
            case "adopted":
                Subject[] adopted = [new("by-name", "their-pipeline"), new("by-arn", "other-pipeline")];
                foreach (var subject in adopted)
                {
                    await fleet.CreatePipelineAsync(subject.Pipeline, subject.Repository, $"123456789012.dkr.ecr.{region}.amazonaws.com/golden/base:stable");
                }

                return (fleet, adopted);
            case "approval":
                return (fleet, [new("vault", "vault")]);
            case "signed":
                SignBeforeEachCheck(fleet.Cloud);
                return (fleet, [new("sealed", "sealed")]);
            default:
                return (fleet, [new("runtime", "runtime"), new("app", "app")]);
        }
    }

    /// <summary>Runs everything that follows, and approves every approval request.</summary>
    private static async Task SettleAsync(Fleet fleet)
    {
        await fleet.Cloud.SettleAsync();
        foreach (var execution in (await fleet.ExecutionsAsync("release-")).Where(execution => execution.Status == ExecutionStatus.RUNNING))
        {
            await fleet.Cloud.CallAsync("states", "AWSStepFunctions.SendTaskSuccess",
                new JsonObject { ["taskToken"] = await fleet.TokenAsync(execution.ExecutionArn), ["output"] = "{}" });
            await fleet.Cloud.SettleAsync();
        }
    }

    /// <summary>The newest image has a signature of the profile before it is checked, so the check reads it and whether it was revoked.</summary>
    private static void SignBeforeEachCheck(TestCloud cloud)
    {
        var signed = new HashSet<string>(StringComparer.Ordinal);
        cloud.BeforeEachCallOfAutomation(call =>
        {
            if (call.Operation == "ListImageReferrers" && Newest() is var image && signed.Add(image))
            {
                TestSignatures.AttachAsync(
                    cloud.Ecr(cloud.Region), "images/sealed", image, TestSignatures.Notation, TestSignatures.Jws,
                    Authority.SignJws(image, new DateTimeOffset(2026, 1, 3, 0, 0, 0, TimeSpan.Zero))).GetAwaiter().GetResult();
            }
        });

        string Newest() => cloud.Ecr(cloud.Region).DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = "images/sealed" }).GetAwaiter().GetResult()
            .ImageDetails.Where(image => image.SubjectManifestDigest is null).MaxBy(image => image.ImagePushedAt)!.ImageDigest;
    }

    private static async Task AnswerAStartOfEachImageWithoutTheBuildAsync(TestCloud cloud, Subject[] subjects)
    {
        foreach (var subject in subjects)
        {
            await cloud.InjectAsync(new FaultRule(
                FaultKind.Omit,
                Service: "imagebuilder",
                Operation: "StartImagePipelineExecution",
                Resource: $"image-pipeline/{subject.Pipeline}\"",
                Member: "imageBuildVersionArn"));
        }
    }

    /// <summary>The registry has rules that include only the bases, so each release must request its scan.</summary>
    private static Task ScanNothingOnPushAsync(TestCloud cloud) =>
        cloud.SetScanningAsync("BASIC", "golden*");

    /// <summary>A person deletes a tag of a promoted build, and the reconcile finds it.</summary>
    private static async Task LoseATagOfEachImageAsync(Fleet fleet, Subject[] subjects)
    {
        foreach (var subject in subjects)
        {
            var tags = await fleet.TagsAsync(subject.Repository);
            await fleet.DeleteTagAsync(subject.Repository, tags.Keys.Last(tag => tags.Any(other => other.Key != tag && other.Value == tags[tag])));
        }

        await fleet.Cloud.AdvanceAsync(TimeSpan.FromHours(2));
    }

    /// <summary>One image cannot be read once, and one prune fails once: the reconcile and the end of a prune begin and end an incident each.</summary>
    private static async Task BeginAndEndIncidentsAsync(Fleet fleet, Subject[] subjects)
    {
        var cloud = fleet.Cloud;
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "imagebuilder", Operation: "GetImagePipeline", Code: "ForbiddenException", Status: 403));
        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        Assert.Contains(await fleet.AlertsAsync(),
            subject => subject.StartsWith("resolved: ", StringComparison.Ordinal) && subject.EndsWith("(unreadable)", StringComparison.Ordinal));

        var prune = new JsonObject { ["action"] = "prune", ["image"] = subjects[0].Image };
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "imagebuilder", Operation: "GetImagePipeline", Code: "ForbiddenException", Status: 403));
        await fleet.RunAsync("prune-fails", prune);
        await fleet.RunAsync("prune-works", (JsonObject)prune.DeepClone());
        Assert.Contains($"resolved: {subjects[0].Image} (prune-failed)", await fleet.AlertsAsync());
    }

    /// <summary>The next build of each image fails, and the notification requests the next attempt.</summary>
    private static async Task FailABuildOfEachImageAsync(TestCloud cloud, Subject[] subjects)
    {
        foreach (var subject in subjects)
        {
            await cloud.InjectAsync(new BuildOutcome(subject.Pipeline, "Insufficient capacity.", Kind: BuildFailureKind.Infrastructure, Builds: 1));
        }
    }

    /// <summary>A base for several platforms arrives, and its build cannot be started twice; the duplicated event and the reconcile try again.</summary>
    private static async Task FailTwiceAndBeginAgainAsync(Fleet fleet, Subject[] subjects)
    {
        var cloud = fleet.Cloud;
        var children = subjects.Count(subject => subject.Image != "app");
        await cloud.InjectAsync(new FaultRule(
            FaultKind.Error, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: 2 * children, Code: "ForbiddenException", Status: 403));
        var digest = await BaseImage.PushIndexAsync(cloud.Ecr(cloud.Region), "golden/base", "stable", "2026.1");
        await cloud.SettleAsync();
        await cloud.InvokeEventAsync("ImagePushed", new JsonObject
        {
            ["version"] = "0",
            ["id"] = "13cde686-328b-6117-af20-0e5566167482",
            ["source"] = "aws.ecr",
            ["detail-type"] = "ECR Image Action",
            ["account"] = "123456789012",
            ["region"] = cloud.Region,
            ["time"] = "2026-01-05T08:00:00Z",
            ["resources"] = new JsonArray(),
            ["detail"] = new JsonObject
            {
                ["result"] = "SUCCESS",
                ["action-type"] = "PUSH",
                ["repository-name"] = "golden/base",
                ["image-digest"] = digest,
                ["image-tag"] = "stable",
            },
        });
        await cloud.SettleAsync();
        await cloud.AdvanceAsync(TimeSpan.FromHours(1));
        await SettleAsync(fleet);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync(subjects[^1].Pipeline)).Release);
    }

    /// <summary>The reconcile ends the approval.</summary>
    private static async Task RetireABuildThatWaitsAsync(Fleet fleet, Subject subject)
    {
        var build = (await fleet.BuildsAsync(subject.Pipeline))[^1];
        var execution = await fleet.PromoteAsync(subject.Image, build.Version, attempt: 9);
        await fleet.RetireAsync(build.Arn, "DEPRECATED");
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromHours(2));
        var (status, output, _) = await fleet.ResultAsync(execution);
        Assert.Equal(("SUCCEEDED", "not-releasable"), (status, output["announcement"]!["detail"]!["outcome"]!.ToString()));
        await fleet.RetireAsync(build.Arn, "AVAILABLE");
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromHours(2));
        await SettleAsync(fleet);
    }

    private static async Task RollBackAndEndTheHoldAsync(Fleet fleet, Subject[] subjects)
    {
        // Its mail cannot be sent at once.
        await fleet.Cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "sns", Operation: "Publish", Resource: "rolled-back", Count: 7, Status: 503));
        foreach (var (image, pipeline) in subjects)
        {
            await fleet.StartAsync($"rollback-{image}-1", new JsonObject { ["action"] = "rollback", ["image"] = image, ["version"] = "1.0.0/1" });
            await SettleAsync(fleet);
            var newest = (await fleet.BuildsAsync(pipeline))[^1].Version;
            await fleet.StartAsync(
                $"release-{image}-held", new JsonObject { ["action"] = "release", ["image"] = image, ["version"] = newest, ["attempt"] = 2 });
            await SettleAsync(fleet);
            Assert.Equal("held", (await fleet.BuildsAsync(pipeline))[^1].Release);
            await fleet.PromoteAsync(image, newest, attempt: 3);
            await SettleAsync(fleet);
            Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync(pipeline)).Keys);
        }
    }

    private static async Task HoldForAnHourAsync(Fleet fleet, Subject[] subjects)
    {
        var until = (await fleet.Cloud.NowAsync() + TimeSpan.FromHours(1)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        foreach (var (_, pipeline) in subjects)
        {
            await fleet.TagPipelineAsync(pipeline, ("automation:hold", "maintenance"), ("automation:hold-until", until));
        }

        await fleet.Cloud.AdvanceAsync(TimeSpan.FromHours(8));
        foreach (var (_, pipeline) in subjects)
        {
            Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync(pipeline)).Keys);
        }
    }

    private static async Task LoseAnEventOfEachTriggerAsync(Fleet fleet)
    {
        // One of the adopted pipelines exists already, namely the one that was read before they were created.
        var before = await fleet.CountDeadLettersAsync();
        await fleet.Cloud.InvokeEventAsync("ImagePushed", new JsonObject());
        await fleet.Cloud.InvokeEventAsync("BuildNotification", new JsonObject());
        await fleet.Cloud.InvokeEventAsync("Reconcile", new JsonObject { ["image"] = "nothing" });
        await fleet.Cloud.SettleAsync();
        Assert.Equal(before + 3, (await fleet.DeadLettersAsync()).Count);

        // Until the queue can be read again.
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("SUCCEEDED", await fleet.RedriveAsync());
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    /// <summary>Waits until a build of each image is marked as superseded, and then makes it one to keep.</summary>
    private static async Task SupersedeAndKeepAsync(Fleet fleet, Subject[] subjects)
    {
        var cloud = fleet.Cloud;
        var waiting = subjects.ToHashSet();
        for (var day = 0; day < 30 && waiting.Count > 0; day++)
        {
            await cloud.AdvanceAsync(TimeSpan.FromDays(1));
            await SettleAsync(fleet);
            foreach (var subject in waiting.ToArray())
            {
                if ((await fleet.BuildsAsync(subject.Pipeline)).FirstOrDefault(build => build.Tags.ContainsKey("automation:superseded-at")) is not { } marked)
                {
                    continue;
                }

                waiting.Remove(subject);
                var ecr = cloud.Ecr(cloud.Region);
                var found = await ecr.BatchGetImageAsync(new BatchGetImageRequest
                {
                    RepositoryName = subject.Repository,
                    ImageIds = [new ImageIdentifier { ImageTag = marked.Version.Replace('/', '-') }],
                });
                await ecr.PutImageAsync(new PutImageRequest
                {
                    RepositoryName = subject.Repository,
                    ImageManifest = found.Images[0].ImageManifest,
                    ImageManifestMediaType = found.Images[0].ImageManifestMediaType,
                    ImageTag = "keep-this",
                });
            }
        }

        Assert.Empty(waiting);
    }

    /// <summary>A person deletes the record of a build that still has its image, so its owner must be looked up from then on.</summary>
    private static async Task LoseARecordAsync(Fleet fleet, Subject[] subjects)
    {
        foreach (var subject in subjects)
        {
            var tags = await fleet.TagsAsync(subject.Repository);
            var lost = (await fleet.BuildsAsync(subject.Pipeline))
                .First(build => tags.ContainsKey(build.Version.Replace('/', '-')) && !build.Tags.ContainsKey("automation:superseded-at"));
            await fleet.Cloud.ImageBuilder.DeleteImageAsync(new Amazon.Imagebuilder.Model.DeleteImageRequest { ImageBuildVersionArn = lost.Arn });
        }
    }

    private static bool IsOf(NeverUsed exception, string grant) => FileSystemName.MatchesSimpleExpression(exception.Grant, grant, ignoreCase: false);

    /// <summary>The grant without generated names: <c>Prune ecr:BatchGetImage on :repository/images/app</c>.</summary>
    private static string Describe(string roleArn, string action, string resource)
    {
        var match = RoleName().Match(roleArn);
        Assert.True(match.Success, roleArn);
        var end = resource.Split(':') switch
        {
            [_, _, "sqs", ..] => ":queue",
            [.., "*"] and [_, _, ..] => ":*",
            [.., var last] => resource == "*" ? "*" : $":{last}",
            _ => resource,
        };
        return $"{match.Groups["role"].Value} {action} on {end}";
    }

    // …role/Automation-FunctionsPruneServiceRoleACAA7393-0ND7SHLCF0RB, …-WorkflowImageLifecycleRole9E126C26-…, …-SchedulerRole59E73443-…
    [GeneratedRegex("-(Functions)?(?<role>[A-Za-z]+?)(ImageLifecycle|Service)?Role[0-9A-F]", RegexOptions.ExplicitCapture)]
    private static partial Regex RoleName();
}
