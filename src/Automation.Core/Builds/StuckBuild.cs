namespace Automation.Core.Builds;

/// <summary>Why no build starts until a person acts.</summary>
/// <param name="At">The build that failed last, or the name of the pipeline or recipe. A different value is a new incident.</param>
public sealed record StuckBuild(Reason Why, string At);
