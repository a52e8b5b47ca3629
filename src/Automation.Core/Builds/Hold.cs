using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>A person's decision to stop automatic changes of an image, written as tags on its pipeline. A rollback also sets a hold.</summary>
/// <param name="Rollback">The rollback that set it; null if a person set it, and then it freezes the floating tags where they are.</param>
public sealed record Hold(string Why, HoldScope Scope, DateTimeOffset? Since = null, RollbackRecord? Rollback = null)
{
    /// <summary>When the reconcile ends the hold; null if only a person or an explicit promote ends it.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Its tags that could not be read, as messages. They count as missing, so the hold covers more or lasts longer than somebody may have
    /// intended.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];

    /// <summary>The build that owns the floating tags while this hold is set; null if no rollback set it.</summary>
    public ImageVersion? Target => Rollback?.Target;

    /// <summary>Why the hold ends now; null while it is in force.</summary>
    public Reason? Over(DateTimeOffset now) =>
        Until <= now ? new Reason(ReasonCode.HoldOver, $"the hold was set until {HumanText.At(Until.Value)}: {Why}") : null;

    /// <summary>Whether a requested promotion ends this hold. It ends existing holds, but not one that somebody sets after the request.</summary>
    /// <param name="asked">When the promotion began; null if unknown.</param>
    public bool IsEndedBy(DateTimeOffset? asked) => !(Since > asked);
}
