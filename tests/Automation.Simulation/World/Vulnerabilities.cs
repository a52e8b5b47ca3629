using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Simulation.World;

/// <summary>The scores of a finding, and when its vulnerability was published. Null is unknown.</summary>
internal sealed record Rating(double? Cvss, double? Epss, DateTimeOffset? PublishedAt);

/// <summary>
/// What scans find in both gears, and whether the catalog lets it block, by this class's own reckoning. Every image has the same finding or none, so
/// the findings of two images are one set.
/// </summary>
internal sealed class Vulnerabilities(Setup setup)
{
    public const string Id = "CVE-2026-0001";

    private static readonly Rating Unknown = new(null, null, null);
    private readonly Dictionary<Digest, Rating> _ratings = [];
    private readonly HashSet<Digest> _found = [];
    private readonly HashSet<Digest> _fixable = [];

    /// <summary>Images with a finding.</summary>
    public IReadOnlySet<Digest> Found => _found;

    public bool IsFixable(Digest digest) => _fixable.Contains(digest);

    public Rating RatingOf(Digest digest) => _ratings.GetValueOrDefault(digest, Unknown);

    /// <summary>Applies a move to the image that it names.</summary>
    public void Apply(Move move, Digest digest, DateTimeOffset now)
    {
        switch (move)
        {
            case SetVulnerable { Vulnerable: var found }:
                Set(_found, digest, found);
                break;
            case SetBaseVulnerable { Vulnerable: var found }:
                Set(_found, digest, found);
                break;
            case SetFix { Exists: var exists }:
                Set(_fixable, digest, exists);
                break;
            case SetScores scores:
                _ratings[digest] = RatingOf(digest) with { Cvss = scores.Cvss, Epss = scores.Epss };
                break;
            case SetPublished { HoursAgo: var hours }:
                _ratings[digest] = RatingOf(digest) with { PublishedAt = now.AddHours(-hours) };
                break;
        }
    }

    /// <summary>Whether the finding of an image counts for its own gate and for the alert.</summary>
    public bool Blocks(Digest digest, DateTimeOffset now)
    {
        var (cvss, epss, published) = RatingOf(digest);
        return _found.Contains(digest)
            && (_fixable.Contains(digest) || !(setup.Fixable || setup.Grace))
            && !(setup.Cvss && cvss < Setup.CvssLimit)
            && !(setup.Epss && epss < Setup.EpssLimit)
            && !(setup.Grace && published?.AddDays(Setup.GraceDays) > now);
    }

    /// <param name="withEpss">Whether the caller reads the EPSS scores, which takes a call of its own.</param>
    public ScanFacts Scan(Digest digest, bool withEpss)
    {
        if (!_found.Contains(digest))
        {
            return new ScanFacts("COMPLETE", null, new Dictionary<Severity, int>(), []);
        }

        var (cvss, epss, published) = RatingOf(digest);
        return new ScanFacts("COMPLETE", null, new Dictionary<Severity, int> { [Severity.High] = 1 },
        [
            new Finding(Id, Severity.High)
            {
                IsFixable = setup.HasNewGates ? _fixable.Contains(digest) : null,
                Cvss = cvss,
                Epss = withEpss ? epss : null,
                PublishedAt = published,
            },
        ]);
    }

    private static void Set(HashSet<Digest> set, Digest digest, bool isIn) => _ = isIn ? set.Add(digest) : set.Remove(digest);
}
