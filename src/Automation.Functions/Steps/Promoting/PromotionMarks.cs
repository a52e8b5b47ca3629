using Automation.Core.Builds;

namespace Automation.Functions.Steps.Promoting;

/// <summary>The marks on the pipeline and its builds, read at one time.</summary>
/// <param name="Own">The build to promote; null if its record no longer exists.</param>
internal sealed record PromotionMarks(PipelineFacts Pipeline, IReadOnlyList<BuildRecord> Builds, BuildRecord? Own);
