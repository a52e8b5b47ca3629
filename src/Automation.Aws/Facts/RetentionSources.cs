using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>What retention asks besides the repository and the records. Serves one run: it reads nothing twice.</summary>
public sealed record RetentionSources(IReadOnlyList<IUsageSource> Usages, BuildOwnerReader Owners);
