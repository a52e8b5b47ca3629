using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>
/// The builds whose images stay in other Regions, and why. The plans of those Regions fill it one after another. The plan of the Region with the
/// records reads it and so comes last: a record is deleted after its image is deleted everywhere.
/// </summary>
public sealed class ImagesElsewhere
{
    private readonly Dictionary<string, ImageElsewhere> _images = new(StringComparer.Ordinal);

    /// <summary>Whether any other Region has images.</summary>
    public bool Any { get; private set; }

    /// <param name="stillThere">The images that the plan would delete but that still exist, with the reason.</param>
    public void Add(PrunePlan plan, IReadOnlyDictionary<Digest, string> stillThere)
    {
        Any |= plan.Counts.Images > 0;
        foreach (var build in plan.Builds)
        {
            // A rule that keeps an image says more than a pending deletion, in whichever Region.
            if ((build.Stays ?? stillThere.GetValueOrDefault(build.Digest)) is { } why
                && (Find(build.RecordArn) is not { } known || (build.Kept && !known.Kept)))
            {
                _images[build.RecordArn] = new ImageElsewhere(
                    build.Kept, new Reason(ReasonCode.ImageInOtherRegion, $"its image stays in {plan.Region}: {why}"));
            }
        }
    }

    internal ImageElsewhere? Find(string recordArn) => _images.GetValueOrDefault(recordArn);
}

/// <param name="Kept">See <see cref="BuildImage.Kept"/>.</param>
internal sealed record ImageElsewhere(bool Kept, Reason Reason);
