namespace Automation.LocalCloud.ImageBuilder;

/// <summary>An order that builds fail.</summary>
/// <param name="Pattern">Name of a pipeline or of an image (its recipe's name); <c>*</c> stands for any text.</param>
/// <param name="Reason">What <c>state.reason</c> says.</param>
/// <param name="AtStatus">The state at whose end the build fails: CREATING, BUILDING, TESTING, DISTRIBUTING or INTEGRATING.</param>
/// <param name="Builds">How many builds it still hits; null for all.</param>
public sealed record BuildOutcome(
    string Pattern,
    string Reason,
    string AtStatus = "BUILDING",
    BuildFailureKind Kind = BuildFailureKind.Component,
    int? Builds = null);
