using Automation.Core.Workloads;

namespace Automation.Cli.Reports;

/// <summary>One place where an image runs, or would be started.</summary>
/// <param name="Use"><c>runs</c>, <c>would-run</c>, or <c>unknown</c> if usage could not be read.</param>
/// <param name="Version">Null if no build has the digest.</param>
/// <param name="Digest">Null if the tag does not exist.</param>
/// <param name="Tag">The tag by which the workload names the image; null if it names a digest.</param>
/// <param name="Where">The place in words, or why it is unknown.</param>
internal sealed record ImageUse(string Image, string Use, string? Region, string? Version, string? Digest, string? Tag, string Where)
{
    public string? Account { get; init; }

    public DateTimeOffset? Since { get; init; }

    public static ImageUse Of(string image, string region, string? version, string? digest, string? tag, Workload workload) =>
        new(image, workload.Runs ? "runs" : "would-run", region, version, digest, tag, workload.Where) { Account = workload.Account, Since = workload.Since };
}
