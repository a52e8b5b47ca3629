using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Incidents;
using Automation.Simulation.Machine;
using Automation.Simulation.World;

namespace Automation.Simulation.Checks;

/// <summary>A broken promise.</summary>
/// <param name="Rule">A short name, by which the same fault is recognised.</param>
internal sealed record Violation(string Rule, string Text, DateTimeOffset At);

/// <summary>
/// The promises of the design, checked at the moment when something changes. The simulation decides by its own knowledge:
/// the bytes of each build, what was scanned, shown and approved, what a person changed and when; never by a planner's opinion.
/// </summary>
internal sealed partial class Invariants(SimulatedWorld world)
{
    private readonly HashSet<(string Image, Digest Digest)> _scanned = [];
    private readonly HashSet<(string Image, Digest Digest)> _approved = [];
    private readonly HashSet<(string Image, int Build)> _promoted = [];
    private readonly Dictionary<string, Digest> _firstInspected = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ownerAtStart = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Image, Digest Digest, string Region), DateTimeOffset> _versionTagAt = [];
    private readonly Dictionary<string, long> _changedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _readAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<OpenIncident>> _openAtAnnounce = new(StringComparer.Ordinal);
    private readonly List<(string Region, string Repository, Digest Subject)> _deletedReferrers = [];
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _plannedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _recordDeletedAt = new(StringComparer.Ordinal);
    private readonly HashSet<Digest> _vulnerable = [];
    private long _moment;

    public List<Violation> Violations { get; } = [];

    private Setup Setup => world.Setup;

    private long Turn => world.Agenda.Turn;

    /// <summary>A person changes something: a function that read it before cannot know.</summary>
    public void Touched(Move move)
    {
        switch (move)
        {
            case SetState set:
                Change($"build {set.Image} {set.Build}");
                break;
            case DeleteRecord delete:
                _recordDeletedAt[delete.Image] = Turn;
                Change($"build {delete.Image} {delete.Build}");
                break;
            case SetHold set:
                Change($"hold {set.Image}");
                break;
            case EndHold end:
                Change($"hold {end.Image}");
                break;
            case DeleteImage { Region: var region, Image: var image }:
                Change($"image {region} {image}");
                break;
            case Pull { Region: var region, Image: var image }:
                Change($"pulls {region} {image}");
                break;
            case PutTag { Region: var region, Image: var image, Tag: var tag }:
                Change($"tag {region} {image} {tag}");
                break;
            case PushStranger { Region: var region, Image: var image, Tag: var tag }:
                Change($"tag {region} {image} {tag}");
                break;
            case DeleteTag { Region: var region, Image: var image, Tag: var tag }:
                // An image goes with the last of its tags.
                Change($"tag {region} {image} {tag}");
                Change($"image {region} {image}");
                break;
            case SetImmutable { Region: var region, Image: var image }:
                Change($"mutability {region} {image}");
                break;
            case Deploy { Region: var region, Image: var image }:
                Change($"runs {region} {image}");
                break;
            case UseAsBase:
                Change("recipes");
                break;
        }
    }

    /// <summary>The running function reads something that a person may change.</summary>
    public void Read(string what) => _readAt[what] = ++_moment;

    /// <summary>The running function reads the scan of a digest.</summary>
    public void ScanRead(Digest digest, bool isVulnerable) => _ = isVulnerable ? _vulnerable.Add(digest) : _vulnerable.Remove(digest);

    private void Change(string what) => _changedAt[what] = ++_moment;

    /// <summary>Whether the running function can know the state of something: no person has changed it since the function last read it. A function
    /// that never read it should have read it.</summary>
    private bool Knows(string what, string read) => !_changedAt.TryGetValue(what, out var changed) || changed < _readAt.GetValueOrDefault(read, long.MaxValue);

    private bool KnowsBuild(string image, int number) => Knows($"build {image} {number}", $"builds {image}");

    private bool KnowsOwner(string image) => KnowsHold(image) && world.Builder.Of(image).All(build => KnowsBuild(image, build.Number));

    private bool KnowsHold(string image) => Knows($"hold {image}", $"hold {image}");

    private bool KnowsImages(string image, string region) => Knows($"image {region} {image}", $"images {region} {image}");

    /// <summary>A person has put a tag on a build's image. A soak counts from the time when the version tags were complete, whoever wrote them.</summary>
    public void TagPutByHand(PutTag put, Digest digest)
    {
        if (IsVersionTag(put.Tag) && BuildOf(put.Image, digest) is { } build && put.Tag == string.Create(CultureInfo.InvariantCulture, $"v1.0.0.{build.Number}"))
        {
            _versionTagAt.TryAdd((put.Image, digest, put.Region), world.Agenda.Now);
        }
    }

    /// <summary>A person has seen these digests and approved them.</summary>
    public void Approved(Approval approval)
    {
        foreach (Match match in DigestPattern().Matches(approval.Text))
        {
            _approved.Add((approval.Image, Digest.Parse(match.Value)));
        }
    }

    /// <summary>A person has seen these digests and rejected them. Only a rollback demotes a promoted build.</summary>
    public void Rejected(Approval approval)
    {
        foreach (Match match in DigestPattern().Matches(approval.Text))
        {
            var digest = Digest.Parse(match.Value);
            _ = !IsPromoted(approval.Image, digest) && _approved.Remove((approval.Image, digest));
        }
    }

    public void Begins(Invocation invocation, JsonElement input)
    {
        _deletedReferrers.Clear();
        _readAt.Clear();
        if (invocation.Execution is not { } execution || execution.Input.TryGetProperty("image", out var name) is false || name.GetString() is not { } image)
        {
            return;
        }

        if (invocation.Function == "PlanBuild")
        {
            _plannedAt[execution.Name] = Turn;
        }

        if (!_ownerAtStart.ContainsKey(execution.Name))
        {
            _ownerAtStart[execution.Name] = NewestPromoted(image)?.Number ?? 0;
        }

    }

    /// <summary>A function has returned a result, which must have reasons.</summary>
    public void Answered(string function, Execution? execution, JsonElement parameters, JsonElement result)
    {
        CheckReasons(function, result);
        foreach (var (region, repository, subject) in _deletedReferrers)
        {
            if (world.Registry.Find(region, repository)?.Find(subject) is not null)
            {
                Broken("signature-lost", $"a signature of {subject.Short12} in {repository} in {region} was deleted, but its subject still exists");
            }
        }

        if (execution is null || !parameters.TryGetProperty("state", out var state))
        {
            return;
        }

        if (function == "Announce")
        {
            _openAtAnnounce[execution.Name] = [.. world.Incidents.Open];
        }

        var image = execution.Input.GetProperty("image").GetString()!;
        if (function == "CheckScan")
        {
            var verdict = result.GetProperty("verdict").GetString();
            foreach (var digest in DigestsOf(state.GetProperty("release")))
            {
                // Only a rollback demotes a promoted build, so its tags stay on it, whatever a later scan finds.
                _ = verdict == "open" ? _scanned.Add((image, digest)) : verdict == "blocked" && !IsPromoted(image, digest) && _scanned.Remove((image, digest));
                if (verdict == "open" && Setup.Gate && _vulnerable.Contains(digest))
                {
                    Broken("gate-open", $"the gate passed {image} {digest.Short12} although its scan has a finding of HIGH");
                }
            }
        }

        if (function == "InspectImage" && result.GetProperty("outcome").GetString() == "releasable" && result.TryGetProperty("arn", out var arn) && arn.GetString() is { } build
            && DigestsOf(result).FirstOrDefault() is { } first)
        {
            _firstInspected.TryAdd(build, first);
            _begun.Add(execution.Name);
        }
    }

    public void TagPut(string region, string repository, string tag, Digest? from, Digest to)
    {
        var image = Setup.Images.First(image => Setup.RepositoryOf(image) == repository);
        var what = $"{repository}:{tag} in {region} was put on {to.Short12}";
        var build = BuildOf(image, to);
        if (build is null)
        {
            Broken("unbuilt-digest", $"{what}, which no build of {image} made");
            return;
        }

        if (Setup.Gate && !_scanned.Contains((image, to)))
        {
            Broken("not-scanned", $"{what} ({build.Version}), and the gate has not let that digest pass");
        }

        if (Setup.Approval && !_approved.Contains((image, to)))
        {
            Broken("not-approved", $"{what} ({build.Version}), and nobody has approved that digest");
        }

        if (IsVersionTag(tag))
        {
            _versionTagAt.TryAdd((image, to, region), world.Calls.Current!.Now);
            CheckObstacles(image, build, from, to, region, what);
            return;
        }

        CheckFloating(image, build, region, from, to, what);
        _promoted.Add((image, build.Number));
    }

    private void CheckFloating(string image, Built build, string region, Digest? from, Digest to, string what)
    {
        var execution = world.Calls.Current?.Execution;
        var rollback = execution?.Input.GetProperty("action").GetString() == "rollback";
        var isExplicit = execution?.Input.TryGetProperty("explicit", out var asked) == true && asked.ValueKind == JsonValueKind.True;
        if ((build.State != BuildState.Available || build.Deleted) && KnowsBuild(image, build.Number))
        {
            Broken("retired-promoted", $"{what} ({build.Version}), whose record is {(build.Deleted ? "deleted" : Builder.Status(build.State))}");
        }

        var owner = Owner(image);
        var isOwners = owner?.Number == build.Number;
        if (!rollback)
        {
            if (owner is not null && owner.Number > build.Number && KnowsBuild(image, owner.Number))
            {
                Broken("backwards", $"{what} ({build.Version}) without a rollback, and {owner.Version} is promoted");
            }

            if (world.Builder.PipelineOf(image).Tags.ContainsKey(BuildTags.Hold) && !isExplicit && !isOwners && KnowsHold(image))
            {
                Broken("hold-ignored", $"{what} ({build.Version}) while the pipeline is held");
            }

            if (Setup.Soak && !isExplicit && !isOwners && !_promoted.Contains((image, build.Number))
                && Setup.Regions.Any(each => !(_versionTagAt.TryGetValue((image, to, each), out var at) && WholeSeconds(at) <= world.Calls.Current!.Now.AddHours(-6))))
            {
                Broken("not-soaked", $"{what} ({build.Version}) before its version tags stood for six hours everywhere");
            }
        }
        else if (!_promoted.Contains((image, build.Number)))
        {
            Broken("rollback-unpromoted", $"{what} ({build.Version}) by a rollback, and it was never promoted");
        }
        else if (_ownerAtStart.GetValueOrDefault(execution!.Name) is > 0 and var before && build.Number > before)
        {
            Broken("rollback-forward", $"{what} ({build.Version}) by a rollback, which is newer than 1.0.0/{before} that was promoted");
        }

        if (!_promoted.Contains((image, build.Number)))
        {
            foreach (var other in Setup.Regions)
            {
                if (!_versionTagAt.ContainsKey((image, to, other)) && world.Registry.Find(other, Setup.RepositoryOf(image))?.On($"v1.0.0.{build.Number}")?.Digest != to)
                {
                    Broken("floating-before-version", $"{what} ({build.Version}) before its version tag stood in {other}");
                }
            }
        }

        CheckObstacles(image, build, from, to, region, what);
    }

    /// <summary>No tag moves until every tag in every Region can. Every phase plans all Regions and all tags that the build is to get.</summary>
    private void CheckObstacles(string image, Built build, Digest? from, Digest digest, string region, string what)
    {
        foreach (var other in Setup.Regions.Where(other => other != region))
        {
            // ReleasePlanner restores a missing tag of a promoted build while another Region does not respond, and moves no other tag.
            if (from is null && world.Calls.RegionsDown.Contains(other) && IsPromoted(image, digest))
            {
                continue;
            }

            var repository = world.Registry.Find(other, Setup.RepositoryOf(image));
            if (repository is null)
            {
                Broken("half-moved", $"{what} ({build.Version}), and {other} has no such repository");
                continue;
            }

            if (repository.Find(digest) is null && KnowsImages(image, other))
            {
                Broken("half-moved", $"{what} ({build.Version}), whose image is not in {other}");
            }

            // What owns no floating tag moves none.
            var ownsTags = world.Builder.PipelineOf(image).Tags.ContainsKey(BuildTags.Hold) ? Owner(image)?.Number == build.Number : !(Owner(image)?.Number > build.Number);

            // A release of another build restores only floating tags.
            var isOwn = world.Calls.Current?.Execution?.Input.TryGetProperty("version", out var version) == true && version.GetString() == build.Version.ToString();
            foreach (var tag in Floating.Where(_ => ownsTags).Concat(isOwn ? [$"v{build.Version.Tag.Replace('-', '.')}"] : []).Where(tag => repository.On(tag) is { } standing && standing.Digest != digest))
            {
                if ((IsVersionTag(tag) || (repository.Immutable && Knows($"mutability {other} {image}", $"tags {other} {image}"))) && Knows($"tag {other} {image} {tag}", $"tags {other} {image}"))
                {
                    Broken("half-moved", $"{what} ({build.Version}), and {tag} cannot be moved in {other}");
                }
            }
        }
    }

    public void ImageDeleted(string region, string repository, Manifest image, IReadOnlyList<string> tags)
    {
        var name = Setup.Images.First(each => Setup.RepositoryOf(each) == repository);
        var what = $"{repository} {image.Digest.Short12} [{string.Join(", ", tags)}] in {region} was deleted";
        if (image.Tags.Except(tags).Any())
        {
            // It keeps the tag that it received meanwhile, and therefore stays.
            return;
        }

        CheckMode(what);
        if (tags.FirstOrDefault(tag => !IsVersionTag(tag) && !ImageVersion.TryParse(tag, out _)) is { } claim)
        {
            Broken("deleted-tagged", $"{what}, which carried {claim}");
        }

        // Only a build that does not exist according to Image Builder has no owner. The build's tag names it; an untagged image is unknown to everybody.
        if (tags.Count > 0 && world.Builder.Of(name).Any(build => build is { Pipeline: null, Deleted: false } && build.Digest == image.Digest))
        {
            Broken("deleted-strangers", $"{what}, which others built");
        }

        // ECR also records the automation's own read as a pull, so a pull within a minute of the promotion does not count.
        var promoted = BuildOf(name, image.Digest)?.Tags.GetValueOrDefault(BuildTags.PromotedAt) is { } at ? DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) : DateTimeOffset.MinValue;
        if (image.PulledAt > world.Agenda.Now.AddDays(-2) && Knows($"pulls {region} {name}", $"images {region} {name}") && (image.PulledAt.Value - promoted).Duration() > TimeSpan.FromMinutes(1))
        {
            Broken("deleted-pulled", $"{what}, which was pulled at {image.PulledAt:u}");
        }

        if (region == Setup.Home && Knows("recipes", "recipes") && world.Builder.StrangersRecipes.Any(recipe => tags.Any(tag => recipe.ParentImage.EndsWith($"/{repository}:{tag}", StringComparison.Ordinal))))
        {
            Broken("deleted-used", $"{what}, which a recipe is built on");
        }

        if (world.Workloads.Running.GetValueOrDefault((name, region)) == image.Digest && Knows($"runs {region} {name}", $"runs {region} {name}"))
        {
            Broken("deleted-running", $"{what}, which a service runs");
        }

        if (Owner(name) is { } owner && Known(owner) == image.Digest && KnowsOwner(name))
        {
            Broken("deleted-owner", $"{what}, whose build owns the floating tags");
        }

        if (BuildOf(name, image.Digest) is { } built && IsBeingReleased(name, built))
        {
            Broken("deleted-in-progress", $"{what} while {built.Version} is being released");
        }

        if (image.Subject is { } subject)
        {
            _deletedReferrers.Add((region, repository, subject));
        }
    }

    public void RecordDeleted(Built build)
    {
        var what = $"the record of {build.Image} {build.Version} was deleted";
        CheckMode(what);
        if (build.Pipeline is null)
        {
            Broken("deleted-strangers", $"{what}, which others built");
        }

        if (build.State == BuildState.InProgress)
        {
            Broken("deleted-in-progress", $"{what} while it was being built");
        }

        if (Known(build) is { } digest && Setup.Regions.FirstOrDefault(region => world.Registry.Find(region, Setup.RepositoryOf(build.Image))?.Find(digest) is not null) is { } region)
        {
            Broken("record-before-image", $"{what}, and its image is in {region}");
        }

        if (Owner(build.Image)?.Number == build.Number && KnowsOwner(build.Image))
        {
            Broken("deleted-owner", $"{what}, which owns the floating tags");
        }
    }

    public void BuildStarted(string image, IReadOnlyDictionary<string, string> tags)
    {
        var cause = tags.GetValueOrDefault(BuildTags.Cause);
        if (cause?.StartsWith("base:", StringComparison.Ordinal) != true)
        {
            return;
        }

        var digest = cause["base:".Length..];
        if (image == "child" && !IsCleared("app", Digest.Parse(digest)))
        {
            Broken("unpromoted-base", $"{image} is built from {digest[..19]}, which was neither promoted nor cleared for it");
        }

        var newest = world.Builder.Of(image).LastOrDefault(build => !build.Deleted && build.Pipeline is not null && (build.State.IsRunning() || build.State.Succeeded()));
        // A person may delete the record of a newer build between the plan and the start; then the newest build at the plan no longer exists.
        var planned = world.Calls.Current?.Execution is { } execution ? _plannedAt.GetValueOrDefault(execution.Name) : 0;
        if (newest is not null && newest.Tags.GetValueOrDefault(BuildTags.BaseDigest) == digest && _recordDeletedAt.GetValueOrDefault(image, -1) < planned)
        {
            Broken("double-build", $"{image} is built from {digest[..19]} again, which {newest.Version} was made from");
        }

        // What retention deletes counts on; what a hand deletes is forgotten.
        var attempts = world.Builder.Of(image).Reverse().TakeWhile(build => !build.State.Succeeded()).Count(build => !build.DeletedByHand && build.Tags.GetValueOrDefault(BuildTags.Cause) == cause);
        if (attempts >= 3)
        {
            Broken("too-many-attempts", $"{image} is built from {digest[..19]} for the {attempts + 1}th time, and three may fail");
        }
    }

    /// <summary>Tags are written on a build or a pipeline.</summary>
    public void Tagged(string arn, IReadOnlyDictionary<string, string> tags)
    {
        if (!tags.TryGetValue(BuildTags.Release, out var state) || world.Builder.Find(arn) is not { } build)
        {
            return;
        }

        var before = build.Tags.GetValueOrDefault(BuildTags.Release);
        var rollback = world.Calls.Current?.Execution?.Input.GetProperty("action").GetString() == "rollback";
        // Once its hold is written, the rollback is the desired state. It does not matter who writes the marks that follow from it.
        rollback |= BuildTags.ReadHold(world.Builder.PipelineOf(build.Image).Tags)?.Target < build.Version;
        if (before == "promoted" && state != "promoted" && !(rollback && state == "rolled-back"))
        {
            Broken("mark-overwritten", $"{build.Image} {build.Version} was marked promoted, and {world.Calls.Current?.Execution?.Name} made it {state}");
        }

        if (state == "promoted" && before != "promoted" && Known(build) is { } digest)
        {
            foreach (var region in Setup.Regions)
            {
                foreach (var tag in Floating)
                {
                    var standing = world.Registry.Find(region, Setup.RepositoryOf(build.Image))?.On(tag)?.Digest;
                    if (!rollback && standing != digest && Knows($"tag {region} {build.Image} {tag}", $"tags {region} {build.Image}") && KnowsImages(build.Image, region) && !(standing is not null && BuildOf(build.Image, standing) is { } other && other.Number > build.Number))
                    {
                        Broken("mark-untrue", $"{build.Image} {build.Version} was marked promoted, and {tag} in {region} is on {standing?.Short12 ?? "nothing"}");
                    }
                }
            }
        }
    }

    public void Ended(Execution execution)
    {
        if (execution.Status == ExecutionStatus.Succeeded)
        {
            return;
        }

        if (execution.Error == "States.Runtime")
        {
            Broken("runtime-error", $"{execution.Name} ended with States.Runtime: {execution.Cause}");
        }
        else if (execution.Told == 0 && !IsReportedAsIncident(execution) && !world.Told.Exists(message => message.Text.Contains($"Execution {execution.Name},", StringComparison.Ordinal)))
        {
            Broken("untold", $"{execution.Name} ended as {execution.Status} with {execution.Error}, and people were not told: {execution.Cause}");
        }
    }

    /// <summary>A lasting problem is reported once, when it begins, as an open incident of what the execution was to do. A prune of an image with a failing
    /// release waits for the same problem, and a release ends with a prune. A Region that does not answer is one incident for all images.</summary>
    private bool IsReportedAsIncident(Execution execution)
    {
        // One mail a day reports that events are not published (OPERATIONS.md, Alerts).
        if (execution.Path.Contains("Report that events fail"))
        {
            return world.Told.Exists(message => message.At.Date == world.Agenda.Now.Date && message.Subject.StartsWith("event not published: ", StringComparison.Ordinal));
        }

        var image = execution.Input.GetProperty("image").GetString();
        IncidentArea[] areas = execution.Input.GetProperty("action").GetString() switch
        {
            "build" => [IncidentArea.Build],
            "release" => [IncidentArea.Release, IncidentArea.Build, IncidentArea.Prune],
            _ => [IncidentArea.Release, IncidentArea.Prune],
        };

        // It was open when the execution was announced: it may be over before the execution's last state.
        return world.Incidents.Open.Concat(_openAtAnnounce.GetValueOrDefault(execution.Name) ?? []).Any(incident => (incident.Id.Image == image && areas.Contains(incident.Id.Kind.Area()))
            || (RegionOf(incident.Id) is { Length: > 0 } region && execution.Cause?.Contains(region, StringComparison.Ordinal) == true));
    }

    /// <summary>The Region that people have been told does not respond: by its own incident, or by a failure that it caused.</summary>
    internal static string RegionOf(IncidentId id) => id.Kind switch
    {
        IncidentKind.RegionUnreadable => id.Image,
        IncidentKind.ReleaseFailing or IncidentKind.PruneFailed => id.About,
        _ => "",
    };

    internal static IReadOnlyList<string> Floating { get; } = ["1.0", "latest"];

    /// <summary>According to the marks: the newest promoted build that is still AVAILABLE.</summary>
    internal Built? NewestPromoted(string image) => world.Builder.Of(image).LastOrDefault(build =>
        !build.Deleted && build.State == BuildState.Available && build.Tags.GetValueOrDefault(BuildTags.Release) == "promoted");

    /// <summary>The owner of the floating tags: the newest promoted build; during a rollback's hold its target or, if that does not exist, the newest
    /// promoted build before it.</summary>
    internal Built? Owner(string image)
    {
        var target = BuildTags.ReadHold(world.Builder.PipelineOf(image).Tags)?.Target;
        return world.Builder.Of(image).LastOrDefault(build => !build.Deleted && build.State == BuildState.Available
            && (target is null || build.Version <= target) && (build.Version == target || build.Tags.GetValueOrDefault(BuildTags.Release) == "promoted"));
    }

    /// <summary>The build that made the bytes, or the build that the first inspection attributed them to. The two cannot be distinguished.</summary>
    internal Built? BuildOf(string image, Digest digest) => world.Builder.Of(image).FirstOrDefault(build => build.Pipeline is not null && build.Digest == digest)
        ?? world.Builder.Of(image).FirstOrDefault(build => _firstInspected.GetValueOrDefault(build.Arn) == digest);

    /// <summary>The known digest of a build: the one that its first inspection found under its tag. Nothing shows whether the build made it.</summary>
    private Digest? Known(Built build) => _firstInspected.GetValueOrDefault(build.Arn) ?? build.Digest;

    internal void Broken(string rule, string text) => Violations.Add(new Violation(rule, text, world.Agenda.Now));

    /// <summary>A person may put a floating tag on an image that is about to receive it.</summary>
    private bool IsCleared(string image, Digest digest) => BuildOf(image, digest) is { } build
        && (_promoted.Contains((image, build.Number))
            || ((!Setup.Gate || _scanned.Contains((image, digest))) && (!Setup.Approval || _approved.Contains((image, digest)))
                && Setup.Regions.All(region => _versionTagAt.TryGetValue((image, digest, region), out var at) && (!Setup.Soak || at <= world.Agenda.Now.AddHours(-6) || IsAskedFor(image, build)))));

    private bool IsAskedFor(string image, Built build) => world.Workflow.Executions.Values.Any(execution => execution.Input.GetProperty("image").GetString() == image
        && execution.Input.TryGetProperty("explicit", out var asked) && asked.ValueKind == JsonValueKind.True && execution.Input.GetProperty("version").GetString() == build.Version.ToString());

    private bool IsPromoted(string image, Digest digest) => BuildOf(image, digest)?.Tags.GetValueOrDefault(BuildTags.Release) == "promoted";

    // A release begins when it has written its mark on its build. Before that nothing can know of it, and it finds what a prune left.
    // It ends when it is announced, although its execution continues.
    private bool IsBeingReleased(string image, Built build) => world.Workflow.Executions.Values.Any(execution => execution.Runs
        && _begun.Contains(execution.Name)
        && !execution.Path.Contains("Announce")
        && execution.Name != world.Calls.Current?.Execution?.Name
        && execution.Input.TryGetProperty("version", out var version) && version.GetString() == build.Version.ToString()
        && execution.Input.GetProperty("image").GetString() == image);

    private void CheckMode(string what)
    {
        var input = world.Calls.Current?.Execution?.Input;
        var asked = input is { } given && given.TryGetProperty("delete", out var delete) ? delete.ValueKind == JsonValueKind.True : (bool?)null;
        if (!(asked ?? Setup.Delete))
        {
            Broken("deleted-in-report", $"{what}, and retention was to report only");
        }
    }

    private void CheckReasons(string function, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (member.NameEquals("reasons"u8))
                    {
                        // A phase of a promotion returns its steps, each with its own reason; a phase without a step does nothing.
                        var steps = value.TryGetProperty("stopped"u8, out var stopped) && stopped.ValueKind == JsonValueKind.False ? value.GetProperty("steps"u8).GetArrayLength() : 0;
                        if (member.Value.ValueKind != JsonValueKind.Array || member.Value.GetArrayLength() + steps == 0 || !member.Value.EnumerateArray().All(IsReason))
                        {
                            Broken("no-reason", $"{function} gave no reason: {value}");
                        }
                    }
                    else if (member.NameEquals("reason"u8) && !IsReason(member.Value))
                    {
                        Broken("no-reason", $"{function} gave no reason: {value}");
                    }
                    else
                    {
                        CheckReasons(function, member.Value);
                    }
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    CheckReasons(function, item);
                }

                break;
        }
    }

    private static bool IsReason(JsonElement reason) => reason.ValueKind == JsonValueKind.Object
        && !string.IsNullOrWhiteSpace(reason.GetProperty("code"u8).GetString()) && !string.IsNullOrWhiteSpace(reason.GetProperty("text"u8).GetString());

    private static IEnumerable<Digest> DigestsOf(JsonElement release) =>
        [.. release.GetProperty("regions").EnumerateArray().Select(region => Digest.Parse(region.GetProperty("digest").GetString()!)).Distinct()];

    // The tag that records since when the version tags exist has no smaller part of time.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private static bool IsVersionTag(string tag) => tag.StartsWith("v1.0.0.", StringComparison.Ordinal)
        && int.TryParse(tag.AsSpan("v1.0.0.".Length), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    [GeneratedRegex("sha256:[0-9a-f]{64}")]
    private static partial Regex DigestPattern();
}
