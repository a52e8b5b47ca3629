using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>
/// Whether an image has gone without a promotion for longer than its <see cref="PromotionRules.MaxAgeDays"/>: the sum of everything that can
/// keep it from being fresh, whatever it was. Counted from its last promotion; before the first one from its oldest build that is still
/// listed. An image without any build has nothing that could be old: that its base is missing is told by its build decision.
/// </summary>
public static class ImageAge
{
    /// <returns>Null: not overdue, or it may grow old.</returns>
    public static OverdueImage? Of(ImageSpec image, IReadOnlyList<BuildRecord> builds, DateTimeOffset now)
    {
        if (image.Promote.MaxAgeDays is not { } most || builds.Count == 0)
        {
            return null;
        }

        var promoted = builds.Max(build => build.PromotedAt);
        var since = promoted ?? builds.Min(build => build.CreatedAt);
        var age = now - since;
        return age <= TimeSpan.FromDays(most) ? null : new OverdueImage(image.Name, age, new Reason(ReasonCode.Overdue,
            string.Create(CultureInfo.InvariantCulture, $"{(promoted is null ? "never promoted, first built" : "last promoted")} {BuildTags.Format(since)}, {age.TotalDays:0.#} days ago; the catalog allows {most}")));
    }
}

/// <param name="Age">Since the last promotion.</param>
public sealed record OverdueImage(string Image, TimeSpan Age, Reason Reason);
