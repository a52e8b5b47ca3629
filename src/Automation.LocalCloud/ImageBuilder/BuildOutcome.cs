namespace Automation.LocalCloud.ImageBuilder;

/// <summary>An injected build failure.</summary>
/// <param name="Pattern">The name of a pipeline or of an image (its recipe's name); <c>*</c> matches any text.</param>
/// <param name="Reason">The text of <c>state.reason</c>.</param>
/// <param name="AtStatus">The state at the end of which the build fails: CREATING, BUILDING, TESTING, DISTRIBUTING or INTEGRATING.</param>
/// <param name="Builds">The number of builds that will still fail; null means all.</param>
public sealed record BuildOutcome(
    string Pattern,
    string Reason,
    string AtStatus = "BUILDING",
    BuildFailureKind Kind = BuildFailureKind.Component,
    int? Builds = null);
