namespace Automation.Core.Catalog;

/// <summary>Where to look for workloads that run the images of the catalog.</summary>
public sealed record UsageSpec(UsageKind Kind)
{
    /// <summary>Empty means the Regions of the catalog's images and the stack's own Region.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Other accounts to look into, besides the stack's own.</summary>
    public IReadOnlyList<UsageAccount> Accounts { get; init; } = [];

    /// <summary>For ECS: how many of a service's last deployments count, 0 to 20, so that a service can be rolled back.</summary>
    public int Deployments { get; init; } = 3;
}
