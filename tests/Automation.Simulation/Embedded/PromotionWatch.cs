using System.Text.Json;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.LocalCloud;
using Automation.Simulation.Checks;
using Automation.Simulation.Machine;
using Automation.Simulation.World;
using Build = Automation.Testing.Build;

namespace Automation.Simulation.Embedded;

/// <summary>
/// The promises about builds and promotions, checked in the cloud's journal at the moment of each change. A function that a person interrupts cannot
/// know what the person changed; what it then does is checked at rest only.
/// </summary>
internal sealed class PromotionWatch
{
    private readonly Setup _setup;
    private readonly TestCloud _cloud;
    private readonly EmbeddedNames _names;
    private readonly Interruptions _interruptions;
    private readonly Vulnerabilities _vulnerabilities;
    private readonly IReadOnlyDictionary<string, string> _handlers;
    private readonly Dictionary<string, Value> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Image, string Version), Digest> _made = [];
    private readonly Dictionary<(string Image, string Version), Digest> _inspected = [];
    private readonly Dictionary<(string Image, Digest Digest, string Region), DateTimeOffset> _versionTagAt = [];
    private readonly HashSet<(string Image, Digest Digest)> _scanned = [];
    private readonly HashSet<(string Image, Digest Digest)> _approved = [];
    private readonly HashSet<(string Image, string Version)> _promoted = [];
    private readonly Dictionary<string, DateTimeOffset> _recordDeletedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _plannedAt = new(StringComparer.Ordinal);
    private Value _running = Value.EmptyObject;
    private int _actsBefore;

    public PromotionWatch(Setup setup, TestCloud cloud, EmbeddedNames names, Interruptions interruptions, Vulnerabilities vulnerabilities)
    {
        (_setup, _cloud, _names, _interruptions, _vulnerabilities) = (setup, cloud, names, interruptions, vulnerabilities);
        _handlers = cloud.Handlers;
        cloud.OnJournal(Hear);
    }

    public Violation? Broken { get; private set; }

    /// <summary>The events that triggers have received, oldest first.</summary>
    public List<(string Function, string Payload)> Events { get; } = [];

    /// <summary>Whether a person has acted since the running function began.</summary>
    private bool IsInterrupted => _interruptions.Acts != _actsBefore;

    private bool ByHand => _interruptions.ByHand;

    /// <summary>The bytes that Image Builder distributed for a build; null if it has not.</summary>
    public Digest? MadeBy(string image, string version) => _made.GetValueOrDefault((image, version));

    /// <summary>Whether the first inspection of a build found these bytes under its tag.</summary>
    public bool IsAttributed(string image, string? version, Digest digest) =>
        version is not null && _inspected.GetValueOrDefault((image, version)) == digest;

    /// <summary>A person has seen these digests and approved them.</summary>
    public void Approved(string image, string shown)
    {
        foreach (var digest in Invariants.DigestsIn(shown))
        {
            _approved.Add((image, digest));
        }
    }

    private void Hear(JournalEntry entry, string? function)
    {
        switch (entry)
        {
            case { Source: "lambda", Kind: "function-invoked" }:
                Begins(_handlers[entry.Data["function"]], entry);
                break;
            case { Source: "lambda", Kind: "function-returned" } when _inputs.Remove(entry.Data["requestId"], out var input):
                Returned(_handlers[entry.Data["function"]], input, Value.Parse(entry.Data["output"]), entry.Time);
                break;
            case { Source: "ecr", Kind: "image-pushed" } when entry.Data.GetValueOrDefault("tag") is { } tag
                && _setup.Images.FirstOrDefault(image => _names.Repository(image) == entry.Data["repository"]) is { } image:
                Pushed(function, image, tag, Digest.Parse(entry.Data["digest"]), entry);
                break;
            case { Source: "imagebuilder", Kind: "build-started" } when function == "StartBuild" && !ByHand
                && _setup.Images.FirstOrDefault(image => _names.Pipeline(image) == entry.Data.GetValueOrDefault("pipeline")) is { } built:
                Started(built, entry);
                break;
            case { Source: "imagebuilder", Kind: "image-deleted" } when ByHand
                && _setup.Images.FirstOrDefault(image => _names.Pipeline(image) == entry.Data.GetValueOrDefault("pipeline")) is { } forgotten:
                _recordDeletedAt[forgotten] = entry.Time;
                break;
            case { Source: "states", Kind: "execution-ended" } when entry.Data.GetValueOrDefault("error") == "States.Runtime":
                Break("runtime-error", $"{entry.Data["name"]} ended with States.Runtime", entry.Time);
                break;
        }
    }

    private void Begins(string function, JournalEntry entry)
    {
        _actsBefore = _interruptions.Acts;
        _running = _inputs[entry.Data["requestId"]] = Value.Parse(entry.Data["input"]);
        if (function is "ImagePushed" or "BuildNotification")
        {
            Events.Add((function, entry.Data["input"]));
        }
        else if (function == "PlanBuild")
        {
            _plannedAt[_running.GetProperty("execution").GetString()!] = entry.Time;
        }
    }

    private void Returned(string function, Value input, Value result, DateTimeOffset now)
    {
        if (!Reasons.AreGiven(result))
        {
            Break("no-reason", $"{function} gave no reason: {result}", now);
        }

        if (function == "CheckScan")
        {
            var image = ImageIn(input);
            var verdict = result.GetProperty("verdict").GetString();
            foreach (var digest in Invariants.DigestsOf(input.GetProperty("state").GetProperty("release")))
            {
                // Only a rollback demotes a promoted build, so its tags stay on it, whatever a later scan finds.
                _ = verdict == "open" ? _scanned.Add((image, digest))
                    : verdict == "blocked" && BuildOf(image, digest)?.Release != "promoted" && _scanned.Remove((image, digest));
                if (verdict == "open" && _setup.Gate && !IsInterrupted && _vulnerabilities.Blocks(digest, NowOf(input)))
                {
                    Break("gate-open", $"the gate passed {image} {digest.Short12} although its scan has a finding of HIGH", now);
                }
            }
        }
        else if (function == "PlanBuild" && !IsInterrupted)
        {
            CheckPlan(ImageIn(input), result, now);
        }
        else if (function == "InspectImage" && result.GetProperty("outcome").GetString() == "releasable"
            && Invariants.DigestsOf(result).FirstOrDefault() is { } digest)
        {
            _inspected.TryAdd((ImageIn(input), result.GetProperty("version").GetString()!), digest);
        }
    }

    private void CheckPlan(string image, Value plan, DateTimeOffset now)
    {
        if (_setup.BaseGate && plan.GetProperty("decision").GetString() == "start"
            && plan.GetProperty("order").GetProperty("tags").TryGetProperty(BuildTags.BaseDigest, out var tag)
            && Digest.TryParse(tag.GetString(), out var digest) && _vulnerabilities.Found.Contains(digest))
        {
            Break("bad-base", $"{image} is built on {digest.Short12}, which has a finding of HIGH", now);
        }
    }

    private void Pushed(string? function, string image, string tag, Digest digest, JournalEntry entry)
    {
        if (function is null && !ByHand)
        {
            if (ImageVersion.TryParse(tag, out var version) && version.Build > 0)
            {
                _made.TryAdd((image, version.ToString()), digest);
            }

            return;
        }

        var isVersionTag = Invariants.IsVersionTag(tag);
        if (isVersionTag)
        {
            _versionTagAt.TryAdd((image, digest, entry.Data["region"]), ByHand ? entry.Time : NowOf(_running));
        }

        if (ByHand || (!isVersionTag && !Invariants.Floating.Contains(tag)))
        {
            return;
        }

        var what = $"{entry.Data["repository"]}:{tag} in {entry.Data["region"]} was put on {digest.Short12}";
        if (BuildOf(image, digest) is not { } build)
        {
            if (!_made.ContainsValue(digest) && !_inspected.ContainsValue(digest))
            {
                Break("unbuilt-digest", $"{what}, which no build of {image} made", entry.Time);
            }

            return;
        }

        if (_setup.Gate && !_scanned.Contains((image, digest)))
        {
            Break("not-scanned", $"{what} ({build.Version}), and the gate has not let that digest pass", entry.Time);
        }

        if (_setup.Approval && !_approved.Contains((image, digest)))
        {
            Break("not-approved", $"{what} ({build.Version}), and no one has approved that digest", entry.Time);
        }

        if (!isVersionTag)
        {
            CheckFloating(image, build, digest, what, entry.Time);
            _promoted.Add((image, build.Version));
        }
    }

    private void CheckFloating(string image, Build build, Digest digest, string what, DateTimeOffset now)
    {
        var isRollback = _running.GetProperty("state").GetProperty("action").GetString() == "rollback";
        if (isRollback)
        {
            if (!_promoted.Contains((image, build.Version)))
            {
                Break("rollback-unpromoted", $"{what} ({build.Version}) by a rollback, and it was never promoted", now);
            }

            return;
        }

        if (IsInterrupted)
        {
            return;
        }

        if (build.Status != "AVAILABLE")
        {
            Break("retired-promoted", $"{what} ({build.Version}), whose record is {build.Status}", now);
        }

        var hold = _cloud.PipelineTagsNow(_names.Pipeline(image));
        var owner = Owner(image, BuildTags.ReadHold(hold)?.Target);
        if (owner is not null && ImageVersion.Parse(owner.Version) > ImageVersion.Parse(build.Version))
        {
            Break("backwards", $"{what} ({build.Version}) without a rollback, and {owner.Version} is promoted", now);
        }

        if (owner?.Version != build.Version && !IsExplicit(_running))
        {
            if (hold.ContainsKey(BuildTags.Hold))
            {
                Break("hold-ignored", $"{what} ({build.Version}) while the pipeline is held", now);
            }

            if (_setup.Soak && !_promoted.Contains((image, build.Version)) && _setup.Regions.Any(
                region => !(_versionTagAt.TryGetValue((image, digest, region), out var at) && at <= NowOf(_running).AddHours(-6).AddSeconds(1))))
            {
                Break("not-soaked", $"{what} ({build.Version}) before its version tags stood for six hours everywhere", now);
            }
        }
    }

    private void Started(string image, JournalEntry entry)
    {
        var builds = _cloud.BuildsNow(_names.Pipeline(image));
        var build = builds.Single(each => each.Arn == entry.Data["arn"]);
        var newest = builds.LastOrDefault(each => each != build && BuildStates.Parse(each.Status) is var state && (state.IsRunning() || state.Succeeded()));
        var planned = _plannedAt.GetValueOrDefault(_running.GetProperty("execution").GetString()!);

        // A person may delete the record of a newer build between the plan and the start; then the newest build at the plan no longer exists.
        if (build.Cause is { } cause && cause.StartsWith("base:", StringComparison.Ordinal) && newest?.BaseDigest == cause["base:".Length..]
            && !IsInterrupted && _recordDeletedAt.GetValueOrDefault(image, DateTimeOffset.MinValue) < planned)
        {
            Break("double-build", $"{image} is built from {cause[..24]} again, which {newest.Version} was made from", entry.Time);
        }
    }

    /// <summary>The owner of the floating tags: the newest promoted build; during a rollback's hold its target or, if that does not exist, the newest
    /// promoted build before it.</summary>
    private Build? Owner(string image, ImageVersion? target) => _cloud.BuildsNow(_names.Pipeline(image)).LastOrDefault(build => build.Status == "AVAILABLE"
        && (target is null || ImageVersion.Parse(build.Version) <= target) && (build.Release == "promoted" || build.Version == target?.ToString()));

    /// <summary>The build that made the bytes, or the build that the first inspection attributed them to; null if it has no record.</summary>
    private Build? BuildOf(string image, Digest digest)
    {
        var builds = _cloud.BuildsNow(_names.Pipeline(image));
        return builds.FirstOrDefault(build => _made.GetValueOrDefault((image, build.Version)) == digest)
            ?? builds.FirstOrDefault(build => _inspected.GetValueOrDefault((image, build.Version)) == digest);
    }

    private string ImageIn(Value input)
    {
        var name = input.GetProperty("state").GetProperty("image").GetString();
        return _setup.Images.First(image => _names.Image(image) == name);
    }

    /// <summary>When the state was entered; retries of its function do not change it.</summary>
    private static DateTimeOffset NowOf(Value input) => input.GetProperty("now").GetDateTimeOffset();

    private static bool IsExplicit(Value input) =>
        input.GetProperty("state").TryGetProperty("release", out var release) && release.TryGetProperty("explicit", out var asked)
        && asked.ValueKind == JsonValueKind.True;

    private void Break(string rule, string text, DateTimeOffset now) => Broken ??= new Violation(rule, text, now);
}
