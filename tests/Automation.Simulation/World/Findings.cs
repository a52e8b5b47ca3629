using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Simulation.World;

/// <summary>What scans find and who signed what, as the registry of the fast gear shows it.</summary>
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

    public Vulnerabilities Vulnerabilities { get; } = new(world.Setup);

    /// <summary>The images that the gate refuses now, among those of all repositories.</summary>
    public HashSet<Digest> Refused()
    {
        var refused = Vulnerabilities.Found.Where(digest => Vulnerabilities.Blocks(digest, world.Timers.Now)).ToHashSet();
        if (world.Setup.Signed)
        {
            refused.UnionWith(world.Registry.Repositories.Values.SelectMany(repository => repository.Images).Select(image => image.Digest).Except(_signed));
        }

        return refused;
    }

    public void Sign(Digest digest, bool trusted) => _ = (trusted ? _signed : _signedByOthers).Add(digest);

    public ScanFacts Scan(Digest digest, bool done, bool withEpss)
    {
        var now = world.Calls.Current?.Now ?? world.Timers.Now;
        world.Watch.ScanRead(digest, Vulnerabilities.Blocks(digest, now), Vulnerabilities.Found.Contains(digest));
        return done ? Vulnerabilities.Scan(digest, withEpss) : new ScanFacts("IN_PROGRESS", null, new Dictionary<Core.Catalog.Severity, int>(), []);
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
