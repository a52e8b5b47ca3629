using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Retention;

/// <summary>Why something is kept, whatever else speaks against it: for images by what they carry and who uses them, for builds by
/// their rank, age and state.</summary>
internal sealed class KeepRules
{
    private readonly RetentionFacts _facts;
    private readonly RetentionRules _rules;
    private readonly ReferenceGraph _graph;
    private readonly Dictionary<Digest, List<Reason>> _images = [];
    private readonly Dictionary<string, List<Reason>> _builds = new(StringComparer.Ordinal);

    public KeepRules(RetentionFacts facts, ReferenceGraph graph, BuildLinks links)
    {
        _facts = facts;
        _rules = facts.Image.Retain;
        _graph = graph;
        KeepTagged(links);
        KeepUsed();
        KeepUnread();
        KeepNewest(links);
        KeepYoungAndUnfinished(links);
    }

    public IReadOnlyList<Reason> For(Digest image) => _images.GetValueOrDefault(image) ?? [];

    public IReadOnlyList<Reason> For(BuildRecord build) => _builds.GetValueOrDefault(build.Arn) ?? [];

    /// <summary>Whether Image Builder itself (its lifecycle policy, or a person with it) has given the build up.</summary>
    public static bool IsDeprecated(BuildRecord build, DateTimeOffset now) =>
        build.State is BuildState.Deprecated or BuildState.Disabled || build.DeprecatedAt <= now;

    private void Keep(Digest image, string code, string text)
    {
        if (!_images.TryGetValue(image, out var reasons))
        {
            _images[image] = reasons = [];
        }

        reasons.Add(new Reason(code, text));
    }

    private void Keep(BuildRecord build, string code, string text)
    {
        if (!_builds.TryGetValue(build.Arn, out var reasons))
        {
            _builds[build.Arn] = reasons = [];
        }

        reasons.Add(new Reason(code, text));
    }

    private void KeepTagged(BuildLinks links)
    {
        var promote = _facts.Image.Promote;
        foreach (var (tag, image) in links.Tags.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (promote.FloatingTags.Any(template => template.Matches(tag)))
            {
                Keep(image, "floating-tag", $"carries the floating tag {tag}");
            }

            if (_rules.ProtectedTags.FirstOrDefault(pattern => pattern.Matches(tag)) is { } pattern)
            {
                Keep(image, "protected-tag", $"its tag {tag} is protected by {pattern}");
            }

            // Nobody's build, under a name that is not ours: a person put it there.
            if (links.RecordsOf(image).Count == 0 && !_graph.IsReferrer(image)
                && !ImageVersion.TryParse(tag, out _) && !promote.VersionTags.Any(template => template.Matches(tag)))
            {
                Keep(image, "foreign-tag", $"belongs to no build and carries the tag {tag}, which the automation does not make");
            }
        }
    }

    // Used through another manifest, as a rule: a child through its index, and a signature is read to use what it signs.
    private void KeepUsed()
    {
        foreach (var usage in _facts.Usages.Distinct().OrderBy(usage => usage.Image)
            .ThenBy(usage => usage.Code, StringComparer.Ordinal).ThenBy(usage => usage.Why, StringComparer.Ordinal))
        {
            Keep(usage.Image, usage.Code, usage.Why);
            var seen = new HashSet<Digest> { usage.Image };
            var queue = new Queue<Digest>(seen);
            while (queue.TryDequeue(out var current))
            {
                foreach (var owner in _graph.OwnersOf(current).Where(seen.Add))
                {
                    Keep(owner, usage.Code, $"goes with {usage.Image.Short12}, which {usage.Why}");
                    queue.Enqueue(owner);
                }
            }
        }
    }

    private void KeepUnread()
    {
        var unread = _graph.Images.Where(image => image.HasUnknownChildren).OrderBy(image => image.Digest).ToList();
        foreach (var image in unread)
        {
            Keep(image.Digest, "children-unknown", "could not be read, so what it needs is not known");
        }

        if (unread.Count > 0)
        {
            foreach (var image in _graph.Images.Where(image => image.Tags.Count == 0 && !image.HasUnknownChildren))
            {
                Keep(image.Digest, "perhaps-a-child", $"has no tag and may be a child of {unread[0].Digest.Short12}, which could not be read");
            }
        }
    }

    private void KeepNewest(BuildLinks links)
    {
        // What the build planner remembers from: the newest build says which base, slot and recipe are done, the failures after it
        // count as attempts. Without them the same would be built again.
        var newest = links.Builds.LastOrDefault(build => build.State.Succeeded());
        var last = links.Builds.Where(build => build.State.Succeeded()).MaxBy(build => build.CreatedAt);
        foreach (var build in new[] { newest, last }.OfType<BuildRecord>().Distinct())
        {
            Keep(build, "newest-build", "is the newest build");
        }

        foreach (var failed in links.Builds.Where(build => build.State.WentWrong() && (last is null || build.CreatedAt > last.CreatedAt)))
        {
            Keep(failed, "counts-as-attempt", "failed after the last build that succeeded, so it counts as an attempt");
        }

        // A build that the gate blocked, or that is missing in a Region, is no way back, so it takes no slot from one that is.
        var slots = links.Builds
            .Where(build => build.State == BuildState.Available && !IsDeprecated(build, _facts.Now)
                && build.Release?.State is not (ReleaseState.Blocked or ReleaseState.Rejected or ReleaseState.Failed or ReleaseState.Missing)
                && links.ImageOf(build) is not null)
            .Reverse().Take(_rules.KeepLast);
        foreach (var build in slots)
        {
            Keep(build, "keep-last", string.Create(CultureInfo.InvariantCulture, $"is among the newest {_rules.KeepLast} builds"));
        }
    }

    private void KeepYoungAndUnfinished(BuildLinks links)
    {
        var limit = _facts.Now.AddDays(-_rules.KeepDays);
        DateTimeOffset? building = null;
        foreach (var build in links.Builds)
        {
            if (build.State.IsRunning())
            {
                building = building < build.CreatedAt ? building : build.CreatedAt;
                Keep(build, "in-progress", "is being built, or is in a state that is not known here");
            }
            else if (build.State == BuildState.Available && !IsDeprecated(build, _facts.Now))
            {
                KeepUnreleased(build);
                var since = build.PromotedAt ?? build.FinishedAt ?? build.CreatedAt;
                if (since > limit)
                {
                    Keep(build, "young", string.Create(CultureInfo.InvariantCulture,
                        $"is younger than {_rules.KeepDays} days, counted from {(build.PromotedAt is null ? "its build" : "its promotion")} at {BuildTags.Format(since)}"));
                }
            }
        }

        // An image that a running build has just pushed may not be known to belong to it.
        foreach (var image in _graph.Images.Where(image => image.PushedAt >= building && links.RecordsOf(image.Digest).Count == 0))
        {
            Keep(image.Digest, "in-progress", "was pushed while a build runs");
        }
    }

    private void KeepUnreleased(BuildRecord build)
    {
        if (build.Release is { State: ReleaseState.Running } mark && mark.At + ReleasePlanner.LongestRelease(_facts.Image.Promote) > _facts.Now)
        {
            Keep(build, "in-progress", "is being released");
        }
        else if (build.Release is null && build.Cause is not null)
        {
            Keep(build, "in-progress", "waits for its release");
        }
    }
}
