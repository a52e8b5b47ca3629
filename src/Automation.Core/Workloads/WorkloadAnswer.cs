namespace Automation.Core.Workloads;

/// <summary>What all services together say about the workloads.</summary>
/// <param name="Unknown">Why a service cannot say; null if all can.</param>
public sealed record WorkloadAnswer(WorkloadSurvey Survey, string? Unknown);
