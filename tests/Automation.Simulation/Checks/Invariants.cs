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

    private long Turn => world.Timers.Turn;

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
            case PushForeign { Region: var region, Image: var image, Tag: var tag }:
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
            case ResourceMove resource:
                TouchedResource(resource);
                break;
        }
    }

    /// <summary>The running function reads something that a person may change.</summary>
    public void Read(string what) => _readAt[what] = ++_moment;

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
        if (IsVersionTag(put.Tag) && BuildOf(put.Image, digest) is { } build
            && put.Tag == VersionTagOf(build))
        {
            _versionTagAt.TryAdd((put.Image, digest, put.Region), world.Timers.Now);
        }
    }

    /// <summary>A person has seen these digests and approved them.</summary>
    public void Approved(Approval approval)
    {
        foreach (var digest in DigestsIn(approval.Text))
        {
            _approved.Add((approval.Image, digest));
        }
    }

    /// <summary>A person has seen these digests and rejected them. Only a rollback demotes a promoted build.</summary>
    public void Rejected(Approval approval)
    {
        foreach (var digest in DigestsIn(approval.Text))
        {
            _ = !IsPromoted(approval.Image, digest) && _approved.Remove((approval.Image, digest));
        }
    }

    public void Begins(Invocation invocation, Value input)
    {
        _deletedReferrers.Clear();
        _readAt.Clear();
        _reconciledAt = invocation.Function == "Reconcile" ? invocation.Now : _reconciledAt;
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
    public void Answered(string function, Execution? execution, Value parameters, Value result)
    {
        if (!Reasons.AreGiven(result))
        {
            Broken("no-reason", $"{function} gave no reason: {result}");
        }

        foreach (var (region, repository, subject) in _deletedReferrers)
        {
            if (world.Registry.Find(region, repository)?.Find(subject) is not null)
            {
                Broken("signature-lost", $"a signature of {subject.Short12} in {repository} in {region} was deleted, but its subject still exists");
            }
        }

        if (function == "Reconcile")
        {
            Reconciled(result);
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
        if (function == "PlanBuild")
        {
            CheckPlan(image, result);
        }

        if (function == "CheckScan")
        {
            var verdict = result.GetProperty("verdict").GetString();
            foreach (var digest in DigestsOf(state.GetProperty("release")))
            {
                // Only a rollback demotes a promoted build, so its tags stay on it, whatever a later scan finds.
                _ = verdict == "open" ? _scanned.Add((image, digest)) : verdict == "blocked" && !IsPromoted(image, digest) && _scanned.Remove((image, digest));
                if (verdict == "open")
                {
                    CheckGate(image, digest);
                }

                if (verdict == "open" && Setup.Gate && _vulnerable.Contains(digest))
                {
                    Broken("gate-open", $"the gate passed {image} {digest.Short12} although its scan has a finding of HIGH");
                }
            }
        }

        if (function == "InspectImage" && result.GetProperty("outcome").GetString() == "releasable" && result.TryGetProperty("arn", out var arn)
            && arn.GetString() is { } build
            && DigestsOf(result).FirstOrDefault() is { } first)
        {
            _firstInspected.TryAdd(build, first);
            _begun.Add(execution.Name);
        }
    }

    public void BuildStarted(string image, IReadOnlyDictionary<string, string> tags)
    {
        var cause = tags.GetValueOrDefault(BuildTags.Cause);
        if (cause?.StartsWith("findings:", StringComparison.Ordinal) == true)
        {
            CheckRebuild(image, cause);
        }

        if (cause?.StartsWith("base:", StringComparison.Ordinal) != true)
        {
            return;
        }

        var digest = cause["base:".Length..];
        if (image == "child" && !IsCleared("app", Digest.Parse(digest)))
        {
            Broken("unpromoted-base", $"{image} is built from {digest[..19]}, which was neither promoted nor cleared for it");
        }

        var newest = world.Builder.Of(image)
            .LastOrDefault(build => !build.Deleted && build.Pipeline is not null && (build.State.IsRunning() || build.State.Succeeded()));
        // A person may delete the record of a newer build between the plan and the start; then the newest build at the plan no longer exists.
        var planned = world.Calls.Current?.Execution is { } execution ? _plannedAt.GetValueOrDefault(execution.Name) : 0;
        if (newest is not null && newest.Tags.GetValueOrDefault(BuildTags.BaseDigest) == digest && _recordDeletedAt.GetValueOrDefault(image, -1) < planned)
        {
            Broken("double-build", $"{image} is built from {digest[..19]} again, which {newest.Version} was made from");
        }

        // An image that retention deleted still counts; one that a person deleted does not. A new recipe begins to count again.
        var recipe = world.Builder.PipelineOf(image).RecipeVersion;
        var attempts = world.Builder.Of(image).Reverse().TakeWhile(build => !build.State.Succeeded())
            .Count(build => !build.DeletedByHand && build.Version.Recipe == recipe && !IsOdd(build) && build.Tags.GetValueOrDefault(BuildTags.Cause) == cause);
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

        _ = state == "rolled-back" && _hiddenMarks.Remove((build.Image, build.Number));
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
                    if (!rollback && standing != digest && Knows($"tag {region} {build.Image} {tag}", $"tags {region} {build.Image}")
                        && KnowsImages(build.Image, region)
                        && !(standing is not null && BuildOf(build.Image, standing) is { } other && other.Number > build.Number))
                    {
                        Broken(
                            "mark-untrue", $"{build.Image} {build.Version} was marked promoted, and {tag} in {region} is on {standing?.Short12 ?? "nothing"}");
                    }
                }
            }
        }
    }

    internal static IReadOnlyList<string> Floating { get; } = ["1.0", "latest"];

    /// <summary>According to the marks: the newest promoted build that is still AVAILABLE.</summary>
    internal Built? NewestPromoted(string image) => world.Builder.Of(image).LastOrDefault(build =>
        !build.Deleted && build.State == BuildState.Available && MarkOf(build) == "promoted");

    /// <summary>The owner of the floating tags: the newest promoted build; during a rollback's hold its target or, if that does not exist, the newest
    /// promoted build before it.</summary>
    internal Built? Owner(string image)
    {
        var target = BuildTags.ReadHold(world.Builder.PipelineOf(image).Tags)?.Target;
        return world.Builder.Of(image).LastOrDefault(build => !build.Deleted && build.State == BuildState.Available
            && (target is null || build.Version <= target) && (build.Version == target || MarkOf(build) == "promoted"));
    }

    /// <summary>The build that made the bytes, or the build that the first inspection attributed them to. The two cannot be distinguished.</summary>
    internal Built? BuildOf(string image, Digest digest) =>
        world.Builder.Of(image).FirstOrDefault(build => build.Pipeline is not null && build.Digest == digest)
        ?? world.Builder.Of(image).FirstOrDefault(build => _firstInspected.GetValueOrDefault(build.Arn) == digest);

    /// <summary>The known digest of a build: the one that its first inspection found under its tag. Nothing shows whether the build made it.</summary>
    private Digest? Known(Built build) => _firstInspected.GetValueOrDefault(build.Arn) ?? build.Digest;

    internal void Broken(string rule, string text) => Violations.Add(new Violation(rule, text, world.Timers.Now));

    /// <summary>A person may put a floating tag on an image that is about to receive it.</summary>
    private bool IsCleared(string image, Digest digest) => BuildOf(image, digest) is { } build
        && (_promoted.Contains((image, build.Number))
            || ((!Setup.Gate || _scanned.Contains((image, digest))) && (!Setup.Approval || _approved.Contains((image, digest)))
                && Setup.Regions.All(
                    region => _versionTagAt.TryGetValue((image, digest, region), out var at)
                        && (!Setup.Soak || at <= world.Timers.Now.AddHours(-6) || IsAskedFor(image, build)))));

    private bool IsAskedFor(string image, Built build) =>
        world.Workflow.Executions.Values.Any(execution => execution.Input.GetProperty("image").GetString() == image
        && execution.Input.TryGetProperty("explicit", out var asked) && asked.ValueKind == JsonValueKind.True
        && execution.Input.GetProperty("version").GetString() == build.Version.ToString());

    private bool IsPromoted(string image, Digest digest) => BuildOf(image, digest)?.Tags.GetValueOrDefault(BuildTags.Release) == "promoted";

    // A release begins when it has written its mark on its build. Before that nothing can know of it, and it finds what a prune left.
    // It ends when it is announced, although its execution continues, and when its record is deleted: nothing can be promoted without that. A rollback lasts
    // as long as its hold: a person who promotes another build, or ends the hold, ends it, and its execution finds that in its next phase.
    private bool IsBeingReleased(string image, Built build) => !build.Deleted && world.Workflow.Executions.Values.Any(execution => execution.Runs
        && _begun.Contains(execution.Name)
        && !execution.Path.Contains("Announce")
        && execution.Name != world.Calls.Current?.Execution?.Name
        && execution.Input.TryGetProperty("version", out var version) && version.GetString() == build.Version.ToString()
        && (execution.Input.GetProperty("action").GetString() != "rollback"
            || BuildTags.ReadHold(world.Builder.PipelineOf(image).Tags)?.Target == build.Version)
        && execution.Input.GetProperty("image").GetString() == image);

    internal static IEnumerable<Digest> DigestsOf(Value release) =>
        [.. release.GetProperty("regions").EnumerateArray().Select(region => Digest.Parse(region.GetProperty("digest").GetString()!)).Distinct()];

    // The tag that records since when the version tags exist has no smaller part of time.
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    internal static bool IsVersionTag(string tag) => tag.StartsWith("v1.0.", StringComparison.Ordinal)
        && tag.AsSpan("v1.0.".Length) is var rest && rest.IndexOf('.') is > 0 and var dot
        && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out _)
        && int.TryParse(rest[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>The digests in a text that a person sees.</summary>
    internal static IEnumerable<Digest> DigestsIn(string text) => DigestPattern().Matches(text).Select(match => Digest.Parse(match.Value));

    [GeneratedRegex("sha256:[0-9a-f]{64}")]
    private static partial Regex DigestPattern();
}
