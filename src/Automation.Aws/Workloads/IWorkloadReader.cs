using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Workloads;

namespace Automation.Aws.Workloads;

/// <summary>Reads which images one service runs.</summary>
internal interface IWorkloadReader
{
    UsageKind Kind { get; }

    /// <exception cref="AutomationException">The service refuses or does not answer.</exception>
    Task ReadAsync(WorkloadAccess access, WorkloadSurvey survey, CancellationToken cancellationToken);
}
