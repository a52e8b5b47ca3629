using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Amazon.StepFunctions;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.LocalCloud;
using Automation.Simulation.Checks;

namespace Automation.Simulation.Embedded;

/// <summary>
/// The full gear: the same histories on the embedded cloud in this process, with the real adapters, the wire formats, and the stack's rules,
/// retries and queues. Actions by hand use the AWS APIs. A move that is not possible here is skipped, so the two gears find different faults.
/// </summary>
internal sealed class EmbeddedGear : IAsyncDisposable
{
    /// <summary>Looks while the world comes to rest, the first ones an hour apart, later ones six hours. Meanwhile the deployed schedule reconciles. How
    /// few reconciles suffice is for the fast gear to prove.</summary>
    private const int MaxRest = 14;

    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(45);

    private readonly Setup _setup;
    private readonly Fleet _fleet;
    private readonly EmbeddedNames _names;
    private readonly Interruptions _interruptions;
    private readonly DeletionWatch _watch;
    private readonly MailWatch _mails;
    private readonly EmbeddedChanges _changes;

    private EmbeddedGear(Setup setup, EmbeddedNames names, Fleet fleet)
    {
        (_setup, _names, _fleet) = (setup, names, fleet);
        _interruptions = new Interruptions(fleet.Cloud);
        _watch = new DeletionWatch(fleet, names);
        _mails = new MailWatch(fleet.Cloud, _interruptions);
        _changes = new EmbeddedChanges(setup, fleet, names, _interruptions, _watch);
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
        var names = new EmbeddedNames(setup);
        var fleet = await TestCloud.StartAsync(names.Template, Permit, setup.TextFor(names.Image("app"), names.Image("child")));
        if (setup.TwoRegions)
        {
            await fleet.CreateRepositoryAsync(Setup.Away, names.Repository("app"));
        }

        if (setup.Adopted)
        {
            await fleet.CreatePipelineAsync(
                "their-pipeline", names.Repository("app"), $"{Setup.Account}.dkr.ecr.{Setup.Home}.amazonaws.com/{Setup.Base}:stable");
        }

        return new EmbeddedGear(setup, names, fleet);
    }

    /// <summary>Runs a history until it rests.</summary>
    /// <param name="heard">Receives each event, with the function that runs at that moment.</param>
    public static async Task<(Violation? Broken, Picture Picture)> RunAsync(History history, Action<JournalEntry, string?>? heard = null)
    {
        await using var gear = await StartAsync(Fit(history.Setup));
        if (heard is not null)
        {
            gear.Cloud.OnJournal(heard);
        }

        foreach (var move in history.Moves)
        {
            await gear.DoAsync(move);
            if (gear._watch.Broken is { } broken)
            {
                return (broken, await gear.LookAsync());
            }
        }

        gear._interruptions.Clear();
        await gear.Cloud.ClearFaultsAsync();
        for (var round = 0; ; round++)
        {
            await gear.Cloud.InvokeEventAsync("Reconcile", new JsonObject { ["time"] = BuildTags.Format(await gear.Cloud.NowAsync()) });
            await gear.Cloud.AdvanceAsync(Quarter);
            var picture = await gear.LookAsync();
            var problem = Rest.Problems(picture).FirstOrDefault();
            await gear._watch.CheckAsync();
            if ((gear._watch.Broken ?? gear._mails.Broken) is { } broken)
            {
                return (broken, picture);
            }

            if (problem is null || round == MaxRest)
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

        await _changes.TryAsync(move);
        await RememberAsync();
        await _watch.CheckAsync();
    }

    public async Task<Picture> LookAsync()
    {
        await RememberAsync();
        var images = new List<ImagePicture>();
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
                    .Select(build => new BuildPicture(build.Version, BuildStates.Parse(build.Status), _changes.Built.GetValueOrDefault(build.Arn), build.Tags)
                {
                    // Why it failed is not looked up here.
                    FailedPermanently = build.Status == "FAILED",
                })],
                regions)
            {
                Vulnerable = _changes.Vulnerable.Select(Digest.Parse).ToHashSet(),
            });
        }

        var running = (await _fleet.ExecutionsAsync()).Where(execution => execution.Status == ExecutionStatus.RUNNING)
            .Select(execution => (execution.Name, "a state")).ToList();
        return new Picture(await Cloud.NowAsync(), images, running);
    }

    public ValueTask DisposeAsync() => _fleet.Cloud.DisposeAsync();

    /// <summary>The bytes of each build, read as soon as it is AVAILABLE, before a person can change its tag.</summary>
    private async Task RememberAsync()
    {
        foreach (var image in _setup.Images)
        {
            foreach (var build in (await _fleet.BuildsAsync(_names.Pipeline(image)))
                .Where(build => build.Status == "AVAILABLE" && !_changes.Built.ContainsKey(build.Arn)))
            {
                if ((await _fleet.TagsAsync(_names.Repository(image))).GetValueOrDefault(build.Version.Replace('/', '-')) is { } digest)
                {
                    _changes.Built[build.Arn] = Digest.Parse(digest);
                }
            }
        }
    }

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
