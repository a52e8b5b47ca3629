using Automation.Core.Workloads;

namespace Automation.Core.Ports;

/// <summary>Which images of the catalog workloads run, in every account and Region that its <c>usage</c> names.</summary>
public interface IWorkloads
{
    /// <summary>A new answer.</summary>
    /// <exception cref="TransientException">A service does not answer at the moment.</exception>
    Task<WorkloadAnswer> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>An answer of the last hours, or a new one.</summary>
    /// <returns>The answer, and whether it is new.</returns>
    /// <exception cref="TransientException">A service does not answer at the moment.</exception>
    Task<(WorkloadAnswer Answer, bool IsNew)> ReadSharedAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
