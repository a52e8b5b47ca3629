using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>The decision about one image or record. Thousands share an instance if they have the same reasons.</summary>
/// <param name="Unmark">See <see cref="PruneItem.Unmark"/>.</param>
/// <param name="IsNeeded">Kept only because a remaining image needs it.</param>
internal sealed record Verdict(PruneAction Action, IReadOnlyList<Reason> Reasons, bool Unmark = false, bool IsNeeded = false)
{
    /// <summary>The initial verdict: without a decision the image or record is kept.</summary>
    public static readonly Verdict Undecided = new(PruneAction.Keep, []);

    /// <summary>A child or referrer: deleted unless a remaining image needs it.</summary>
    public static readonly Verdict WithOwner = new(PruneAction.Delete,
        [new Reason(ReasonCode.GoesWithOwner, "belongs only to images that are deleted")]);

    public static readonly Verdict SpentPlaceholder = Delete(ReasonCode.Placeholder, "was a placeholder for an image that exists now");

    public static Verdict Keep(ReasonCode code, string text, params IReadOnlyList<Reason> more) => new(PruneAction.Keep, [new Reason(code, text), .. more]);

    public static Verdict NeededBy(Digest digest) =>
        new(PruneAction.Keep, [new Reason(ReasonCode.Needed, $"is needed by {digest.Short12}, which stays")], IsNeeded: true);

    public static Verdict Delete(ReasonCode code, string text) => new(PruneAction.Delete, [new Reason(code, text)]);
}
