namespace Automation.Core.Retention;

/// <summary>What becomes of one image or record. Thousands share one where the reasons are the same words.</summary>
/// <param name="Unmark">See <see cref="PruneItem.Unmark"/>.</param>
/// <param name="IsNeeded">Only because something else that stays needs it.</param>
internal sealed record Verdict(PruneAction Action, IReadOnlyList<Reason> Reasons, bool Unmark = false, bool IsNeeded = false)
{
    public static readonly Verdict Undecided = new(PruneAction.Keep, [new Reason("undecided", "was not looked at")]);

    /// <summary>A child or referrer: deleted unless something that stays needs it.</summary>
    public static readonly Verdict WithOwner = new(PruneAction.Delete,
        [new Reason("goes-with-owner", "belongs to an image that is deleted, and to no other")]);

    public static readonly Verdict Needed = new(PruneAction.Keep, [new Reason("needed", "is needed by what stays")], IsNeeded: true);

    public static Verdict Keep(string code, string text, params IReadOnlyList<Reason> more) => new(PruneAction.Keep, [new Reason(code, text), .. more]);

    public static Verdict Delete(string code, string text) => new(PruneAction.Delete, [new Reason(code, text)]);
}
