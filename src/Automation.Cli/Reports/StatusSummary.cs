using Automation.Core;

namespace Automation.Cli.Reports;

/// <summary>The state of an image in one word, with its causes.</summary>
/// <param name="Rank">The place of the word in the ranking, in which the worst comes first.</param>
internal sealed record StatusSummary(int Rank, string Word, IReadOnlyList<(string What, DateTimeOffset? Until)> Notes)
{
    private static readonly string[] Ranking =
        ["unknown", "no-pipeline", "incident", "blocked", "drift", "held", "approval", "overdue", "not-running", "waits", "building", "due", "new", "ok"];

    /// <summary>Whether it needs a person. An image that only waits for time does not.</summary>
    public bool IsProblem => Rank < Array.IndexOf(Ranking, "waits");

    public string Style =>
        Rank < Array.IndexOf(Ranking, "held") ? "red" : Rank < Array.IndexOf(Ranking, "building") ? "yellow" : Word == "ok" ? "green" : "default";

    public string Why(DateTimeOffset now) => string.Join("; ", Notes.Select((note, i) =>
        (i == Notes.Count - 1 ? note.What : HumanText.Clause(note.What)) + (note.Until is { } until && until > now ? $" (until {HumanText.At(until)})" : "")));

    public static StatusSummary Of(ImageStatus image)
    {
        var found = new List<(string Word, string What, DateTimeOffset? Until)>();
        void Add(string word, string what, DateTimeOffset? until = null) => found.Add((word, what, until));

        if (image.Build.IsUnknown || image.Build.HasNoPipeline)
        {
            Add(image.Build.IsUnknown ? "unknown" : "no-pipeline", ReasonView.Join(image.Build.Reasons));
        }

        foreach (var region in image.Unread)
        {
            Add("unknown", $"{region.What}: {region.Why}");
        }

        foreach (var note in image.Blocked)
        {
            Add("blocked", $"{note.What} {note.Why}");
        }

        // An incident that says the same as a block appears once.
        foreach (var incident in image.Incidents.Where(incident => !(incident.Kind == "blocked" && image.Blocked.Count > 0)))
        {
            Add("incident", $"{incident.Kind}: {incident.Why}");
        }

        foreach (var tag in image.Promoted.Where(tag => tag.NotPromoted is not null))
        {
            Add("drift", $"{tag.Tag} in {tag.Region} is on {tag.Version ?? StatusReader.Short(tag.Digest)}: it {tag.NotPromoted}");
        }

        foreach (var note in image.Behind)
        {
            Add("drift", $"{note.What}: {note.Why}");
        }

        foreach (var note in image.NotRunning)
        {
            Add("not-running", $"{note.What} {note.Why}");
        }

        if (image.Hold is { } hold)
        {
            Add("held", $"{hold.Scope} held: {hold.Why}", hold.Until);
        }

        foreach (var note in image.Waiting)
        {
            Add(note.Approval ? "approval" : "waits", note.Why, note.Until);
        }

        if (image.Overdue is { } overdue)
        {
            Add("overdue", overdue);
        }

        if (image.Newest?.State == "inprogress")
        {
            Add("building", $"{image.Newest.Version} is being built");
        }

        if (image.Build.Decision == "start")
        {
            Add("due", ReasonView.Join(image.Build.Reasons.Take(1)));
        }

        if (found.Count == 0 && image.Promoted.Count == 0)
        {
            Add("new", ReasonView.Join(image.Build.Reasons.Take(1)));
        }

        var ordered = found.OrderBy(note => Array.IndexOf(Ranking, note.Word)).ToList();
        var word = ordered.Count == 0 ? "ok" : ordered[0].Word;
        return new StatusSummary(Array.IndexOf(Ranking, word), word, [.. ordered.Select(note => (note.What, note.Until))]);
    }
}
