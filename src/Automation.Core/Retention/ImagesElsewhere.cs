using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>
/// Which builds' images stay in other Regions than the records', and why. Filled with the plan of one Region after the other, and read by
/// the plan of the Region that has the records, which therefore comes last: a record goes when its image is gone everywhere.
/// </summary>
public sealed class ImagesElsewhere
{
    private readonly Dictionary<string, ImageElsewhere> _images = new(StringComparer.Ordinal);

    /// <summary>Whether any of the Regions has images at all.</summary>
    public bool Any { get; private set; }

    /// <param name="stillThere">What the plan would delete and what is there all the same, with why.</param>
    public void Add(PrunePlan plan, IReadOnlyDictionary<Digest, string> stillThere)
    {
        Any |= plan.Counts.Images > 0;
        foreach (var build in plan.Builds)
        {
            // What a rule keeps says more than what only waits, in whichever Region.
            if ((build.Stays ?? stillThere.GetValueOrDefault(build.Digest)) is { } why
                && (Find(build.RecordArn) is not { } known || (build.Kept && !known.Kept)))
            {
                _images[build.RecordArn] = new ImageElsewhere(build.Kept, new Reason(ReasonCode.ImageInOtherRegion, $"its image stays in {plan.Region}: {why}"));
            }
        }
    }

    internal ImageElsewhere? Find(string recordArn) => _images.GetValueOrDefault(recordArn);
}

/// <param name="Kept">See <see cref="BuildImage.Kept"/>.</param>
internal sealed record ImageElsewhere(bool Kept, Reason Reason);
