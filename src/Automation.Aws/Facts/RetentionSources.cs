using Automation.Aws.Workloads;
using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>The sources of retention besides the repository and the records. An instance serves one image in one run and reads nothing twice.</summary>
/// <param name="Usages">They answer for any image, so the images of a run may share them.</param>
/// <param name="Owners">Belong to one image, because build numbers count per recipe.</param>
/// <param name="Workloads">Read again right before a deletion; null if the catalog names no usage sources.</param>
public sealed record RetentionSources(IReadOnlyList<IUsageSource> Usages, BuildOwnerReader Owners, WorkloadSource? Workloads = null);
