namespace Automation.Core.Retention;

/// <summary>What a source knows of the images in use.</summary>
/// <param name="Unknown">Why it cannot tell: then nothing is deleted, and this is the reason. Null when it knows.</param>
public sealed record UsageAnswer(IReadOnlyList<Usage> Usages, string? Unknown = null)
{
    public static UsageAnswer DoesNotKnow(string why) => new([], why);
}
