using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Simulation.World;

/// <summary>What scans find and who signed what. Every image has the same finding or none, so the findings of two images are one set.</summary>
internal sealed class Findings(SimulatedWorld world)
{
    /// <summary>How long after the push of an image its scan ends.</summary>
    public static readonly TimeSpan ScanTime = TimeSpan.FromMinutes(1);

    /// <summary>How long after its push the signer signs an image.</summary>
    public static readonly TimeSpan SigningTime = TimeSpan.FromMinutes(3);

    private const string Profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles";
    private readonly HashSet<Digest> _signed = [];
    private readonly HashSet<Digest> _signedByOthers = [];

    /// <summary>The signing profile that the catalog accepts.</summary>
    public const string Signer = Profile + "/images";

    /// <summary>Images with a finding.</summary>
    public HashSet<Digest> Vulnerable { get; } = [];

    /// <summary>Images whose finding has a fix, whether they have the finding now or not.</summary>
    public HashSet<Digest> Fixable { get; } = [];

    /// <summary>Whether the finding of an image counts for its own gate and for the alert.</summary>
    public bool Blocks(Digest digest) => Vulnerable.Contains(digest) && (!world.Setup.Fixable || Fixable.Contains(digest));

    /// <summary>The images that the gate refuses now, among those of all repositories.</summary>
    public HashSet<Digest> Refused()
    {
        var refused = Vulnerable.Where(Blocks).ToHashSet();
        if (world.Setup.Signed)
        {
            refused.UnionWith(world.Registry.Repositories.Values.SelectMany(repository => repository.Images).Select(image => image.Digest).Except(_signed));
        }

        return refused;
    }

    public void Sign(Digest digest, bool trusted) => _ = (trusted ? _signed : _signedByOthers).Add(digest);

    public ScanFacts Scan(Digest digest, bool done)
    {
        world.Watch.ScanRead(digest, Blocks(digest), Vulnerable.Contains(digest));
        var none = new Dictionary<Severity, int>();
        return !done ? new ScanFacts("IN_PROGRESS", null, none, [])
            : !Vulnerable.Contains(digest) ? new ScanFacts("COMPLETE", null, none, [])
            : new ScanFacts("COMPLETE", null, new Dictionary<Severity, int> { [Severity.High] = 1 },
                [new Finding("CVE-2026-0001", Severity.High) { IsFixable = world.Setup.HasNewGates ? Fixable.Contains(digest) : null }]);
    }

    public FoundSignatures SignaturesOf(Digest digest)
    {
        world.Watch.SignaturesRead(digest, _signed.Contains(digest));
        return new FoundSignatures([
            .. _signedByOthers.Contains(digest) ? [By("others")] : Array.Empty<ImageSignature>(),
            .. _signed.Contains(digest) ? [By("images")] : Array.Empty<ImageSignature>(),
        ]);

        ImageSignature By(string profile) => new(digest) { Subject = digest, ProfileVersion = $"{Profile}/{profile}/awUPb84ibN" };
    }
}
