using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Retention;

/// <summary>Records on images and builds why they must be kept: images for their tags and users, builds for their position, age
/// and state.</summary>
/// <param name="builds">Oldest version first.</param>
internal sealed class KeepRules(RetentionFacts facts, ReferenceGraph graph, List<BuildNode> builds)
{
    private readonly RetentionRules _rules = facts.Image.Retain;
    private readonly OwnTags _tags = new(facts);
    private readonly HashSet<ImageVersion> _versions = [.. facts.Builds.Select(build => build.Version)];

    private readonly Dictionary<string, BuildRecord> _now = (facts.BuildsNow ?? []).DistinctBy(build => build.Arn)
        .ToDictionary(build => build.Arn, StringComparer.Ordinal);

    private static readonly List<BuildNode> None = [];

    public void Apply()
    {
        KeepTagged();
        KeepAmbiguous();
        KeepUsed();
        KeepUnread();
        KeepNewest();
        KeepYoungAndUnfinished();
        KeepOwners();
    }

    /// <summary>Whether Image Builder's lifecycle policy, or a person, has retired the build.</summary>
    public static bool IsDeprecated(BuildRecord build, DateTimeOffset now) =>
        build.State is BuildState.Deprecated or BuildState.Disabled || build.DeprecatedAt <= now;

    private void KeepTagged()
    {
        var tags = new List<string>();
        foreach (var image in graph.Nodes)
        {
            tags.Clear();
            tags.AddRange(image.Image.Tags);
            tags.Sort(StringComparer.Ordinal);
            foreach (var tag in tags)
            {
                KeepTagged(image, tag);
            }
        }
    }

    private void KeepTagged(ImageNode image, string tag)
    {
        if (facts.Image.Promote.FloatingTags.Any(template => template.Matches(tag)))
        {
            image.Keep(ReasonCode.FloatingTag, $"carries the floating tag {tag}");
        }

        if (_rules.ProtectedTags.FirstOrDefault(pattern => pattern.Matches(tag)) is { } pattern)
        {
            image.Keep(ReasonCode.ProtectedTag, $"its tag {tag} is protected by {pattern}");
        }

        if (ImageVersion.TryParse(tag, out var version))
        {
            KeepOthersBuild(image, tag, version);
        }
        else if (_tags.IsForeign(image, tag))
        {
            image.Keep(ReasonCode.ForeignTag, image.Builds is null
                ? $"belongs to no build and carries the tag {tag}, which Automation does not write"
                : $"carries the tag {tag}, which Automation did not write");
        }
    }

    /// <summary>Handles a tag of the form that Image Builder gives every build, whoever started it.</summary>
    private void KeepOthersBuild(ImageNode image, string tag, ImageVersion version)
    {
        var own = image.Builds is { } all ? all.FindAll(build => build.Record.Version == version) : None;
        var owner = own.Exists(build => build.Record.State.IsRunning() || build.Record.Digest is not null) ? null : facts.Owners.Of(version);
        switch (owner)
        {
            case BuildOwner.Others others when own.Count > 0:
                own.ForEach(build =>
                    build.Keep(ReasonCode.VersionShared,
                        $"build {Short(others.BuildArn)} also has the tag {tag}, so it is unknown which build this image belongs to"));
                break;
            case BuildOwner.Others others:
                image.Keep(ReasonCode.OthersBuild, $"its tag {tag} belongs to build {Short(others.BuildArn)}, which is not from this pipeline");
                break;
            case BuildOwner.Unknown unknown:
                image.Keep(ReasonCode.BuildUnknown, $"has the tag {tag} of a build whose owner is unknown: {unknown.Why}");
                break;
            case BuildOwner.None when own.Count == 0 && _versions.Contains(version):
                image.Keep(ReasonCode.BuildTagMoved, $"carries the tag {tag} of a build that has another image, so somebody moved the tag");
                break;
        }
    }

    // arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3 -> app/1.0.0/3
    private static string Short(string buildArn) => buildArn[(buildArn.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private void KeepAmbiguous()
    {
        var ambiguous = PipelineBuilds.Ambiguous(facts.Builds);
        foreach (var build in builds)
        {
            var record = build.Record;
            if (PipelineBuilds.IsForeign(facts.Image, record.Arn))
            {
                build.Keep(ReasonCode.OtherRecipe, $"is a build of recipe {PipelineBuilds.RecipeOf(record.Arn)}, which the catalog does not name");
            }
            else if (ambiguous.Contains(record))
            {
                build.Keep(ReasonCode.VersionShared, $"another recipe also has a build {record.Version}, so it is unknown which image belongs to which");
            }
        }
    }

    // Usage extends to owners: a child is usually used through its index, and reading a signature means using what it signs.
    private void KeepUsed()
    {
        var byArn = facts.Usages.Any(usage => usage.BuildArn is not null) ? builds.ToDictionary(build => build.Record.Arn, StringComparer.Ordinal) : [];
        foreach (var usage in facts.Usages.Distinct().OrderBy(usage => usage.Image).ThenBy(usage => usage.BuildArn, StringComparer.Ordinal)
            .ThenBy(usage => usage.Code.Name(), StringComparer.Ordinal).ThenBy(usage => usage.Why, StringComparer.Ordinal))
        {
            var build = usage.BuildArn is null ? null : byArn.GetValueOrDefault(usage.BuildArn);
            if ((usage.Image is null ? build?.Image : graph.Find(usage.Image)) is not { } used)
            {
                build?.Keep(usage.Code, usage.Why);
                continue;
            }

            used.Keep(usage.Code, usage.Why);
            var seen = new HashSet<ImageNode> { used };
            var queue = new Queue<ImageNode>(seen);
            while (queue.TryDequeue(out var current))
            {
                foreach (var owner in current.Owners)
                {
                    if (seen.Add(owner))
                    {
                        owner.Keep(usage.Code, $"goes with {used.Digest.Short12}, which {usage.Why}");
                        queue.Enqueue(owner);
                    }
                }
            }
        }
    }

    private void KeepUnread()
    {
        var unread = graph.Nodes.FindAll(image => image.Image.HasUnknownChildren);
        foreach (var image in unread)
        {
            image.Keep(ReasonCode.ChildrenUnknown, "could not be read, so its children are unknown");
        }

        if (unread.MinBy(image => image.Digest) is { } first)
        {
            foreach (var image in graph.Nodes.Where(image => image.Image is { Tags.Count: 0, HasUnknownChildren: false }))
            {
                image.Keep(ReasonCode.PerhapsAChild, $"has no tag and may be a child of {first.Digest.Short12}, which could not be read");
            }
        }
    }

    private void KeepNewest()
    {
        // The build planner needs these records: the newest build records the base, slot and recipe that are done, and later failures
        // count as attempts. Without them the planner would start the same build again.
        var highest = builds.FindLast(build => build.Record.State.Succeeded());
        var last = builds.Where(build => build.Record.State.Succeeded()).MaxBy(build => build.Record.CreatedAt);
        foreach (var build in new[] { highest, last }.OfType<BuildNode>().Distinct())
        {
            build.Keep(ReasonCode.NewestBuild, "is the newest build");
        }

        foreach (var failed in builds.Where(build => build.Record.State.WentWrong() && (last is null || build.Record.CreatedAt > last.Record.CreatedAt)))
        {
            failed.Keep(ReasonCode.CountsAsAttempt, "failed after the last build that succeeded, so it counts as an attempt");
        }

        // A base whose build failed may return after other bases, and the planner must still know the result.
        var refusals = new BuildHistory(facts.Builds).Refusals();
        foreach (var failed in builds.Where(build => build.Kept is null && refusals.Contains(build.Record)))
        {
            failed.Keep(ReasonCode.Refusal, "records that the same build must not start again");
        }

        // A rollback cannot use a build that is blocked, missing in a Region or rolled back, so such a build takes no slot.
        var slots = Enumerable.Reverse(builds)
            .Where(build => build.Record.State == BuildState.Available && !IsDeprecated(build.Record, facts.Now)
                && build.Record.Release
                    ?.State is not (ReleaseState.Blocked or ReleaseState.Rejected or ReleaseState.Failed or ReleaseState.Missing or ReleaseState.RolledBack)
                && build.Image is not null)
            .Take(_rules.KeepLast);
        var newest = _rules.KeepLast == 1
            ? "is the newest build that a rollback can use"
            : string.Create(CultureInfo.InvariantCulture, $"is among the newest {_rules.KeepLast} builds");
        foreach (var build in slots)
        {
            build.Keep(ReasonCode.KeepLast, newest);
        }
    }

    private void KeepYoungAndUnfinished()
    {
        var limit = facts.Now.AddDays(-_rules.KeepDays);
        DateTimeOffset? building = null;
        foreach (var build in builds)
        {
            var record = build.Record;
            if (record.State.IsRunning())
            {
                building = building < record.CreatedAt ? building : record.CreatedAt;
                build.Keep(ReasonCode.InProgress, "is building, or is in an unknown state");
            }
            else if (record.State == BuildState.Available && !IsDeprecated(record, facts.Now))
            {
                KeepUnreleased(build);
                if (record.Release?.State == ReleaseState.RolledBack && facts.Hold is not null)
                {
                    build.Keep(ReasonCode.RolledBack, "was rolled back, and a person may promote it again while the hold is set");
                }

                var since = record.PromotedAt ?? record.FinishedAt ?? record.CreatedAt;
                if (since > limit)
                {
                    build.Keep(ReasonCode.Young, string.Create(CultureInfo.InvariantCulture,
                        $"is younger than {HumanText.Of(_rules.KeepDays, "day")}, counted from {(record.PromotedAt is null ? "its build" : "its promotion")} at {BuildTags.Format(since)}"));
                }
            }
        }

        // A running build may have just pushed an image that is not linked to it yet.
        foreach (var image in building is null ? [] : graph.Nodes.Where(image => image.Image.PushedAt >= building && image.Builds is null))
        {
            image.Keep(ReasonCode.InProgress, "was pushed during a running build");
        }
    }

    /// <summary>The owner of a floating tag may not carry it yet: a Region is behind, or the previous owner was just deleted.</summary>
    private void KeepOwners()
    {
        foreach (var owned in FloatingTagOwners.Of(facts.Image, PipelineBuilds.Of(facts.Image, facts.BuildsNow ?? facts.Builds), facts.Hold)
            .GroupBy(owner => owner.Value.Version, owner => owner.Key))
        {
            foreach (var build in builds.Where(build => build.Record.Version == owned.Key && build.Kept is null && build.Image?.Kept is null))
            {
                build.Keep(ReasonCode.OwnsFloatingTag, $"owns the floating tag {owned.First()}, wherever that is now");
            }
        }
    }

    private void KeepUnreleased(BuildNode build)
    {
        var record = _now.GetValueOrDefault(build.Record.Arn) ?? build.Record;
        if (record.Release is ({ State: ReleaseState.Running } or { State: ReleaseState.Promoted, Explicit: true }) and var mark
            && mark.At + facts.Image.Promote.MaxDuration > facts.Now)
        {
            build.Keep(ReasonCode.InProgress, "is being released");
        }
        else if (record.Release is null && record.Cause is not null)
        {
            build.Keep(ReasonCode.InProgress, "waits for its release");
        }
    }
}
