using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>What becomes of one image or record. Thousands share one where the reasons are the same words.</summary>
/// <param name="Unmark">See <see cref="PruneItem.Unmark"/>.</param>
/// <param name="IsNeeded">Only because something else that stays needs it.</param>
internal sealed record Verdict(PruneAction Action, IReadOnlyList<Reason> Reasons, bool Unmark = false, bool IsNeeded = false)
{
    /// <summary>Until there is another: what nothing was decided on is kept.</summary>
    public static readonly Verdict Undecided = new(PruneAction.Keep, []);

    /// <summary>A child or referrer: deleted unless something that stays needs it.</summary>
    public static readonly Verdict WithOwner = new(PruneAction.Delete,
        [new Reason(ReasonCode.GoesWithOwner, "belongs to an image that is deleted, and to no other")]);

    public static readonly Verdict SpentPlaceholder = Delete(ReasonCode.Placeholder, "stood in for an image that is there now");

    public static Verdict Keep(ReasonCode code, string text, params IReadOnlyList<Reason> more) => new(PruneAction.Keep, [new Reason(code, text), .. more]);

    public static Verdict NeededBy(Digest digest) =>
        new(PruneAction.Keep, [new Reason(ReasonCode.Needed, $"is needed by {digest.Short12}, which stays")], IsNeeded: true);

    public static Verdict Delete(ReasonCode code, string text) => new(PruneAction.Delete, [new Reason(code, text)]);
}
