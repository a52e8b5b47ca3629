using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The state of a build at the beginning of a release or rollback.</summary>
/// <param name="Places">One for each Region of the image; empty for a build that is not AVAILABLE.</param>
public sealed record InspectionFacts(
    ImageSpec Image, ImageVersion Version, PipelineFacts Pipeline, IReadOnlyList<BuildRecord> Builds, IReadOnlyList<BuildPlace> Places, ReleaseRequest Request)
{
    public BuildRecord? Build => Builds.FirstOrDefault(build => build.Version == Version);
}
