namespace Automation.Core.Promotion;

/// <summary>The oldest build comes first, so that a newer one moves the floating tags last.</summary>
public sealed record ReleasePlan(IReadOnlyList<ReleaseItem> Items)
{
    /// <summary>Whether every Region answered. Otherwise something may be wrong that no item shows.</summary>
    public bool IsComplete { get; init; } = true;

    public IEnumerable<DueRelease> Due => Items.Where(item => item.Order is not null).Select(item => item.Order!);
}
