namespace Automation.Core.Promotion;

/// <summary>What the execution was started for.</summary>
/// <param name="Resumes">Whether it resumes a release that stopped.</param>
/// <param name="Explicit">Whether a person requested this release.</param>
public sealed record ReleaseRequest(string Execution, bool IsRollback, bool Resumes, bool Explicit, int Attempt, DateTimeOffset Now);
