namespace Automation.Core.Retention;

/// <summary>The answer of a source about images in use.</summary>
/// <param name="Unknown">Why the source cannot answer, so that nothing is deleted; null if it can.</param>
public sealed record UsageAnswer(IReadOnlyList<Usage> Usages, string? Unknown = null)
{
    public static UsageAnswer DoesNotKnow(string why) => new([], why);
}
