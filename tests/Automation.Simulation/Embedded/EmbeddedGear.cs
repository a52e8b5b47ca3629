using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Amazon.StepFunctions;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.LocalCloud;
using Automation.Simulation.Checks;
using Automation.Simulation.World;

namespace Automation.Simulation.Embedded;

/// <summary>
/// The full gear: the same histories on the embedded cloud in this process, with the real adapters, the wire formats, and the stack's rules,
/// retries and queues. Actions by hand use the AWS APIs. A move that is not possible here is skipped, so the two gears find different faults.
/// </summary>
internal sealed class EmbeddedGear : IAsyncDisposable
{
    /// <summary>The deployments of this thread's histories. A copy shares rows with its origin, so threads share none.</summary>
    [ThreadStatic]
    private static Dictionary<Setup, Fleet>? _deployed;

    private readonly Setup _setup;
    private readonly Fleet _fleet;
    private readonly EmbeddedNames _names;
    private readonly Interruptions _interruptions;
    private readonly DeletionWatch _deletions;
    private readonly PromotionWatch _promotions;
    private readonly MailWatch _mails;
    private readonly EmbeddedChanges _changes;
    private readonly Vulnerabilities _vulnerabilities;

    private EmbeddedGear(Setup setup, EmbeddedNames names, Fleet fleet)
    {
        (_setup, _names, _fleet, _vulnerabilities) = (setup, names, fleet, new Vulnerabilities(setup));
        _interruptions = new Interruptions(fleet.Cloud);
        _deletions = new DeletionWatch(fleet, names, _interruptions);
        _promotions = new PromotionWatch(setup, fleet.Cloud, names, _interruptions, _vulnerabilities);
        _mails = new MailWatch(fleet.Cloud, _interruptions);
        _changes = new EmbeddedChanges(setup, fleet, names, _interruptions, _deletions, _promotions, _vulnerabilities);
    }

    private TestCloud Cloud => _fleet.Cloud;

    /// <summary>The first promise that a change broke.</summary>
    private Violation? Broken => _deletions.Broken ?? _promotions.Broken;

    /// <summary>The setups with a reviewed template: two Regions, a child, an adopted pipeline, or a watched repository. Scenarios play signatures.</summary>
    public static Setup Fit(Setup setup) => (setup with { Signed = false }) switch
    {
        { TwoRegions: true } plain => plain with { Child = false, Adopted = false, Watch = false },
        { Child: true } plain => plain with { Adopted = false, Watch = false },
        { Adopted: true } plain => plain with { Watch = false },
        var plain => plain,
    };

    private static async Task<EmbeddedGear> StartAsync(Setup setup, Func<string, string>? change, Func<string, string>? catalog)
    {
        var names = new EmbeddedNames(setup);
        if (change is not null || catalog is not null)
        {
            return new EmbeddedGear(setup, names, await DeployAsync(setup, names, change, catalog));
        }

        // Every history begins with a copy of a deployment. Only these features concern the stack and the account; the others are rules of the catalog.
        var kind = new Setup { TwoRegions = setup.TwoRegions, Child = setup.Child, Adopted = setup.Adopted, Findings = setup.HasNewGates };
        var known = _deployed ??= [];
        if (!known.TryGetValue(kind, out var deployed))
        {
            known[kind] = deployed = await DeployAsync(kind, names, null, null);
        }

        return new EmbeddedGear(setup, names, deployed.Copy(setup.TextFor(names.Image("app"), names.Image("child"))));
    }

    private static async Task<Fleet> DeployAsync(Setup setup, EmbeddedNames names, Func<string, string>? change, Func<string, string>? catalog)
    {
        var text = setup.TextFor(names.Image("app"), names.Image("child"));
        var fleet = await TestCloud.StartAsync(
            names.Template, template => Permit(change?.Invoke(template) ?? template), catalog?.Invoke(text) ?? text, TestCloud.ForCopies);
        if (setup.TwoRegions)
        {
            await fleet.CreateRepositoryAsync(Setup.Away, names.Repository("app"));
        }

        if (setup.HasNewGates)
        {
            // Only enhanced scanning shows fixes, dates of publication and EPSS scores.
            await fleet.Cloud.SetScanningAsync("ENHANCED", "*");
        }

        if (setup.Adopted)
        {
            await fleet.CreatePipelineAsync(
                "their-pipeline", names.Repository("app"), $"{Setup.Account}.dkr.ecr.{Setup.Home}.amazonaws.com/{Setup.Base}:stable");
        }

        return fleet;
    }

    /// <summary>Runs a history until it rests.</summary>
    /// <param name="heard">Receives each event, with the function that runs at that moment.</param>
    /// <param name="change">Changes the deployed template, for a seeded bug.</param>
    /// <param name="catalog">Changes the catalog that the functions read, for a seeded bug.</param>
    public static async Task<(Violation? Broken, Picture Picture)> RunAsync(
        History history, Action<JournalEntry, string?>? heard = null, Func<string, string>? change = null, Func<string, string>? catalog = null)
    {
        await using var gear = await StartAsync(Fit(history.Setup), change, catalog);
        if (heard is not null)
        {
            gear.Cloud.OnJournal(heard);
        }

        foreach (var move in history.Moves)
        {
            await gear.DoAsync(move);
            if (gear.Broken is { } broken)
            {
                return (broken, await gear.LookAsync());
            }
        }

        return await gear.RestAsync();
    }

    private async Task DoAsync(Move move)
    {
        var touched = move is During during ? during.Move : move;
        if (touched.GetType().GetProperty("Image")?.GetValue(touched) is string image && !_setup.Images.Contains(image))
        {
            return;
        }

        await _changes.TryAsync(move);
        await _deletions.CheckAsync();
    }

    /// <summary>All faults have ended, no person answers, and the schedules are gone. As in the fast gear, few reconciles suffice after the longest
    /// pause.</summary>
    private async Task<(Violation? Broken, Picture Picture)> RestAsync()
    {
        _interruptions.Clear();
        await Cloud.ClearFaultsAsync();
        Cloud.DeleteSchedules();
        await Cloud.AdvanceAsync(Runner.Pause);
        await EndAsync();
        for (var reconciles = 1; ; reconciles++)
        {
            await Cloud.InvokeEventAsync("Reconcile", new JsonObject { ["time"] = BuildTags.Format(await Cloud.NowAsync()) });
            await EndAsync();
            var picture = await LookAsync();
            await _deletions.CheckAsync();
            var problem = Broken ?? _mails.Broken ?? Rest.Problems(picture).FirstOrDefault() ?? await StatusProblemAsync(picture);
            if (problem is null || reconciles == Runner.Reconciles)
            {
                return (problem, picture);
            }
        }
    }

    /// <summary>Checks that <c>status</c> shows the real state of the floating tags.</summary>
    private async Task<Violation?> StatusProblemAsync(Picture picture)
    {
        var reader = Cloud.Reader();
        foreach (var image in picture.Images)
        {
            var entry = reader.Image(_names.Image(image.Image));
            var (_, builds) = await reader.Pipelines.BuildsAsync(entry, default);
            foreach (var region in image.Regions)
            {
                var (repository, versions) = await reader.Releases.FloatingTagsAsync(entry, region.Region, builds, default);
                foreach (var (tag, digest) in repository.Tags)
                {
                    var said = versions.GetValueOrDefault(digest)?.ToString();
                    if (image.Builds.FirstOrDefault(build => build.Digest == digest) is { } made && said != made.Version
                        && !_promotions.IsAttributed(image.Image, said, digest))
                    {
                        return new Violation(
                            "status-wrong", $"status says that {tag} of {image.Image} in {region.Region} is {said ?? "no known build"}, and it is {made.Version}",
                            picture.Now);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Lets every execution end, also those that wait for an answer.</summary>
    private async Task EndAsync()
    {
        var limit = await Cloud.NowAsync() + Runner.Patience;
        await Cloud.SettleAsync(Runner.Patience);
        while (await Cloud.NowAsync() < limit && await AnyRunsAsync())
        {
            await Cloud.AdvanceAsync(Runner.Pause);
            await Cloud.SettleAsync(Runner.Patience);
        }
    }

    private async Task<bool> AnyRunsAsync() => (await _fleet.ExecutionsAsync()).Any(execution => execution.Status == ExecutionStatus.RUNNING);

    private async Task<Picture> LookAsync()
    {
        var images = new List<ImagePicture>();
        var now = await Cloud.NowAsync();
        foreach (var image in _setup.Images)
        {
            var pipeline =
                (await Cloud.ImageBuilder.GetImagePipelineAsync(
                    new GetImagePipelineRequest { ImagePipelineArn = _fleet.PipelineArn(_names.Pipeline(image)) })).ImagePipeline;
            var (repository, tag) = image == "child" ? (_names.Repository("app"), "latest") : (Setup.Base, "stable");
            var parent = (await _fleet.TagsAsync(repository)).GetValueOrDefault(tag);
            var regions = new List<RegionPicture>();
            foreach (var region in _setup.Regions)
            {
                var found = await _fleet.ImagesAsync(_names.Repository(image), region);
                var settings =
                    (await Cloud.Ecr(region)
                        .DescribeRepositoriesAsync(new DescribeRepositoriesRequest { RepositoryNames = [_names.Repository(image)] })).Repositories[0];
                regions.Add(new RegionPicture(
                    region,
                    true,
                    settings.ImageTagMutability.Value == "IMMUTABLE",
                    found.SelectMany(each => (each.ImageTags ?? []).Select(name => (name, each.ImageDigest)))
                        .ToDictionary(each => each.name, each => Digest.Parse(each.ImageDigest)),
                    found.Select(each => Digest.Parse(each.ImageDigest)).ToHashSet()));
            }

            images.Add(new ImagePicture(
                image,
                pipeline.Status.Value != "DISABLED",
                BuildTags.ReadHold(pipeline.Tags ?? []),
                _changes.HeldByHand.Contains(image),
                parent is null ? null : Digest.Parse(parent),
                [.. (await _fleet.BuildsAsync(_names.Pipeline(image)))
                    .Select(build => new BuildPicture(build.Version, BuildStates.Parse(build.Status), _promotions.MadeBy(image, build.Version), build.Tags)
                {
                    // Why it failed is not looked up here.
                    FailedPermanently = build.Status == "FAILED",
                })],
                regions)
            {
                Vulnerable = _vulnerabilities.Found.Where(digest => _vulnerabilities.Blocks(digest, now)).ToHashSet(),
                BaseRefused = _setup.BaseGate && parent is not null && _vulnerabilities.Found.Contains(Digest.Parse(parent)),
            });
        }

        var running = (await _fleet.ExecutionsAsync()).Where(execution => execution.Status == ExecutionStatus.RUNNING)
            .Select(execution => (execution.Name, "a state")).ToList();
        return new Picture(now, images, running);
    }

    public ValueTask DisposeAsync() => _fleet.Cloud.DisposeAsync();

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
