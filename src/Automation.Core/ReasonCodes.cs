namespace Automation.Core;

/// <summary>The names of <see cref="ReasonCode"/>: what logs, events, states and tags contain.</summary>
public static class ReasonCodes
{
    private static readonly string[] Names = KebabCase.NamesOf<ReasonCode>();

    /// <summary><c>new-base-digest</c> for <see cref="ReasonCode.NewBaseDigest"/>.</summary>
    public static string Name(this ReasonCode code) => Names[(int)code];
}
