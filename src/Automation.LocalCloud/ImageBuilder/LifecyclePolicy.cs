using System.Text.Json;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_LifecyclePolicy.html</summary>
internal sealed record LifecyclePolicy
{
    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Description { get; init; }

    public string Status { get; set; } = "ENABLED";

    public string ExecutionRole { get; set; } = "";

    public string ResourceType { get; set; } = "";

    public IReadOnlyList<LifecycleRule> PolicyDetails { get; set; } = [];

    public LifecycleSelection ResourceSelection { get; set; } = new();

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Updated { get; init; }

    public DateTimeOffset? LastRun { get; init; }

    /// <summary>Null while it is disabled.</summary>
    public DateTimeOffset? NextRun { get; init; }

    public bool IsEnabled => Status == "ENABLED";
}

/// <summary>One of <c>policyDetails</c>.</summary>
internal sealed record LifecycleRule(LifecycleAction Action, LifecycleFilter Filter, LifecycleExclusions? ExclusionRules = null);

/// <param name="Type">DELETE; the others are not available for container images.</param>
internal sealed record LifecycleAction(string Type, LifecycleIncludes? IncludeResources = null);

internal sealed record LifecycleIncludes(bool? Amis = null, bool? Snapshots = null, bool? Containers = null);

/// <param name="Type">AGE with a unit, or COUNT.</param>
internal sealed record LifecycleFilter(string Type, int Value, string? Unit = null, int? RetainAtLeast = null);

internal sealed record LifecycleExclusions(IReadOnlyDictionary<string, string>? TagMap = null, JsonElement? Amis = null);

internal sealed record LifecycleSelection(IReadOnlyList<LifecycleRecipe>? Recipes = null, IReadOnlyDictionary<string, string>? TagMap = null);

/// <param name="SemanticVersion">May have wildcards: <c>1.0.x</c>.</param>
internal sealed record LifecycleRecipe(string Name, string SemanticVersion);

/// <summary>One run of a policy.</summary>
internal sealed record LifecycleExecution(
    string Id, string PolicyArn, string Status, DateTimeOffset Started, DateTimeOffset? Ended, IReadOnlyList<LifecycleResult> Results);

/// <param name="Status">SUCCESS, SKIPPED or FAILED.</param>
internal sealed record LifecycleResult(string ImageArn, string Status, string? Reason, IReadOnlyList<string> ImageUris);
