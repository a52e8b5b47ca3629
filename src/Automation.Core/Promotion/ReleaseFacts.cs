using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>What the question "which builds must be released now" rests on.</summary>
/// <param name="Builds">All build versions of the image, in any order.</param>
/// <param name="Running">Names of all executions that run now.</param>
/// <param name="MissingTags">Floating tags that the newest promoted build should have and that are nowhere, such as
/// <c>latest in eu-west-1</c>.</param>
public sealed record ReleaseFacts(
    ImageSpec Image,
    IReadOnlyList<BuildRecord> Builds,
    Hold? Hold,
    IReadOnlySet<string> Running,
    IReadOnlyList<string> MissingTags,
    DateTimeOffset Now);

/// <summary>A build that must be released, under the name that keeps it from being released twice.</summary>
public sealed record ReleaseOrder(string Image, BuildRecord Build, int Attempt, string ExecutionName, Reason Reason);

/// <summary>One answer for each build that came out well.</summary>
/// <param name="Order">Null: not due.</param>
/// <param name="Until">For those that wait.</param>
public sealed record ReleaseItem(BuildRecord Build, ReleaseOrder? Order, DateTimeOffset? Until, Reason Reason);

/// <summary>Oldest build first, so that a newer one moves the floating tags last.</summary>
public sealed record ReleasePlan(IReadOnlyList<ReleaseItem> Items)
{
    public IEnumerable<ReleaseOrder> Due => Items.Where(item => item.Order is not null).Select(item => item.Order!);
}
