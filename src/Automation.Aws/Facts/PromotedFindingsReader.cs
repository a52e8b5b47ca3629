using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Ports;
using Automation.Core.Promotion;

namespace Automation.Aws.Facts;

/// <summary>Reads the findings of the image that is promoted now, in the first Region that it is promoted to.</summary>
public sealed class PromotedFindingsReader(IRegistry registry, AwsScope scope)
{
    /// <summary>Reads nothing if the catalog does not ask for findings after a promotion.</summary>
    /// <returns>Null if nothing is promoted or nothing was read.</returns>
    public async Task<PromotedFindings?> ReadAsync(BuildFacts facts, CancellationToken cancellationToken)
    {
        if (PromotedFindings.BuildOf(facts) is not { Digest: { } digest } build)
        {
            return null;
        }

        try
        {
            var (region, withEpss) = (scope.RegionsOf(facts.Image)[0], facts.Image.Promote.Gate?.Epss is not null);
            return new PromotedFindings(build, await registry.ReadScanAsync(region, facts.Image.Repository, digest, withEpss, cancellationToken));
        }
        catch (AutomationException e)
        {
            return new PromotedFindings(build, null) { Unreadable = e.Message };
        }
    }

    /// <summary>Adds <see cref="BuildFacts.Findings"/>.</summary>
    public async Task<BuildFacts> WithFindingsAsync(BuildFacts facts, CancellationToken cancellationToken) => facts.Image.Build.RebuildOnFindings is null
        ? facts
        : facts with { Findings = (await ReadAsync(facts, cancellationToken))?.ForBuild(facts.Image, facts.Now) };

    /// <summary>Starts a basic scan if the last one is a day old. Nobody can start an enhanced scan, so a registry that uses enhanced scanning is not
    /// asked for one, however long an image stays without.</summary>
    /// <returns>What happened, for the log; null if no scan is due, or if none can be started.</returns>
    public async Task<string?> RenewAsync(BuildFacts facts, PromotedFindings? promoted, CancellationToken cancellationToken)
    {
        if (promoted is not { Build.Digest: { } digest } || !promoted.IsScanDue(facts.Now))
        {
            return null;
        }

        var region = scope.RegionsOf(facts.Image)[0];
        try
        {
            return promoted.Scan is null && (await registry.ReadScanningAsync(region, cancellationToken)).IsEnhanced ? null
                : (await registry.StartScanAsync(region, facts.Image.Repository, digest, cancellationToken)).ToString();
        }
        catch (AutomationException e)
        {
            return e.Message;
        }
    }
}
