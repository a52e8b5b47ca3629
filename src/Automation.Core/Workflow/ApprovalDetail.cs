namespace Automation.Core.Workflow;

/// <summary>Detail of the EventBridge event <c>Image Approval</c>: a release waits for a person.</summary>
/// <param name="Until">Without an answer until then, the release is rejected.</param>
/// <param name="Reasons">Why the build may be released.</param>
/// <param name="Execution">The execution that waits.</param>
/// <param name="Alert">The alert for people. A rule of the stack passes it to chat channels.</param>
public sealed record ApprovalDetail(
    string Image, string Version, IReadOnlyList<RegionDigest> Digests, DateTimeOffset Until, IReadOnlyList<ReasonText> Reasons, string Execution,
    AlertText Alert);
