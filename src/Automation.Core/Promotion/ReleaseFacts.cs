using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>What the question "which builds must be released now" rests on.</summary>
/// <param name="Builds">All build versions of the image, in any order.</param>
/// <param name="Running">Names of all executions that run now.</param>
/// <param name="MissingTags">Floating tags that are nowhere although a promoted build owns them.</param>
public sealed record ReleaseFacts(
    ImageSpec Image,
    IReadOnlyList<BuildRecord> Builds,
    Hold? Hold,
    IReadOnlySet<string> Running,
    IReadOnlyList<MissingTag> MissingTags,
    DateTimeOffset Now);

/// <param name="Owner">The build whose it is.</param>
/// <param name="Where">Such as <c>latest in eu-west-1</c>.</param>
public sealed record MissingTag(ImageVersion Owner, string Where);

/// <summary>A build that must be released, under the name that keeps it from being released twice.</summary>
/// <param name="Resumes">It goes on with a release that has begun, or has been done: what that one passed is not asked again.</param>
/// <param name="Explicit">The release that it goes on with was asked for by a person.</param>
public sealed record ReleaseOrder(string Image, BuildRecord Build, int Attempt, string ExecutionName, Reason Reason, bool Resumes = false, bool Explicit = false);

/// <summary>One answer for each build that came out well.</summary>
/// <param name="Order">Null: not due.</param>
/// <param name="Until">For those that wait.</param>
public sealed record ReleaseItem(BuildRecord Build, ReleaseOrder? Order, DateTimeOffset? Until, Reason Reason);

/// <summary>Oldest build first, so that a newer one moves the floating tags last.</summary>
public sealed record ReleasePlan(IReadOnlyList<ReleaseItem> Items)
{
    public IEnumerable<ReleaseOrder> Due => Items.Where(item => item.Order is not null).Select(item => item.Order!);
}
