using Automation.Core.Builds;
using Automation.Core.Ports;
using Automation.Core.Promotion;

namespace Automation.Aws.Facts;

/// <summary>Reads the findings of the image that is promoted now, in the first Region that it is promoted to.</summary>
public sealed class PromotedFindingsReader(IRegistry registry, AwsScope scope)
{
    /// <summary>Reads nothing if the catalog does not ask for findings after a promotion.</summary>
    /// <returns>Null if nothing is promoted or nothing was read.</returns>
    public async Task<PromotedFindings?> ReadAsync(BuildFacts facts, CancellationToken cancellationToken) =>
        PromotedFindings.BuildOf(facts) is not { Digest: { } digest } build ? null : new PromotedFindings(build, await registry.ReadScanAsync(
            scope.RegionsOf(facts.Image)[0], facts.Image.Repository, digest, withEpss: facts.Image.Promote.Gate?.Epss is not null, cancellationToken));

    /// <summary>Adds <see cref="BuildFacts.Findings"/>.</summary>
    public async Task<BuildFacts> WithFindingsAsync(BuildFacts facts, CancellationToken cancellationToken) => facts.Image.Build.RebuildOnFindings is null
        ? facts
        : facts with { Findings = (await ReadAsync(facts, cancellationToken))?.ForBuild(facts.Image, facts.Now) };

    /// <summary>Starts a basic scan if the last one is a day old.</summary>
    /// <returns>The service's answer; null if no scan is due.</returns>
    public async Task<ScanStart?> RenewAsync(BuildFacts facts, PromotedFindings? promoted, CancellationToken cancellationToken) =>
        promoted is { Build.Digest: { } digest } && promoted.IsScanDue(facts.Now)
            ? await registry.StartScanAsync(scope.RegionsOf(facts.Image)[0], facts.Image.Repository, digest, cancellationToken)
            : null;
}
