using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Incidents;
using Automation.Simulation.Machine;
using Automation.Simulation.World;

namespace Automation.Simulation.Checks;

/// <summary>The promises about signatures, findings on the base and after the promotion, and unreadable usage.</summary>
internal sealed partial class Invariants
{
    private readonly HashSet<Digest> _unsigned = [];
    private readonly HashSet<Digest> _found = [];
    private bool _usageUnknown;
    private DateTimeOffset _reconciledAt;

    /// <summary>The running function reads the scan of a digest.</summary>
    /// <param name="blocks">Whether the gate of the image must refuse it.</param>
    /// <param name="vulnerable">Whether it has a finding at all.</param>
    public void ScanRead(Digest digest, bool blocks, bool vulnerable)
    {
        _ = blocks ? _vulnerable.Add(digest) : _vulnerable.Remove(digest);
        _ = vulnerable ? _found.Add(digest) : _found.Remove(digest);
    }

    public void SignaturesRead(Digest digest, bool valid) => _ = valid ? _unsigned.Remove(digest) : _unsigned.Add(digest);

    /// <summary>The running function reads which images run.</summary>
    public void UsageRead(bool known) => _usageUnknown = !known;

    /// <summary>An incident begins. Findings are reported once for each image and severity.</summary>
    public void IncidentBegins(IncidentId id)
    {
        if (id.Kind != IncidentKind.Vulnerable)
        {
            return;
        }

        if (!Setup.Findings)
        {
            Broken("findings-unasked", $"findings on {id.Image} are reported without alertOnFindings");
        }

        if (world.Incidents.Open.Exists(open => open.Id == id))
        {
            Broken("findings-twice", $"the findings of {id.About} on {id.Image} are reported twice");
        }

        if (!world.Builder.Of(id.Image).Any(build => Known(build) is { } digest && _vulnerable.Contains(digest)))
        {
            Broken("findings-untrue", $"findings on {id.Image} are reported, and no scan of its builds has one");
        }
    }

    private void CheckGate(string image, Digest digest)
    {
        if (Setup.Signed && _unsigned.Contains(digest))
        {
            Broken("unsigned", $"the gate passed {image} {digest.Short12}, which no trusted signer signed");
        }
    }

    private void CheckPlan(string image, Value plan)
    {
        if (Setup.BaseGate && plan.GetProperty("decision").GetString() == "start"
            && plan.GetProperty("order").GetProperty("tags").TryGetProperty(BuildTags.BaseDigest, out var tag)
            && Digest.TryParse(tag.GetString(), out var digest) && _found.Contains(digest))
        {
            Broken("bad-base", $"{image} is built on {digest.Short12}, which has a finding of HIGH");
        }
    }

    private void CheckRebuild(string image, string cause)
    {
        if (!Setup.Findings)
        {
            Broken("rebuild-unasked", $"{image} is rebuilt for findings without rebuildOnFindings");
        }

        if (world.Builder.Of(image).FirstOrDefault(build => build is { Deleted: false, Pipeline: not null }
            && build.Tags.GetValueOrDefault(BuildTags.Cause) == cause && (build.State.IsRunning() || build.State.Succeeded())) is { } before)
        {
            Broken("rebuilt-twice", $"{image} is rebuilt for the same findings as {before.Version}");
        }
    }

    private void CheckUsage(string what)
    {
        if (_usageUnknown)
        {
            Broken("deleted-unknown-use", $"{what} although it is not known which images run");
        }
    }

    /// <summary>At rest, an incident is open if the image that is promoted now has findings.</summary>
    public IEnumerable<Violation> FindingsProblems(Picture picture)
    {
        foreach (var image in Setup.Findings ? picture.Images.Where(image => image is { Exists: true, Odd: false }) : [])
        {
            // Without the image in the first Region there is no scan, and a scan takes a minute. Until it has ended, nothing new is known.
            if (image.Owner is not { Known: { } digest, State: BuildState.Available }
                || world.Registry.Find(Setup.Home, Setup.RepositoryOf(image.Image))?.Find(digest) is not { } stored
                || stored.PushedAt + Findings.ScanTime > picture.Now

                // The reconcile reports findings, and it did not see what was promoted after it.
                || (DateTimeOffset.TryParse(image.Owner.Tags.GetValueOrDefault(BuildTags.PromotedAt), CultureInfo.InvariantCulture, out var promoted)
                    && promoted > _reconciledAt))
            {
                continue;
            }

            var open = world.Incidents.Open.Exists(incident => incident.Id.Image == image.Image && incident.Id.Kind == IncidentKind.Vulnerable);
            var found = world.Findings.Vulnerabilities;

            // A grace period may end between the last reconcile and now.
            if (open != found.Blocks(digest, picture.Now) && open != found.Blocks(digest, _reconciledAt))
            {
                yield return open
                    ? new Violation("findings-outdated", $"{image.Image} {digest.Short12} is promoted without a finding, and an incident is open", picture.Now)
                    : new Violation("findings-unreported", $"{image.Image} {digest.Short12} is promoted with a finding, and no incident is open", picture.Now);
            }
        }
    }
}
