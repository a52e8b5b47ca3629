using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Amazon.StepFunctions;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Incidents;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.ImageBuilder;
using Automation.Simulation.Checks;
using Build = Automation.Testing.Build;
using FaultKind = Automation.LocalCloud.FaultKind;

namespace Automation.Simulation.Embedded;

/// <summary>
/// The full gear: the same histories on the embedded cloud in this process, with the real adapters, the wire formats, and the stack's rules,
/// retries and queues. Actions by hand use the AWS APIs. A move that is not possible here is skipped, so the two gears find different faults.
/// </summary>
internal sealed class EmbeddedGear : IAsyncDisposable
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(45);
    private static readonly (string Operation, JsonObject Answer) Yes = ("SendTaskSuccess", new JsonObject { ["output"] = "{}" });
    private static readonly (string Operation, JsonObject Answer) No = ("SendTaskFailure", new JsonObject { ["error"] = "Rejected", ["cause"] = "not today" });

    private readonly Setup _setup;
    private readonly Fleet _fleet;
    private readonly Dictionary<string, Digest> _built = new(StringComparer.Ordinal);
    private readonly HashSet<string> _heldByHand = [];
    private readonly HashSet<string> _vulnerable = [];
    private readonly List<(string Image, string Token)> _answered = [];
    private int _commands;

    private EmbeddedGear(Setup setup, Fleet fleet)
    {
        _setup = setup;
        _fleet = fleet;
    }

    private TestCloud Cloud => _fleet.Cloud;

    /// <summary>The setups with a reviewed template: two Regions, a child, an adopted pipeline, or a watched repository.</summary>
    public static Setup Fit(Setup setup) => setup switch
    {
        { TwoRegions: true } => setup with { Child = false, Adopted = false, Watch = false },
        { Child: true } => setup with { Adopted = false, Watch = false },
        { Adopted: true } => setup with { Watch = false },
        _ => setup,
    };

    public static async Task<EmbeddedGear> StartAsync(Setup setup)
    {
        var template = setup switch { { TwoRegions: true } => "two-regions", { Child: true } => "Automation", { Adopted: true } => "adopted", _ => "approval" };
        var gear = new EmbeddedGear(setup, await TestCloud.StartAsync(template, Permit, setup.TextFor(NameOf(setup, "app"), NameOf(setup, "child"))));
        if (setup.TwoRegions)
        {
            await gear._fleet.CreateRepositoryAsync(Setup.Away, gear.RepositoryOf("app"));
        }

        if (setup.Adopted)
        {
            await gear._fleet.CreatePipelineAsync("their-pipeline", gear.RepositoryOf("app"), $"{Setup.Account}.dkr.ecr.{Setup.Home}.amazonaws.com/{Setup.Base}:stable");
        }

        return gear;
    }

    /// <summary>Runs a history until it rests.</summary>
    public static async Task<(Violation? Broken, Picture Picture)> RunAsync(History history)
    {
        await using var gear = await StartAsync(Fit(history.Setup));
        foreach (var move in history.Moves)
        {
            await gear.DoAsync(move);
        }

        await gear.Cloud.ClearFaultsAsync();
        for (var round = 0; ; round++)
        {
            await gear.Cloud.InvokeEventAsync("Reconcile", new JsonObject { ["time"] = BuildTags.Format(await gear.Cloud.NowAsync()) });
            await gear.Cloud.AdvanceAsync(Quarter);
            var picture = await gear.LookAsync();
            var problem = Rest.Problems(picture).FirstOrDefault();
            if (await gear.UnreportedAsync() is { } unreported)
            {
                return (unreported, picture);
            }

            if (problem is null || round == Runner.MaxRest)
            {
                return (problem, picture);
            }

            await gear.Cloud.AdvanceAsync(TimeSpan.FromHours(round < 3 ? 1 : 6));
        }
    }

    public async Task DoAsync(Move move)
    {
        var touched = move is During during ? during.Move : move;
        if (touched.GetType().GetProperty("Image")?.GetValue(touched) is string image && !_setup.Images.Contains(image))
        {
            return;
        }

        try
        {
            await ActAsync(move);
        }
        catch (Exception e) when (e is AmazonServiceException or CallerCrashedException or Xunit.Sdk.XunitException)
        {
            // The object of the move does not exist, the service does not allow it by hand, or an injected fault affected it.
        }

        try
        {
            await RememberAsync();
        }
        catch (Exception e) when (e is AmazonServiceException or CallerCrashedException or Xunit.Sdk.XunitException)
        {
            // An injected fault: checked again after the next move.
        }
    }

    public async Task<Picture> LookAsync()
    {
        await RememberAsync();
        var images = new List<ImagePicture>();
        foreach (var image in _setup.Images)
        {
            var pipeline = (await Cloud.ImageBuilder.GetImagePipelineAsync(new GetImagePipelineRequest { ImagePipelineArn = _fleet.PipelineArn(PipelineOf(image)) })).ImagePipeline;
            var (repository, tag) = image == "child" ? (RepositoryOf("app"), "latest") : (Setup.Base, "stable");
            var parent = (await _fleet.TagsAsync(repository)).GetValueOrDefault(tag);
            var regions = new List<RegionPicture>();
            foreach (var region in _setup.Regions)
            {
                var found = await _fleet.ImagesAsync(RepositoryOf(image), region);
                var settings = (await Cloud.Ecr(region).DescribeRepositoriesAsync(new DescribeRepositoriesRequest { RepositoryNames = [RepositoryOf(image)] })).Repositories[0];
                regions.Add(new RegionPicture(
                    region,
                    true,
                    settings.ImageTagMutability.Value == "IMMUTABLE",
                    found.SelectMany(each => (each.ImageTags ?? []).Select(name => (name, each.ImageDigest))).ToDictionary(each => each.name, each => Digest.Parse(each.ImageDigest)),
                    found.Select(each => Digest.Parse(each.ImageDigest)).ToHashSet()));
            }

            images.Add(new ImagePicture(
                image,
                pipeline.Status.Value != "DISABLED",
                BuildTags.ReadHold(pipeline.Tags ?? []),
                _heldByHand.Contains(image),
                parent is null ? null : Digest.Parse(parent),
                [.. (await _fleet.BuildsAsync(PipelineOf(image))).Select(build => new BuildPicture(build.Version, BuildStates.Parse(build.Status), _built.GetValueOrDefault(build.Arn), build.Tags)
                {
                    // Why it failed is not looked up here.
                    FailedPermanently = build.Status == "FAILED",
                })],
                regions)
            {
                Vulnerable = _vulnerable.Select(Digest.Parse).ToHashSet(),
            });
        }

        var running = (await _fleet.ExecutionsAsync()).Where(execution => execution.Status == ExecutionStatus.RUNNING).Select(execution => (execution.Name, "a state")).ToList();
        return new Picture(await Cloud.NowAsync(), images, running);
    }

    public ValueTask DisposeAsync() => _fleet.Cloud.DisposeAsync();

    /// <summary>An execution that failed without a mail and without an open incident of its image that covers it.</summary>
    private async Task<Violation?> UnreportedAsync()
    {
        var journal = await Cloud.JournalAsync();
        var mails = journal.Where(entry => entry is { Source: "sns", Kind: "message-published" }).Select(entry => entry.Data.GetValueOrDefault("message") ?? "").ToList();
        var open = new List<IncidentId>();
        foreach (var entry in journal.Where(entry => entry.Source == "states"))
        {
            var incident = entry.Data.GetValueOrDefault("name") is { } name ? IncidentId.Parse(name) : null;
            switch (entry.Kind)
            {
                case "execution-started" when incident is not null:
                    open.Add(incident);
                    break;
                case "execution-ended" when incident is not null:
                    open.Remove(incident);
                    break;
                case "execution-ended" when entry.Data["status"] != "SUCCEEDED"
                    && !open.Exists(each => each.Image == ExecutionNames.ImageIn(entry.Data["name"]) || Invariants.RegionOf(each).Length > 0)
                    && !mails.Exists(message => message.Contains($"Execution {entry.Data["name"]},", StringComparison.Ordinal)):
                    return new Violation("unreported", $"{entry.Data["name"]} ended as {entry.Data["status"]} with {entry.Data.GetValueOrDefault("error")}, and people were not told", entry.Time);
            }
        }

        return null;
    }

    private async Task ActAsync(Move move)
    {
        switch (move)
        {
            case PushBase push:
                await _fleet.PushBaseAsync(string.Create(CultureInfo.InvariantCulture, $"2026.{push.Release}"));
                break;
            case PushTools push when _setup.Watch:
                await BaseImage.PushAsync(Cloud.Ecr(Setup.Home), Setup.Tools, string.Create(CultureInfo.InvariantCulture, $"v{push.Release}"), string.Create(CultureInfo.InvariantCulture, $"tools {push.Release}"));
                break;
            case Wait wait:
                await Cloud.AdvanceAsync(TimeSpan.FromMinutes(wait.Minutes));
                break;
            case Steps steps:
                await Cloud.AdvanceAsync(TimeSpan.FromSeconds(5 * steps.Count));
                break;
            case Promote promote when await FindAsync(promote.Image, promote.Build) is { } build:
                var attempt = int.TryParse(build.Tags.GetValueOrDefault(BuildTags.ReleaseAttempt), out var before) ? before + 1 : 1;
                await _fleet.StartAsync(Core.Promotion.ReleaseName.For(NameOf(promote.Image), Core.Images.ImageVersion.Parse(build.Version), attempt), new JsonObject
                {
                    ["action"] = "release",
                    ["image"] = NameOf(promote.Image),
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
                await CommandAsync("build", build.Image, ("manual", new JsonObject { ["id"] = string.Create(CultureInfo.InvariantCulture, $"hand-{_commands}"), ["by"] = "hand" }));
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
                await Cloud.InjectAsync(fault.Kind switch
                {
                    World.FaultKind.Throttle => new FaultRule(FaultKind.Throttle, Service: fault.Service, Skip: fault.Skip, Count: fault.Count),
                    World.FaultKind.Denied => new FaultRule(FaultKind.Error, Service: fault.Service, Skip: fault.Skip, Count: fault.Count, Code: "AccessDeniedException", Status: 403),
                    _ => new FaultRule(FaultKind.Error, Service: fault.Service, Skip: fault.Skip, Count: fault.Count, Status: 503),
                });
                break;
            case Crash crash:
                await Cloud.InjectAsync(new FaultRule(
                    crash.After ? FaultKind.CrashAfter : FaultKind.CrashBefore, Service: crash.Function is "PromoteImage" or "Prune" or "CheckScan" ? "ecr" : "imagebuilder", Skip: crash.Call));
                break;
            case DropEvents drop:
                await Cloud.InjectAsync(new FaultRule(FaultKind.Drop, Operation: "InvokeEvent", Count: drop.Count));
                break;
            case DuplicateEvents duplicate:
                await Cloud.InjectAsync(new FaultRule(FaultKind.Duplicate, Operation: "InvokeEvent", Count: duplicate.Count));
                break;
            case DelayEvents delay:
                await Cloud.InjectAsync(new FaultRule(FaultKind.Delay, Operation: "InvokeEvent", Count: delay.Count, Delay: TimeSpan.FromMinutes(delay.Minutes)));
                break;
            case During during:
                await ActAsync(during.Move);
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
                await RetagAsync(put.Region, RepositoryOf(put.Image), digest, put.Tag);
                break;
            case PushForeign push:
                await BaseImage.PushAsync(Cloud.Ecr(push.Region), RepositoryOf(push.Image), push.Tag, string.Create(CultureInfo.InvariantCulture, $"stranger {++_commands}"));
                break;
            case DeleteTag delete:
                await DeleteAsync(delete.Region, delete.Image, new ImageIdentifier { ImageTag = delete.Tag });
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
                    ["repositoryName"] = RepositoryOf(set.Image),
                    ["imageTagMutability"] = set.Immutable ? "IMMUTABLE" : "MUTABLE",
                }, set.Region);
                break;
            case SetHold set:
                var hold = BuildTags.Write(new Hold("not now", set.Everything ? HoldScope.Everything : HoldScope.Promotion, await Cloud.NowAsync()));
                await Cloud.ImageBuilder.TagResourceAsync(new Amazon.Imagebuilder.Model.TagResourceRequest { ResourceArn = _fleet.PipelineArn(PipelineOf(set.Image)), Tags = new(hold) });
                _heldByHand.Add(set.Image);
                break;
            case EndHold end:
                await _fleet.UntagPipelineAsync(PipelineOf(end.Image), [.. BuildTags.HoldKeys]);
                _heldByHand.Remove(end.Image);
                break;
            case EnablePipeline enable:
                await _fleet.UpdatePipelineAsync(PipelineOf(enable.Image), enabled: enable.Enabled);
                break;
            case BuildsFail fail:
                await Cloud.InjectAsync(new BuildOutcome(PipelineOf(fail.Image), "ordered", Kind: fail.Permanently ? BuildFailureKind.Component : BuildFailureKind.Infrastructure, Builds: fail.Count));
                break;
            case CancelBuilds cancel:
                foreach (var build in (await _fleet.BuildsAsync(PipelineOf(cancel.Image))).Where(build => BuildStates.Parse(build.Status).IsRunning()))
                {
                    await _fleet.CancelAsync(build.Arn, string.Create(CultureInfo.InvariantCulture, $"cancel-{++_commands}"));
                }

                break;
            case SetVulnerable set when await DigestAsync(set.Image, set.Build) is { } digest:
                _ = set.Vulnerable ? _vulnerable.Add(digest) : _vulnerable.Remove(digest);
                await Cloud.InjectAsync([.. _vulnerable.Select(each => new FindingsRule(null, null, each, [new LocalCloud.Ecr.Finding("CVE-2026-0001", "HIGH")]))]);
                break;
            case UseAsBase use when await FindAsync(use.Image, use.Build) is { } build:
                await _fleet.CreateRecipeAsync(
                    string.Create(CultureInfo.InvariantCulture, $"stranger-{++_commands}"), "1.0.0", Setup.Base,
                    $"{Setup.Account}.dkr.ecr.{Setup.Home}.amazonaws.com/{RepositoryOf(use.Image)}:{build.Version.Replace('/', '-')}");
                break;
        }
    }

    /// <summary>The bytes of each build, read as soon as it is AVAILABLE, before a person can change its tag.</summary>
    private async Task RememberAsync()
    {
        foreach (var image in _setup.Images)
        {
            foreach (var build in (await _fleet.BuildsAsync(PipelineOf(image))).Where(build => build.Status == "AVAILABLE" && !_built.ContainsKey(build.Arn)))
            {
                if ((await _fleet.TagsAsync(RepositoryOf(image))).GetValueOrDefault(build.Version.Replace('/', '-')) is { } digest)
                {
                    _built[build.Arn] = Digest.Parse(digest);
                }
            }
        }
    }

    private Task<string> CommandAsync(string action, string image, (string Name, JsonNode Value) more) => _fleet.StartAsync(
        ExecutionNames.Of(action, NameOf(image), string.Create(CultureInfo.InvariantCulture, $"hand-{++_commands}")), new JsonObject { ["action"] = action, ["image"] = NameOf(image), [more.Name] = more.Value });

    private async Task AnswerAsync(string image, (string Operation, JsonObject Answer) how)
    {
        foreach (var execution in (await _fleet.ExecutionsAsync($"release-{NameOf(image)}_")).Where(execution => execution.Status == ExecutionStatus.RUNNING))
        {
            var history = await Cloud.CallAsync("states", "AWSStepFunctions.GetExecutionHistory", new JsonObject { ["executionArn"] = execution.ExecutionArn });
            if (history["events"]!.AsArray()[^1] is { } last && last["type"]!.ToString() == "TaskSubmitted")
            {
                var token = await _fleet.TokenAsync(execution.ExecutionArn);
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
        if ((await ecr.BatchGetImageAsync(new BatchGetImageRequest { RepositoryName = repository, ImageIds = [new ImageIdentifier { ImageDigest = digest }] })).Images is [var image, ..])
        {
            await ecr.PutImageAsync(new PutImageRequest { RepositoryName = repository, ImageManifest = image.ImageManifest, ImageManifestMediaType = image.ImageManifestMediaType, ImageTag = tag });
        }
    }

    private Task DeleteAsync(string region, string image, ImageIdentifier id) =>
        Cloud.Ecr(region).BatchDeleteImageAsync(new BatchDeleteImageRequest { RepositoryName = RepositoryOf(image), ImageIds = [id] });

    private async Task<Build?> FindAsync(string image, int number) => (await _fleet.BuildsAsync(PipelineOf(image)))
        .FirstOrDefault(build => build.Version.EndsWith(string.Create(CultureInfo.InvariantCulture, $"/{number}"), StringComparison.Ordinal));

    private async Task<string?> DigestAsync(string image, int number) =>
        await FindAsync(image, number) is { } build && _built.GetValueOrDefault(build.Arn) is { } digest ? digest.Value : null;

    private string PipelineOf(string image) => _setup.Adopted && image == "app" ? "their-pipeline" : NameOf(image);

    private string RepositoryOf(string image) => $"images/{NameOf(image)}";

    private string NameOf(string image) => NameOf(_setup, image);

    /// <summary>The template's name of the image.</summary>
    private static string NameOf(Setup setup, string image) => setup switch
    {
        { TwoRegions: true } => "edge",
        { Child: true } => image == "child" ? "app" : "runtime",
        { Adopted: true } => "by-name",
        _ => "vault",
    };

    /// <summary>The reviewed template with the changes that a rule of the catalog would make: every role may do everything, and repositories are mutable.
    /// The scenarios test that the permissions suffice.</summary>
    private static string Permit(string template)
    {
        var stack = JsonNode.Parse(template)!.AsObject();
        foreach (var (_, resource) in stack["Resources"]!.AsObject())
        {
            var properties = resource!["Properties"]?.AsObject();
            switch (resource["Type"]!.ToString())
            {
                case "AWS::IAM::Policy":
                    properties!["PolicyDocument"]!["Statement"]!.AsArray().Add(new JsonObject { ["Action"] = "*", ["Effect"] = "Allow", ["Resource"] = "*" });
                    break;
                case "AWS::Scheduler::Schedule" when properties!["ScheduleExpression"]!.ToString() == "rate(1 hour)":
                    // As often as in the fast gear, because a history spends most of its time in reconciles that find nothing.
                    properties["ScheduleExpression"] = "rate(2 hours)";
                    break;
                case "AWS::ECR::Repository":
                    properties!["ImageTagMutability"] = "MUTABLE";
                    properties.Remove("ImageTagMutabilityExclusionFilters");
                    break;
            }
        }

        return stack.ToJsonString();
    }
}
