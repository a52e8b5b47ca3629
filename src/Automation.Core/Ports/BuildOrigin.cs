using Automation.Core.Images;

namespace Automation.Core.Ports;

/// <summary>The origin of a build, which shows whether it is ours.</summary>
/// <param name="IsContainer">False for an AMI.</param>
/// <param name="PipelineArn">Null for an image that was built without a pipeline.</param>
/// <param name="Repositories">Where it was or will be pushed to; null if unknown.</param>
public sealed record BuildOrigin(
    string Arn, bool IsContainer, string? PipelineArn, ImageVersion Version, string Status, IReadOnlyList<string>? Repositories = null);
