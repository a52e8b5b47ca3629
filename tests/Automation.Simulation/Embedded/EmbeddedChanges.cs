using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Amazon.StepFunctions;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.ImageBuilder;
using Automation.Simulation.World;
using Build = Automation.Testing.Build;
using FaultKind = Automation.LocalCloud.FaultKind;

namespace Automation.Simulation.Embedded;

/// <summary>Applies the moves of a history through the AWS APIs. A move that is not possible here is skipped.</summary>
internal sealed class EmbeddedChanges(
    Setup setup, Fleet fleet, EmbeddedNames names, Interruptions interruptions, DeletionWatch deletions, PromotionWatch promotions,
    Vulnerabilities vulnerabilities)
{
    private static readonly (string Operation, JsonObject Answer) Yes = ("SendTaskSuccess", new JsonObject { ["output"] = "{}" });
    private static readonly (string Operation, JsonObject Answer) No = ("SendTaskFailure", new JsonObject { ["error"] = "Rejected", ["cause"] = "not today" });

    private readonly List<(string Image, string Token)> _answered = [];
    private readonly Dictionary<int, string> _releases = [];
    private int _commands;

    /// <summary>The images whose hold a person set.</summary>
    public HashSet<string> HeldByHand { get; } = [];

    private TestCloud Cloud => fleet.Cloud;

    /// <summary>Applies a move. Moves that the services refuse, or whose object does not exist, are skipped.</summary>
    public async Task TryAsync(Move move)
    {
        try
        {
            await (move is Wait or Steps ? ActAsync(move) : interruptions.ActAsync(() => ActAsync(move)));
        }
        catch (Exception e) when (e is AmazonServiceException or Xunit.Sdk.XunitException)
        {
            // The object of the move does not exist, or the service does not allow the change.
        }
    }

    private async Task ActAsync(Move move)
    {
        switch (move)
        {
            case PushBase push:
                _releases[push.Release] = await fleet.PushBaseAsync(string.Create(CultureInfo.InvariantCulture, $"2026.{push.Release}"));
                break;
            case PushTools push when setup.Watch:
                await BaseImage.PushAsync(Cloud.Ecr(Setup.Home), Setup.Tools, string.Create(CultureInfo.InvariantCulture, $"v{push.Release}"),
                    string.Create(CultureInfo.InvariantCulture, $"tools {push.Release}"));
                break;
            case Wait wait:
                await Cloud.AdvanceAsync(TimeSpan.FromMinutes(wait.Minutes));
                break;
            case Steps steps:
                await Cloud.AdvanceAsync(TimeSpan.FromSeconds(5 * steps.Count));
                break;
            case Promote promote when await FindAsync(promote.Image, promote.Build) is { } build:
                var attempt = int.TryParse(build.Tags.GetValueOrDefault(BuildTags.ReleaseAttempt), out var before) ? before + 1 : 1;
                await fleet.StartAsync(Core.Promotion.ReleaseName.For(names.Image(promote.Image), Core.Images.ImageVersion.Parse(build.Version), attempt),
                    new JsonObject
                    {
                        ["action"] = "release",
                        ["image"] = names.Image(promote.Image),
                        ["version"] = build.Version,
                        ["attempt"] = attempt,
                        ["explicit"] = true,
                    });
                break;
            case Histories.Rollback rollback when await FindAsync(rollback.Image, rollback.Build) is { } build:
                await CommandAsync("rollback", rollback.Image, ("version", build.Version));
                break;
            case Prune prune:
                await CommandAsync("prune", prune.Image, ("delete", prune.Delete));
                break;
            case BuildNow build:
                await CommandAsync("build", build.Image,
                    ("manual", new JsonObject { ["id"] = string.Create(CultureInfo.InvariantCulture, $"hand-{_commands}"), ["by"] = "hand" }));
                break;
            case StopExecutions stop:
                foreach (var action in new[] { "build", "release", "rollback", "prune" })
                {
                    foreach (var execution in (await fleet.ExecutionsAsync($"{action}-{names.Image(stop.Image)}_"))
                        .Where(execution => execution.Status == ExecutionStatus.RUNNING))
                    {
                        await Cloud.CallAsync(
                            "states", "AWSStepFunctions.StopExecution", new JsonObject { ["executionArn"] = execution.ExecutionArn });
                    }
                }

                break;
            case Approve approve:
                await AnswerAsync(approve.Image, Yes);
                break;
            case Reject reject:
                await AnswerAsync(reject.Image, No);
                break;
            case AnswerAgain again:
                foreach (var (_, token) in _answered.Where(asked => asked.Image == again.Image))
                {
                    foreach (var (operation, answer) in new[] { Yes, No })
                    {
                        if (await Record.ExceptionAsync(() => SendAsync(operation, answer, token)) is null)
                        {
                            throw new InvalidOperationException($"{operation} was accepted with a token that no task is waiting for.");
                        }
                    }
                }

                break;
            case Fault fault:
                interruptions.Add(fault);
                break;
            case Crash crash:
                interruptions.Add(crash);
                break;
            case RegionFails region:
                interruptions.Set(region);
                break;
            case DropEvents drop:
                await Cloud.InjectAsync(new FaultRule(FaultKind.Drop, Operation: "InvokeEvent", Count: drop.Count));
                break;
            case DuplicateEvents duplicate:
                await Cloud.InjectAsync(new FaultRule(FaultKind.Duplicate, Operation: "InvokeEvent", Count: duplicate.Count));
                break;
            case DelayEvents delay:
                await Cloud.InjectAsync(
                    new FaultRule(FaultKind.Delay, Operation: "InvokeEvent", Count: delay.Count, Delay: TimeSpan.FromMinutes(delay.Minutes)));
                break;
            case RepeatEvents repeat:
                foreach (var (function, payload) in Enumerable.Reverse(promotions.Events).Take(repeat.Count).ToList())
                {
                    await Cloud.InvokeEventAsync(function, JsonNode.Parse(payload)!);
                }

                break;
            case During during:
                interruptions.Add(during, () => TryAsync(during.Move).GetAwaiter().GetResult());
                break;
            default:
                await TouchAsync(move);
                break;
        }
    }

    private async Task TouchAsync(Move move)
    {
        switch (move)
        {
            case PutTag put when await DigestAsync(put.Image, put.Build) is { } digest:
                await RetagAsync(put.Region, names.Repository(put.Image), digest, put.Tag);
                break;
            case PushForeign push:
                await BaseImage.PushAsync(
                    Cloud.Ecr(push.Region), names.Repository(push.Image), push.Tag, string.Create(CultureInfo.InvariantCulture, $"stranger {++_commands}"));
                break;
            case DeleteTag delete:
                await DeleteAsync(delete.Region, delete.Image, new ImageIdentifier { ImageTag = delete.Tag });
                break;
            case Sign sign when await DigestAsync(sign.Image, sign.Build) is { } digest:
                var subject = new JsonObject { ["mediaType"] = "application/vnd.oci.image.manifest.v1+json", ["digest"] = digest, ["size"] = 500 };
                await BaseImage.PushAsync(Cloud.Ecr(sign.Region), names.Repository(sign.Image), null,
                    string.Create(CultureInfo.InvariantCulture, $"signature {++_commands}"), subject: subject);
                break;
            case Pull pull when await DigestAsync(pull.Image, pull.Build) is { } digest:
                await Cloud.Ecr(pull.Region)
                    .BatchGetImageAsync(
                        new BatchGetImageRequest { RepositoryName = names.Repository(pull.Image), ImageIds = [new ImageIdentifier { ImageDigest = digest }] });
                break;
            case Deploy deploy when await DigestAsync(deploy.Image, deploy.Build) is { } digest:
                await deletions.DeployAsync(deploy.Image, deploy.Region, digest);
                break;
            case ForeignBuild build:
                var pipeline =
                    (await Cloud.ImageBuilder.GetImagePipelineAsync(
                        new GetImagePipelineRequest { ImagePipelineArn = fleet.PipelineArn(names.Pipeline(build.Image)) })).ImagePipeline;
                await Cloud.ImageBuilder.CreateImageAsync(new CreateImageRequest
                {
                    ContainerRecipeArn = pipeline.ContainerRecipeArn,
                    InfrastructureConfigurationArn = pipeline.InfrastructureConfigurationArn,
                    ClientToken = string.Create(CultureInfo.InvariantCulture, $"stranger-{++_commands}"),
                });
                break;
            case DeleteImage delete when await DigestAsync(delete.Image, delete.Build) is { } digest:
                await DeleteAsync(delete.Region, delete.Image, new ImageIdentifier { ImageDigest = digest });
                break;
            case DeleteRecord delete when await FindAsync(delete.Image, delete.Build) is { } build:
                await Cloud.ImageBuilder.DeleteImageAsync(new DeleteImageRequest { ImageBuildVersionArn = build.Arn });
                break;
            case SetState set when await FindAsync(set.Image, set.Build) is { } build:
                await Cloud.ImageBuilder.StartResourceStateUpdateAsync(new StartResourceStateUpdateRequest
                {
                    ResourceArn = build.Arn,
                    State = new ResourceState { Status = set.State.ToString().ToUpperInvariant() },
                    ExecutionRole = $"arn:aws:iam::{Setup.Account}:role/lifecycle",
                    ClientToken = string.Create(CultureInfo.InvariantCulture, $"state-{++_commands}"),
                });
                break;
            case SetImmutable set:
                await Cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.PutImageTagMutability", new JsonObject
                {
                    ["repositoryName"] = names.Repository(set.Image),
                    ["imageTagMutability"] = set.Immutable ? "IMMUTABLE" : "MUTABLE",
                }, set.Region);
                break;
            case SetHold set:
                var hold = BuildTags.Write(new Hold("not now", set.Everything ? HoldScope.Everything : HoldScope.Promotion, await Cloud.NowAsync()));
                await Cloud.ImageBuilder.TagResourceAsync(
                    new Amazon.Imagebuilder.Model.TagResourceRequest { ResourceArn = fleet.PipelineArn(names.Pipeline(set.Image)), Tags = new(hold) });
                HeldByHand.Add(set.Image);
                break;
            case EndHold end:
                await fleet.UntagPipelineAsync(names.Pipeline(end.Image), [.. BuildTags.HoldKeys]);
                HeldByHand.Remove(end.Image);
                break;
            case EnablePipeline enable:
                await fleet.UpdatePipelineAsync(names.Pipeline(enable.Image), enabled: enable.Enabled);
                break;
            case BuildsFail fail:
                await Cloud.InjectAsync(
                    new BuildOutcome(names.Pipeline(fail.Image), "ordered",
                        Kind: fail.Permanently ? BuildFailureKind.Component : BuildFailureKind.Infrastructure, Builds: fail.Count));
                break;
            case CancelBuilds cancel:
                foreach (var build in (await fleet.BuildsAsync(names.Pipeline(cancel.Image))).Where(build => BuildStates.Parse(build.Status).IsRunning()))
                {
                    await fleet.CancelAsync(build.Arn, string.Create(CultureInfo.InvariantCulture, $"cancel-{++_commands}"));
                }

                break;
            case SetVulnerable set when await DigestAsync(set.Image, set.Build) is { } digest:
                await RateAsync(move, digest);
                break;
            case SetBaseVulnerable set when _releases.GetValueOrDefault(set.Release) is { } digest:
                await RateAsync(move, digest);
                break;
            case SetFix set when await DigestAsync(set.Image, set.Build) is { } digest:
                await RateAsync(move, digest);
                break;
            case SetScores set when await DigestAsync(set.Image, set.Build) is { } digest:
                await RateAsync(move, digest);
                break;
            case SetPublished set when await DigestAsync(set.Image, set.Build) is { } digest:
                await RateAsync(move, digest);
                break;
            case UsageUnreadable usage:
                interruptions.Set(usage);
                break;
            case UseAsBase use when await FindAsync(use.Image, use.Build) is { } build:
                await fleet.CreateRecipeAsync(
                    string.Create(CultureInfo.InvariantCulture, $"stranger-{++_commands}"), "1.0.0", Setup.Base,
                    $"{Setup.Account}.dkr.ecr.{Setup.Home}.amazonaws.com/{names.Repository(use.Image)}:{build.Version.Replace('/', '-')}");
                break;
        }
    }

    /// <summary>What the scanner knows about an image changes, and it scans the image again.</summary>
    private async Task RateAsync(Move move, string image)
    {
        var digest = Digest.Parse(image);
        vulnerabilities.Apply(move, digest, await Cloud.NowAsync());
        var (cvss, epss, published) = vulnerabilities.RatingOf(digest);
        await Cloud.ScanAgainAsync(new FindingsRule(null, null, image, !vulnerabilities.Found.Contains(digest) ? [] :
        [
            new LocalCloud.Ports.Finding(Vulnerabilities.Id, "HIGH", "openssl")
            {
                FixedInVersion = vulnerabilities.IsFixable(digest) ? "3.0.2" : null,
                Cvss = cvss,
                Epss = epss,
                PublishedAt = published,
            },
        ]));
    }

    private Task<string> CommandAsync(string action, string image, (string Name, JsonNode Value) more) => fleet.StartAsync(
        ExecutionNames.Of(action, names.Image(image), string.Create(CultureInfo.InvariantCulture, $"hand-{++_commands}")),
        new JsonObject { ["action"] = action, ["image"] = names.Image(image), [more.Name] = more.Value });

    private async Task AnswerAsync(string image, (string Operation, JsonObject Answer) how)
    {
        foreach (var execution in (await fleet.ExecutionsAsync($"release-{names.Image(image)}_"))
            .Where(execution => execution.Status == ExecutionStatus.RUNNING))
        {
            var history = await Cloud.CallAsync("states", "AWSStepFunctions.GetExecutionHistory", new JsonObject { ["executionArn"] = execution.ExecutionArn });
            if (history["events"]!.AsArray()[^1]!["taskSubmittedEventDetails"]?["resource"]?.ToString() == "publish.waitForTaskToken")
            {
                var token = await fleet.TokenAsync(execution.ExecutionArn);
                if (how == Yes)
                {
                    promotions.Approved(image, history.ToJsonString());
                }

                await SendAsync(how.Operation, how.Answer, token);
                _answered.Add((image, token));
            }
        }
    }

    private Task<JsonObject> SendAsync(string operation, JsonObject answer, string token)
    {
        var input = answer.DeepClone().AsObject();
        input["taskToken"] = token;
        return Cloud.CallAsync("states", $"AWSStepFunctions.{operation}", input);
    }

    private async Task RetagAsync(string region, string repository, string digest, string tag)
    {
        var ecr = Cloud.Ecr(region);
        if ((await ecr.BatchGetImageAsync(
            new BatchGetImageRequest { RepositoryName = repository, ImageIds = [new ImageIdentifier { ImageDigest = digest }] })).Images is [var image, ..])
        {
            await ecr.PutImageAsync(
                new PutImageRequest
                {
                    RepositoryName = repository,
                    ImageManifest = image.ImageManifest,
                    ImageManifestMediaType = image.ImageManifestMediaType,
                    ImageTag = tag
                });
        }
    }

    private async Task DeleteAsync(string region, string image, ImageIdentifier id)
    {
        await deletions.CheckAsync();
        await Cloud.Ecr(region).BatchDeleteImageAsync(new BatchDeleteImageRequest { RepositoryName = names.Repository(image), ImageIds = [id] });
        await deletions.ForgetAsync();
    }

    private async Task<Build?> FindAsync(string image, int number) => (await fleet.BuildsAsync(names.Pipeline(image)))
        .FirstOrDefault(build => build.Version.EndsWith(string.Create(CultureInfo.InvariantCulture, $"/{number}"), StringComparison.Ordinal));

    private async Task<string?> DigestAsync(string image, int number) =>
        await FindAsync(image, number) is { } build ? promotions.MadeBy(image, build.Version)?.Value : null;
}
