using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.ECR.Model;
using Automation.LocalCloud;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Scenarios.InProcess;

/// <summary>All scenarios run under the template's policies, so nothing is missing in them. Here: nothing is too much either.</summary>
public sealed partial class PermissionTests
{
    /// <summary>What no history here can use, as <c>role action on the end of the resource</c>, each with the reason why it is granted all the same.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["* xray:PutTelemetryRecords on *"] = "the runtimes write traces, and there is no X-Ray here",
        ["* xray:PutTraceSegments on *"] = "the runtimes write traces, and there is no X-Ray here",
        ["* xray:GetSamplingRules on *"] = "Step Functions asks which executions to trace",
        ["* xray:GetSamplingTargets on *"] = "Step Functions asks which executions to trace",
        ["* logs:CreateLogStream on :*"] = "Lambda writes a function's log with its role; here it goes to the journal",
        ["* logs:PutLogEvents on :*"] = "Lambda writes a function's log with its role; here it goes to the journal",
        ["* logs:CreateLogDelivery on *"] = "Step Functions sets up the delivery of its log with the role",
        ["* logs:DeleteLogDelivery on *"] = "as CreateLogDelivery",
        ["* logs:DescribeLogGroups on *"] = "as CreateLogDelivery",
        ["* logs:DescribeResourcePolicies on *"] = "as CreateLogDelivery",
        ["* logs:GetLogDelivery on *"] = "as CreateLogDelivery",
        ["* logs:ListLogDeliveries on *"] = "as CreateLogDelivery",
        ["* logs:PutResourcePolicy on *"] = "as CreateLogDelivery",
        ["* logs:UpdateLogDelivery on *"] = "as CreateLogDelivery",
        ["CheckScan inspector2:ListFindings on *"] = "an account with enhanced scanning has its findings in Inspector; this one has basic scanning",
        ["CheckScan inspector2:ListCoverage on *"] = "as ListFindings",
        ["CheckScan ecr:BatchGetImage on :repository/images/app"] = "which images an index lists; Image Builder makes none, people may",
        ["CheckScan ecr:DescribeImages on :repository/images/app"] = "whether an image without a scan is an index",
        ["Scheduler sqs:SendMessage on :queue"] = "a schedule that Lambda refuses ends in the dead letters, and Lambda refuses none here",
    };

    [Fact]
    public async Task WhatIsGranted_IsUsed_ButForTheWrittenExceptions()
    {
        var fleet = await InProcessCloud.StartAsync();
        await using var cloud = (InProcessCloud)fleet.Cloud;
        await FailTwiceAndBeginAgainAsync(fleet);
        await fleet.StartByHandAsync("runtime", "00000000-0000-4000-8000-000000000001");
        await cloud.SettleAsync();
        await FailABuildOfEachImageAsync(cloud);
        foreach (var release in new[] { "2026.2", "2026.3", "2026.4" })
        {
            // On days of their own: more than half of a repository is never deleted at once.
            await cloud.AdvanceAsync(TimeSpan.FromHours(26));
            await fleet.PushAndSettleAsync(release);
        }

        await RollBackAndEndTheHoldAsync(fleet);
        await LoseAnEventOfEachTriggerAsync(fleet);
        await SupersedeAndKeepAsync(fleet);
        await cloud.AdvanceAsync(TimeSpan.FromDays(9));

        var unused = cloud.Permissions
            .SelectMany(role => role.Grants.Where(grant => grant.Used == 0), (role, grant) => Describe(role.RoleArn, grant.Action, grant.Resource))
            .Distinct()
            .ToList();
        var excepted = unused.Select(ExceptionFor).OfType<string>().Distinct();

        Assert.Equal("", string.Join('\n', unused.Where(grant => ExceptionFor(grant) is null)));
        Assert.Empty(Exceptions.Keys.Except(excepted));
        Assert.DoesNotContain(await cloud.JournalAsync(), entry => entry is { Source: "iam" });
    }

    /// <summary>The next build of each image fails: the next attempt is asked for by the notification.</summary>
    private static async Task FailABuildOfEachImageAsync(InProcessCloud cloud)
    {
        foreach (var image in new[] { "runtime", "app" })
        {
            await cloud.OrderAsync(new BuildOutcome(image, "Insufficient capacity.", Kind: BuildFailureKind.Infrastructure, Builds: 1));
        }
    }

    /// <summary>A base for several platforms comes, its build cannot be started twice; the doubled event and the reconcile begin again.</summary>
    private static async Task FailTwiceAndBeginAgainAsync(Fleet fleet)
    {
        var cloud = fleet.Cloud;
        await cloud.OrderAsync(new FaultRule(
            FaultKind.Error, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: 2, Code: "ForbiddenException", Status: 403));
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
        await cloud.SettleAsync();
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("app")).Release);
    }

    private static async Task RollBackAndEndTheHoldAsync(Fleet fleet)
    {
        foreach (var image in new[] { "runtime", "app" })
        {
            await fleet.StartAsync($"rollback-{image}-1", new JsonObject { ["action"] = "rollback", ["image"] = image, ["version"] = "1.0.0/1" });
            await fleet.Cloud.SettleAsync();
            var newest = (await fleet.BuildsAsync(image))[^1].Version;
            await fleet.RunAsync($"release-{image}-held", new JsonObject { ["action"] = "release", ["image"] = image, ["version"] = newest, ["attempt"] = 2 });
            Assert.Equal("held", (await fleet.BuildsAsync(image))[^1].Release);
            await fleet.PromoteAsync(image, newest, attempt: 3);
            Assert.DoesNotContain("automation:hold", (await fleet.PipelineTagsAsync(image)).Keys);
        }
    }

    private static async Task LoseAnEventOfEachTriggerAsync(Fleet fleet)
    {
        await fleet.Cloud.InvokeEventAsync("ImagePushed", new JsonObject());
        await fleet.Cloud.InvokeEventAsync("BuildNotification", new JsonObject());
        await fleet.Cloud.InvokeEventAsync("Reconcile", new JsonObject { ["image"] = "nothing" });
        await fleet.Cloud.SettleAsync();
        Assert.Equal(3, (await fleet.DeadLettersAsync()).Count);

        // Until they can be received again.
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("SUCCEEDED", await fleet.RedriveAsync());
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    /// <summary>Waits until a build of each image is marked as superseded, and then says that it must be kept.</summary>
    private static async Task SupersedeAndKeepAsync(Fleet fleet)
    {
        var cloud = fleet.Cloud;
        var waiting = new HashSet<string>(StringComparer.Ordinal) { "runtime", "app" };
        for (var day = 0; day < 30 && waiting.Count > 0; day++)
        {
            await cloud.AdvanceAsync(TimeSpan.FromDays(1));
            foreach (var image in waiting.ToArray())
            {
                if ((await fleet.BuildsAsync(image)).FirstOrDefault(build => build.Tags.ContainsKey("automation:superseded-at")) is not { } marked)
                {
                    continue;
                }

                waiting.Remove(image);
                var ecr = cloud.Ecr(cloud.Region);
                var found = await ecr.BatchGetImageAsync(new BatchGetImageRequest
                {
                    RepositoryName = $"images/{image}",
                    ImageIds = [new ImageIdentifier { ImageTag = marked.Version.Replace('/', '-') }],
                });
                await ecr.PutImageAsync(new PutImageRequest
                {
                    RepositoryName = $"images/{image}",
                    ImageManifest = found.Images[0].ImageManifest,
                    ImageManifestMediaType = found.Images[0].ImageManifestMediaType,
                    ImageTag = "keep-this",
                });
            }
        }

        Assert.Empty(waiting);
    }

    private static string? ExceptionFor(string grant) => Exceptions.Keys.FirstOrDefault(exception =>
        grant == exception || (exception.StartsWith("* ", StringComparison.Ordinal) && grant.EndsWith(exception[1..], StringComparison.Ordinal)));

    /// <summary>Without what a deployment makes up: <c>Prune ecr:BatchGetImage on :repository/images/app</c>.</summary>
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
