using Automation.Core.Builds;

namespace Automation.Core.Promotion;

/// <summary>A release or rollback that must run. Its execution name prevents a second start.</summary>
/// <param name="Resumes">Whether it resumes or repeats an earlier one, and does not ask again what that one passed.</param>
/// <param name="Explicit">Whether a person requested the release that it resumes.</param>
/// <param name="IsRollback">Whether it resumes a rollback.</param>
public sealed record DueRelease(
    string Image, BuildRecord Build, int Attempt, string ExecutionName, Reason Reason, bool Resumes = false, bool Explicit = false, bool IsRollback = false);
