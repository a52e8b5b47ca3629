namespace Automation.Core.Promotion;

/// <summary>The oldest build comes first, so that a newer one moves the floating tags last.</summary>
public sealed record ReleasePlan(IReadOnlyList<ReleaseItem> Items)
{
    public IEnumerable<DueRelease> Due => Items.Where(item => item.Order is not null).Select(item => item.Order!);
}
