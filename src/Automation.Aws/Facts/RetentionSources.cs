using Automation.Aws.Workloads;
using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>The sources of retention besides the repository and the records. An instance serves one run and reads nothing twice.</summary>
/// <param name="Workloads">Asked again right before a deletion; null if nobody asks for workloads.</param>
public sealed record RetentionSources(IReadOnlyList<IUsageSource> Usages, BuildOwnerReader Owners, WorkloadSource? Workloads = null);
