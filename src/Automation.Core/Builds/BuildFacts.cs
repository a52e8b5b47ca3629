using Automation.Core.Catalog;

namespace Automation.Core.Builds;

/// <summary>Everything that decides whether an image must be built now. It is read from the APIs and needs no event.</summary>
public sealed record BuildFacts
{
    public required ImageSpec Image { get; init; }

    public required PipelineFacts Pipeline { get; init; }

    /// <summary>Null if the base is not in an ECR registry of this account. Then only schedule, recipe, watched images and requests start builds.</summary>
    public BaseFacts? Base { get; init; }

    /// <summary>Why the image may not be built on the base now; null if it may, or if the catalog sets no <c>baseGate</c>.</summary>
    public BaseVerdict? BaseVerdict { get; init; }

    /// <summary>Why the parameter or ARN that names the base cannot be resolved; null if it can, or if the recipe uses neither.</summary>
    public string? BaseUnreadable { get; init; }

    /// <summary>One entry for each of <see cref="BuildRules.Watch"/>, in that order.</summary>
    public IReadOnlyList<WatchedFacts> Watched { get; init; } = [];

    /// <summary>All build versions of the image across all recipe versions, in any order.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; init; } = [];

    /// <summary>All records of the pipeline, from which <see cref="PipelineBuilds"/> selects <see cref="Builds"/>. Build planning does not use them;
    /// they spare retention planning a second read.</summary>
    public IReadOnlyList<BuildRecord> Records { get; init; } = [];

    public ManualRequest? Manual { get; init; }

    /// <summary>The findings of the promoted image; null if they start no builds, or if there is no scan.</summary>
    public FindingFacts? Findings { get; init; }

    /// <summary>The other images of the lane; null if there are none or they were not read.</summary>
    public LaneFacts? Lane { get; init; }

    /// <summary>The names on a cycle of the lineage with the current recipes (<see cref="ImageLineage.CycleThrough"/>); empty if there is none.</summary>
    public IReadOnlyList<string> Cycle { get; init; } = [];

    /// <summary>How soon to check again for something whose end is not known in advance (<see cref="BuildPlanner.CheckAgainAfter"/>).</summary>
    public TimeSpan CheckAgain { get; init; } = BuildPlanner.CheckAgain;

    public required DateTimeOffset Now { get; init; }
}
