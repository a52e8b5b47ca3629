using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>
/// Decides whether an image has had no promotion for longer than its <see cref="PromotionRules.MaxAgeDays"/>, whatever the cause.
/// The age counts from the last promotion, or before the first promotion from the oldest build that is still listed. An image without a build
/// has no age; its build decision reports why nothing was built.
/// </summary>
public static class ImageAge
{
    /// <returns>Null if it is not overdue or has no maximum age.</returns>
    public static OverdueImage? Of(ImageSpec image, IReadOnlyList<BuildRecord> builds, DateTimeOffset now)
    {
        if (image.Promote.MaxAgeDays is not { } maxDays || builds.Count == 0)
        {
            return null;
        }

        var promoted = builds.Max(build => build.PromotedAt);
        var since = promoted ?? builds.Min(build => build.CreatedAt);
        var age = now - since;
        return age <= TimeSpan.FromDays(maxDays) ? null : new OverdueImage(image.Name, age, new Reason(ReasonCode.Overdue,
            string.Create(CultureInfo.InvariantCulture,
                $"{(promoted is null ? "never promoted, first built" : "last promoted")} {BuildTags.Format(since)}, {age.TotalDays:0.#} days ago; the catalog allows {maxDays}")));
    }
}
