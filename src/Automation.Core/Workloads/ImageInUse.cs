using Automation.Core.Images;

namespace Automation.Core.Workloads;

/// <summary>One image of a repository with the workloads that name it.</summary>
/// <param name="Digest">Null if the workloads name only a tag.</param>
/// <param name="Tag">Null if the digest is known.</param>
/// <param name="IsUncertain">Whether a running workload names only a tag, which may have moved since the start.</param>
/// <param name="More">How many workloads are not listed.</param>
public sealed record ImageInUse(Digest? Digest, string? Tag, IReadOnlyList<Workload> Workloads, bool IsUncertain, int More);
