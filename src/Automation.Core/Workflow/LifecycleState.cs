using System.Text.Json;
using System.Text.Json.Serialization;

namespace Automation.Core.Workflow;

/// <summary>
/// The state of one execution: its input, and the result of each step under its own name. No step changes the result of another
/// one, so the output of an execution shows all decisions in order, with reasons.
/// </summary>
public sealed record LifecycleState
{
    /// <summary>build, release, rollback or prune.</summary>
    public string? Action { get; init; }

    /// <summary>The image's name in the catalog.</summary>
    public string? Image { get; init; }

    /// <summary>For release and rollback: the build version, such as <c>1.0.0/3</c>.</summary>
    public string? Version { get; init; }

    /// <summary>For release: how often the build's release has begun, counted from 1.</summary>
    public int? Attempt { get; init; }

    /// <summary>For release: true if a person requested it. It then ends a hold and skips the soak, but not the scan gate or the approval.</summary>
    public bool? Explicit { get; init; }

    /// <summary>For release and rollback: true if it resumes one that stopped, or restores a tag. A gate or approval that the same digest passed is
    /// not repeated.</summary>
    public bool? Resume { get; init; }

    /// <summary>For build: a person's request, which does not depend on what the rules say is due.</summary>
    public ManualBuild? Manual { get; init; }

    /// <summary>For a requested prune: true deletes although the catalog says report; false only reports although it says delete.</summary>
    public bool? Delete { get; init; }

    /// <summary>For a prune with <see cref="Delete"/>: the deletion limit in percent, 1 to 100, instead of the catalog's.</summary>
    public int? MaxDeletePercent { get; init; }

    public PlanBuildResult? Plan { get; init; }

    public StartBuildResult? Build { get; init; }

    public InspectImageResult? Release { get; init; }

    public CheckScanResult? Scan { get; init; }

    /// <summary>A person's answer in any shape; undefined before the answer, or if no approval is needed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Approval { get; init; }

    /// <summary>For PromoteImage: <c>version</c> (run again after the soak), <c>floating</c>, or <c>verify</c> for all tags.</summary>
    public string? Phase { get; init; }

    /// <summary>The result for the version tags of all Regions, and how long the floating tags wait.</summary>
    public PromoteImageResult? VersionTags { get; init; }

    /// <summary>The result for the floating tags of all Regions.</summary>
    public PromoteImageResult? FloatingTags { get; init; }

    [JsonPropertyName("verify")]
    public PromoteImageResult? Verification { get; init; }

    public PruneResult? Prune { get; init; }

    public AnnounceResult? Announcement { get; init; }

    public StepError? Error { get; init; }

    /// <summary>Why the last start of the build failed, if the cause is temporary and the build was planned again.</summary>
    public StepError? Refused { get; init; }
}
