using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>The sources of retention besides the repository and the records. An instance serves one run and reads nothing twice.</summary>
public sealed record RetentionSources(IReadOnlyList<IUsageSource> Usages, BuildOwnerReader Owners);
