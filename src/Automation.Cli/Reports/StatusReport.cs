using Automation.Core;

namespace Automation.Cli.Reports;

/// <summary>Shows <see cref="ImageStatus"/> to people: a row for each image, or one image in full.</summary>
internal static class StatusReport
{
    /// <summary>A row for each image.</summary>
    public static Report Rows(IEnumerable<ImageStatus> images, DateTimeOffset now)
    {
        var report = new Report("Image", "Build", "Promoted", "Age", "State", "Why");
        foreach (var image in images)
        {
            var summary = image.Summary;
            report.Add([image.Image, Build(image), Promoted(image), Age(image, now), summary.Word, summary.Why(now)], summary.Style);
        }

        return report;
    }

    /// <summary><c>300 images: 297 ok, 2 blocked, 1 held</c>.</summary>
    public static string Count(IReadOnlyList<ImageStatus> images) =>
        $"{HumanText.Of(images.Count, "image")}: {string.Join(", ", images.GroupBy(image => image.Summary.Rank).OrderByDescending(same => same.Key).Select(same => $"{same.Count()} {same.First().State}"))}";

    // 1.0.0/3, and its state where there is no image in it
    private static string Build(ImageStatus image) => image.Newest switch
    {
        null => "-",
        { State: "available" } newest => newest.Version,
        var newest => $"{newest.Version} {newest.State}",
    };

    // 1.0.0/2 as 1.0, latest
    private static string Promoted(ImageStatus image)
    {
        var builds = image.Promoted.Where(tag => tag.NotPromoted is null).GroupBy(tag => tag.Version ?? StatusReader.Short(tag.Digest))
            .Select(tags => $"{tags.Key} as {string.Join(", ", tags.Select(tag => tag.Tag).Distinct())}").ToList();
        return builds.Count == 0 ? "-" : string.Join("; ", builds);
    }

    private static string Age(ImageStatus image, DateTimeOffset now) =>
        image.Promoted.Select(tag => tag.PromotedAt).Max() is { } at ? HumanText.Age(now - at) : "-";

    /// <summary>Everything about the images.</summary>
    public static Report Full(IReadOnlyList<ImageStatus> images, DateTimeOffset now)
    {
        var report = new Report("Image", "What", "State") { Groups = true };
        foreach (var image in images)
        {
            foreach (var incident in image.Incidents)
            {
                report.Add(image.Image, "incident", $"{incident.Kind} since {HumanText.Ago(incident.Since, now)}: {incident.Why}", "red");
            }

            if (image.Build.IsUnknown || image.Build.HasNoPipeline)
            {
                report.Add(image.Image, image.Build.IsUnknown ? "unknown" : "pipeline", ReasonView.Join(image.Build.Reasons), "red");
                continue;
            }

            report.Add(image.Image, "base", $"{image.Base ?? "unknown"}{(image.BaseDigest is { } digest ? $" {StatusReader.Short(digest)}" : "")}");
            report.Add(image.Image, "newest build", image.Newest is { } newest
                ? $"{newest.Version} {newest.State}, built {HumanText.Ago(newest.CreatedAt, now)}{(newest.Release is { } release ? $", {release}" : "")}"
                : "none yet");
            foreach (var tag in image.Promoted)
            {
                var what = $"{tag.Tag} in {tag.Region} is {tag.Version ?? "no known build"} {StatusReader.Short(tag.Digest)}";
                if (tag.NotPromoted is { } why)
                {
                    report.Add(image.Image, "on the tag, not promoted", $"{what}: it {why}", "red");
                    continue;
                }

                report.Add(image.Image, "promoted", $"{what}{(tag.PromotedAt is { } at ? $", promoted {HumanText.Ago(at, now)}" : "")}", "green");
            }

            foreach (var region in image.Unread)
            {
                report.Add(image.Image, "unknown", $"{region.What}: {region.Why}", "red");
            }

            if (image.Unread.Count == 0 && image.Promoted.All(tag => tag.NotPromoted is not null))
            {
                report.Add(image.Image, "promoted", "nothing yet");
            }

            if (image.Hold is { } hold)
            {
                report.Add(image.Image, "hold",
                    $"{hold.Scope}{(hold.Since is { } at ? $" since {HumanText.At(at)}" : "")}{(hold.Until is { } end ? $" until {HumanText.At(end)}" : "")}: {hold.Why}", "yellow");
            }

            report.Add(image.Image, "build due", $"{image.Build.Decision}: {ReasonView.Join(image.Build.Reasons)}");
            foreach (var note in image.Waiting)
            {
                report.Add(image.Image, "waiting", $"{note.What}{(note.Until is { } until ? $" until {HumanText.At(until)}" : "")}: {note.Why}", "yellow");
            }

            foreach (var note in image.Blocked)
            {
                report.Add(image.Image, "blocked", $"{note.What}: {note.Why}", "red");
            }

            foreach (var note in image.Behind)
            {
                report.Add(image.Image, "not followed", $"{note.What}: {note.Why}", "red");
            }

            foreach (var note in image.NotRunning)
            {
                report.Add(image.Image, "not running", $"{note.What} {note.Why}", "yellow");
            }

            foreach (var execution in image.Running.Where(execution => image.Waiting.All(note => note.What != execution)))
            {
                report.Add(image.Image, "running", execution);
            }
        }

        return report;
    }
}
