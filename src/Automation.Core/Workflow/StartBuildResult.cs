namespace Automation.Core.Workflow;

/// <param name="Arn">The running image build version.</param>
public sealed record StartBuildResult(string Arn, string Version, IReadOnlyList<ReasonText> Reasons);
