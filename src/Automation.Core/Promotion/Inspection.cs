using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The result of an inspection, and what to write before the release continues.</summary>
/// <param name="Outcome">See <see cref="Workflow.InspectImageResult"/>.</param>
/// <param name="Digest">For a releasable build: the digest to release, the same in every Region.</param>
/// <param name="Cleared">Whether this digest has already passed gate and approval.</param>
/// <param name="Mark">The tags to write on the build.</param>
/// <param name="Hold">The hold to write on the pipeline, before anything else.</param>
public sealed record Inspection(
    string Outcome, IReadOnlyList<Reason> Reasons, Digest? Digest = null, bool Cleared = false, IReadOnlyDictionary<string, string>? Mark = null,
    Hold? Hold = null);
