using System.Globalization;
using Automation.Core.Catalog;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal;

/// <summary>The assumptions of a rehearsal, in sentences.</summary>
internal static class Assumptions
{
    public static IReadOnlyList<string> Of(AccountState state, RehearsalPlan plan, ImageCatalog catalog)
    {
        var said = new List<string>();
        var told = plan.Moves.OfType<Move.Push>().Select(push => push.Repository).ToHashSet(StringComparer.Ordinal);
        foreach (var each in Base.Of(state, catalog).Where(each => !told.Contains(each.Repository)))
        {
            said.Add(plan.OnlyTold || each.Rhythm is not { } rhythm
                ? $"{each.Repository} in {each.Region} does not change."
                : string.Create(CultureInfo.InvariantCulture,
                    $"{each.Repository} in {each.Region} changes every {Text(rhythm)}, as in its last {each.Pushes.Count} images."));
        }

        var rates = plan.OnlyTold ? [] : Failures.Rates(state, catalog);
        foreach (var (image, rate) in rates.OrderBy(rate => rate.Key, StringComparer.Ordinal))
        {
            said.Add(string.Create(CultureInfo.InvariantCulture, $"{rate:0%} of the builds of {image} fail, as they did so far."));
        }

        said.Add("A new image has the findings of the newest scanned image of its repository.");
        if (state.Use.Count > 0)
        {
            said.Add("Workloads stay as they are.");
        }

        if (state.UseUnknown is { } unknown)
        {
            said.Add($"Which images are in use is unknown: {unknown}");
        }

        if (catalog.Images.Any(image => image.Promote.Gate?.Epss is not null))
        {
            said.Add("No finding has an EPSS score, because ECR does not say it.");
        }

        said.AddRange(state.Notes);
        return said;
    }

    private static string Text(TimeSpan time) => time.TotalDays >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} hours");
}
