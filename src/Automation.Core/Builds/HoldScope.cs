namespace Automation.Core.Builds;

public enum HoldScope
{
    /// <summary>Floating tags stay where they are, while builds and version tags continue. A rollback sets this scope.</summary>
    Promotion,

    /// <summary>Builds stop as well, except for requested ones.</summary>
    Everything,
}
