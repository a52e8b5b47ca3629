namespace Automation.Core.Workflow;

/// <summary>The phases of a promotion, in order.</summary>
public static class PromotionPhases
{
    /// <summary>Writes the version tags, and checks them again after the soak.</summary>
    public const string Version = "version";

    /// <summary>Writes the floating tags.</summary>
    public const string Floating = "floating";

    /// <summary>Reads all tags again and corrects those that moved.</summary>
    public const string Verify = "verify";
}
