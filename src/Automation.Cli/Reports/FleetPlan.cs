using System.Globalization;
using System.Text.Json.Serialization;
using Automation.Aws.Facts;
using Automation.Cli.Deployment;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Cli.Reports;

/// <summary>The actions that are due for an image now.</summary>
internal sealed record ImagePlan(string Image, DecisionView Build, IReadOnlyList<ReleaseView> Releases, IReadOnlyList<PruneView> Prune)
{
    /// <summary>Whether anything would be built, released, marked or deleted, now or later, or whether that is unknown.</summary>
    public bool HasChanges =>
        Build.Decision != "no" || Build.HasNoPipeline || Releases.Any(release => release.Decision != "no") || Prune.Any(prune => prune.Changes);

    /// <summary>Whether nothing can be planned until a person acts.</summary>
    [JsonIgnore]
    public bool IsProblem => Build.IsUnknown || Build.HasNoPipeline;

    /// <summary>The plan of an image that cannot be read. It must not hide the others.</summary>
    public static ImagePlan Unknown(ImageSpec image, AutomationException why) => new(image.Name, DecisionView.Unknown(why), [], []);
}

/// <param name="Decision">release, not-yet or no.</param>
internal sealed record ReleaseView(string Version, string Decision, DateTimeOffset? Until, string? Execution, IReadOnlyList<ReasonView> Reasons);

/// <param name="Mode">report or delete.</param>
/// <param name="Stopped">Why the deletion limit stopped it; null if it did not.</param>
/// <param name="Items">What happens to each image and record, including the kept ones.</param>
internal sealed record PruneView(
    string Region, string Mode, int Keep, int Supersede, int DeleteImages, int DeleteRecords, string? Stopped, IReadOnlyList<PruneItemView> Items)
{
    /// <summary>The size of the images to delete, at most: layers that a kept image has too stay.</summary>
    public long DeleteBytes => Items.Where(item => item.Action == "delete").Sum(item => item.Bytes ?? 0);

    [JsonIgnore]
    public bool Changes => Supersede + DeleteImages + DeleteRecords > 0 || Stopped is not null;
}

/// <param name="Action">keep, supersede or delete.</param>
internal sealed record PruneItemView(string Action, string Target, IReadOnlyList<string> Tags, IReadOnlyList<ReasonView> Reasons)
{
    public string? Version { get; init; }

    public string? Digest { get; init; }

    /// <summary>The size of the image's layers; null for a record, and for an index, whose children have the layers.</summary>
    public long? Bytes { get; init; }
}

/// <summary>Runs the planners on the same facts as the functions, and changes nothing.</summary>
internal sealed class PlanReader(Connection connection)
{
    private readonly RetentionSources _sources = connection.Fleet.Retention.Sources();

    public async Task<ImagePlan> ReadAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var now = connection.Clock.GetUtcNow();
        var facts = await connection.Fleet.Builds.WithLaneAsync(
            await connection.Fleet.Findings.WithFindingsAsync(await connection.Fleet.Builds.ReadAsync(image, null, now, cancellationToken), cancellationToken),
            null, cancellationToken);
        var releases = ReleasePlanner.Due(await connection.Fleet.Releases.ReadAsync(facts, connection.Running, cancellationToken));
        var prune = new List<PruneView>();
        var elsewhere = new ImagesElsewhere();
        var sources = connection.Fleet.Retention.ForAnotherImage(_sources);
        foreach (var region in facts.Pipeline.Exists ? connection.Fleet.Retention.RegionsOf(image) : [])
        {
            if (await connection.Fleet.Retention.ReadAsync(image, region, facts.Pipeline, facts.Records, sources, now, cancellationToken) is { } retention)
            {
                var plan = RetentionPlanner.Plan(retention with { Elsewhere = elsewhere });
                elsewhere.Add(plan, new Dictionary<Digest, string>());
                prune.Add(View(plan, retention));
            }
        }

        return new ImagePlan(image.Name, DecisionView.From(BuildPlanner.Decide(facts)), [.. releases.Items.Select(View)], prune);
    }

    /// <param name="full">Whether a prune has a row for every image and record, including the kept ones.</param>
    public static Report Table(IEnumerable<ImagePlan> plans, bool full)
    {
        var report = new Report("Image", "Plan", "Decision and reasons") { Groups = true };
        foreach (var plan in plans)
        {
            var build = plan.Build;
            report.Add(plan.Image, "build", $"{build.Decision}{Until(build.Until)}: {ReasonView.Join(build.Reasons)}",
                build.IsUnknown || build.HasNoPipeline ? "red" : build.Decision == "start" ? "green" : "default");
            foreach (var release in plan.Releases)
            {
                report.Add(plan.Image, $"release {release.Version}", $"{release.Decision}{Until(release.Until)}: {ReasonView.Join(release.Reasons)}",
                    release.Decision == "release" ? "green" : "default");
            }

            foreach (var prune in plan.Prune.Where(prune => full || prune.Changes))
            {
                report.Add(plan.Image, $"prune {prune.Region}", string.Create(
                    CultureInfo.InvariantCulture,
                    $"delete {HumanText.Of(prune.DeleteImages, "image")} and {HumanText.Of(prune.DeleteRecords, "record")}, mark {prune.Supersede}, keep {HumanText.Of(prune.Keep, "image")} (mode {prune.Mode})"));
                if (prune.Stopped is { } stopped)
                {
                    report.Add(plan.Image, "stopped", stopped, "red");
                }

                foreach (var item in full ? prune.Items : [])
                {
                    report.Add(plan.Image, item.Action, $"{item.Target}: {ReasonView.Join(item.Reasons)}", item.Action == "delete" ? "yellow" : "grey");
                }
            }
        }

        return report;
    }

    private static string Until(DateTimeOffset? until) => until is { } time ? $" until {HumanText.At(time)}" : "";

    private static ReleaseView View(ReleaseItem item) => new(
        item.Build.Version.ToString(),
        item switch { { Order: not null } => "release", { Until: not null } => "not-yet", _ => "no" },
        item.Until,
        item.Order?.ExecutionName,
        ReasonView.From([item.Reason]));

    private static PruneView View(PrunePlan plan, RetentionFacts facts)
    {
        var sizes = facts.Images.Where(image => !image.IsIndex).ToDictionary(image => image.Digest, image => image.Bytes);
        return new PruneView(
            plan.Region,
            facts.Image.Retain.Mode.ToString().ToLowerInvariant(),
            plan.Counts.Keep,
            plan.Counts.Supersede,
            plan.Counts.DeleteImages,
            plan.Counts.DeleteRecords,
            plan.DeletionLimit.Reason?.Text ?? facts.UsageUnknown,
            [.. plan.Items.Select(item => View(item, sizes))]);
    }

    private static PruneItemView View(PruneItem item, Dictionary<Digest, long> sizes)
    {
        // The record of a deleted image is an item of its own, and its image has the size.
        var isRecord = item is { Action: PruneAction.Delete, RecordArn: not null };
        return new PruneItemView(item.Action.ToString().ToLowerInvariant(), Target(item), item.Tags, ReasonView.From(item.Reasons))
        {
            Version = item.Version?.ToString(),
            Digest = item.Digest?.Value,
            Bytes = !isRecord && item.Digest is { } digest && sizes.TryGetValue(digest, out var bytes) ? bytes : null,
        };
    }

    private static string Target(PruneItem item)
    {
        var what = item switch
        {
            { Action: PruneAction.Delete, RecordArn: not null } => "record",
            { Digest: { } digest } => digest.Short12,
            _ => "record",
        };
        var tags = item.Tags.Count > 0 ? $" [{string.Join(", ", item.Tags)}]" : "";
        return $"{(item.Version is { } version ? $"{version} " : "")}{what}{tags}";
    }
}
