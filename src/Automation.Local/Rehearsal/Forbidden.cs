using System.Globalization;
using Automation.Cli;
using Automation.Core;
using Automation.Core.Catalog;

namespace Automation.Local.Rehearsal;

/// <summary>What must not happen: <c>--forbid delete</c>, <c>--forbid delete:app</c>, <c>--forbid move:app:latest</c>, <c>--max-builds 20</c>.</summary>
/// <param name="Rules">Kind, image and tag of each rule; null matches everything.</param>
/// <param name="MaxBuilds">Null for any number.</param>
internal sealed record Forbidden(IReadOnlyList<(string Text, string Kind, string? Image, string? Tag)> Rules, int? MaxBuilds)
{
    /// <exception cref="CommandException">A rule cannot be read.</exception>
    public static Forbidden Read(IEnumerable<string> rules, int? maxBuilds) => new(
        [.. rules.Select(text => text.Split(':') switch
        {
            ["delete"] => (text, DecisionKinds.Deleted, (string?)null, (string?)null),
            ["delete", { Length: > 0 } image] => (text, DecisionKinds.Deleted, image, null),
            ["move", { Length: > 0 } image, { Length: > 0 } tag] => (text, DecisionKinds.Move, image, tag),
            _ => throw new CommandException($"--forbid {text} cannot be read: write delete, delete:IMAGE or move:IMAGE:TAG."),
        })],
        maxBuilds);

    /// <exception cref="CommandException">A rule names an image that no catalog has.</exception>
    public void Check(IEnumerable<ImageCatalog> catalogs)
    {
        var names = catalogs.SelectMany(catalog => catalog.Images).Select(each => each.Name).ToHashSet(StringComparer.Ordinal);
        if (Rules.FirstOrDefault(rule => rule.Image is { } image && !names.Contains(image)) is { Image: { } unknown } broken)
        {
            throw new CommandException($"--forbid {broken.Text}: there is no image '{unknown}'{Suggestion.End(unknown, names)}");
        }
    }

    /// <summary>One sentence for each rule that is broken.</summary>
    public IReadOnlyList<string> Broken(RehearsalResult result)
    {
        var broken = new List<string>();
        foreach (var (text, kind, image, tag) in Rules)
        {
            var found = result.Decisions.Where(decision => decision.Kind == kind && (image is null || decision.Image == image)
                && (tag is null || decision.Subject == tag)).ToList();
            if (found is [var first, ..])
            {
                broken.Add(string.Create(CultureInfo.InvariantCulture,
                    $"--forbid {text}: {HumanText.Of(found.Count, "time")}, first on day {first.Day}: {first.Image} {first.Subject}{(first.Region is null ? "" : $" in {first.Region}")}"));
            }
        }

        if (result.Totals.Builds > MaxBuilds)
        {
            broken.Add(string.Create(CultureInfo.InvariantCulture, $"--max-builds {MaxBuilds}: {result.Totals.Builds} builds"));
        }

        return broken;
    }
}
