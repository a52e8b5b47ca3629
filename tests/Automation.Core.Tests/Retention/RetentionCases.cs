using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;
using Automation.Core.Workloads;
using CsCheck;

namespace Automation.Core.Tests.Retention;

/// <summary>Generates repositories, records and owners of any kind, for properties of retention.</summary>
internal static class RetentionCases
{
    public static readonly DateTimeOffset Now = Sample.Noon;
    public static readonly string[] TagPool = ["latest", "1.0", "keep-me", "edge", "1.0.0-1", "1.0.0-2", "1.0.0-3", "1.1.0-1", "v2", "prod", "9.9.9-9"];
    public static readonly Gen<DateTimeOffset> Past = Gen.Int[0, 60].Select(days => Now.AddDays(-days));
    public static readonly Gen<DateTimeOffset?> PerhapsPast = Gen.Int[-60, 60].Select(days => days < 0 ? (DateTimeOffset?)null : Now.AddDays(-days));

    public static readonly Gen<RetentionRules> Rules =
        Gen.Select(Gen.Int[1, 4], Gen.Int[-10, 10], Gen.Int[0, 10], Gen.Int[0, 5], Gen.Int[0, 20], Gen.Int[1, 100])
        .Select((last, days, pulled, grace, failed, percent) => new RetentionRules
        {
            Mode = RetentionMode.Delete,
            KeepLast = last,
            KeepDays = Math.Max(0, days),
            KeepPulledDays = pulled,
            GraceDays = grace,
            FailedDays = failed,
            MaxDeletePercent = Math.Max(percent, 40),
            ProtectedTags = [TagPattern.Parse("keep-*")],
        });

    // Often so young that its release is still running.
    public static readonly Gen<DateTimeOffset> Begun = Gen.OneOf(Gen.Int[1, 150], Gen.Int[0, 60 * 24 * 60]).Select(minutes => Now.AddMinutes(-minutes));

    public static readonly Gen<BuildRecord> Build = Gen.Select(Gen.Int[0, 3], Gen.Int[1, 8], Begun,
        Gen.Enum<BuildState>(), Gen.Int[-1, 20], PerhapsPast, PerhapsPast, Gen.Enum<ReleaseState>())
        .Select((minor, number, at, state, digest, superseded, deprecated, release) => Sample.Build($"1.{minor % 3}.0/{number}", at, state) with
        {
            // The pipeline has had two recipes, each of which counts its own versions.
            Arn = Sample.Arn($"1.{minor % 3}.0/{number}").Replace("image/app/", minor == 3 ? "image/other/" : "image/app/", StringComparison.Ordinal),
            Digest = digest < 0 ? null : Sample.Digest(digest),
            SupersededAt = superseded,
            DeprecatedAt = state == BuildState.Deprecated ? deprecated : null,
            Release = digest % 5 == 0 ? null : new ReleaseMark(release, 1, at),
            Cause = number % 2 == 0 ? "first" : null,
            PromotedAt = release == ReleaseState.Promoted && digest % 5 != 0 ? at.AddHours(1) : null,
        });

    // References lead only to lower numbers: manifests name their targets by hash, so there are no cycles.
    public static readonly Gen<RetentionFacts> Facts = Gen.Select(
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 20].Array[0, 3], Gen.Int[-30, 20], Past, PerhapsPast, Gen.Int[-8, 8]).Array[1, 20],
        Build.Array[0, 12], Gen.Int[0, 25].Array[0, 3], Rules)
        .Select((images, builds, used, rules) => new RetentionFacts
        {
            Image = Sample.App(retain: rules),
            Region = "eu-west-1",
            Images = [.. images.Select((image, i) =>
            {
                var (kind, children, subject, pushed, pulled, tag) = image;
                return new StoredImage(Sample.Digest(i), Tags(images, i, tag), pushed, pulled,
                    kind == 0 ? "application/vnd.oci.image.index.v1+json" : "application/vnd.oci.image.manifest.v1+json",
                    subject >= 0 && subject < i ? Sample.Digest(subject) : null,
                    kind == 0 ? (children.Length == 3 ? null : [.. children.Where(child => child < i).Distinct().Select(Sample.Digest)]) : []);
            })],
            Builds = [.. builds.DistinctBy(build => build.Arn)],
            Usages = [.. used.Select(digest => new Usage(Sample.Digest(digest), ReasonCode.InUse, "is used by another resource"))],
            Now = Now,
        })
        .Select(facts => facts with { Usages = [.. facts.Usages, .. Pulled(facts)] })
        .SelectMany(facts => Owner.Array[TagPool.Length].Select(owners => facts with { Owners = OwnersOf(owners) }));

    /// <summary>Mostly no owner: everything that others own is kept, and then there is nothing to decide.</summary>
    public static Gen<BuildOwner> Owner => Gen.Frequency(
        (8, Gen.Const<BuildOwner>(new BuildOwner.None())),
        (1, Gen.Const<BuildOwner>(new BuildOwner.Others("arn:aws:imagebuilder:eu-west-1:111122223333:image/theirs/1.0.0/1"))),
        (1, Gen.Const<BuildOwner>(new BuildOwner.Unknown("denied"))));

    /// <summary>The images of one Region and the records in another. The other Region may have other images of the same builds, or none.</summary>
    public static readonly Gen<(RetentionFacts Abroad, RetentionFacts Home)> TwoRegions = Gen.Select(Facts, Facts, Gen.Int[0, 3])
        .Select((abroad, home, kind) => (
        abroad with { Region = "us-east-1", OwnsRecords = false, Builds = home.Builds },
        home with
        {
            Image = abroad.Image,
            HasRepository = kind > 0,
            Images = kind == 0 ? [] : home.Images,
            Usages = kind == 0 ? [] : home.Usages,
            UsageUnknown = kind == 1 ? "nobody knows" : null,
        }));

    /// <summary>Workloads that name digests and tags of the repository, and some that are not there.</summary>
    public static readonly Gen<ImageInUse[]> InUse =
        Gen.Select(Gen.Int[0, 12], Gen.Bool, Gen.OneOf([.. new[] { "latest", "1.0", "v2", "1.0.0-1", "1.0.0-2", "gone" }.Select(Gen.Const)]), Gen.Bool)
        .Select((digest, byDigest, tag, runs) => new ImageInUse(
            byDigest ? Sample.Digest(digest) : null,
            byDigest ? null : tag,
            [new Workload(UsageKind.Ecs, "111122223333", "eu-west-1", "service web of cluster prod", runs)],
            IsUncertain: !byDigest && runs,
            0))
        .Array[0, 4];

    public static BuildOwners OwnersOf(BuildOwner[] owners)
    {
        var builds = TagPool.Zip(owners).Where(pair => ImageVersion.TryParse(pair.First, out _))
            .ToDictionary(pair => ImageVersion.Parse(pair.First), pair => pair.Second);
        return Sample.NoOthers([.. builds.Keys, .. Enumerable.Range(0, 3).Select(minor => new ImageVersion(1, minor, 0, 1))], builds);
    }

    public static IReadOnlyList<Usage> Pulled(RetentionFacts facts) => PullUsages.Of(facts);

    public static string[] Tags<T>(T[] images, int i, int tag)
    {
        // A tag is on one image at a time, so each position gets its own tags from the pool.
        return tag >= 0 && tag == i % TagPool.Length && i < TagPool.Length && images.Length > 0 ? [TagPool[tag]]
            : i < TagPool.Length && tag < -4 ? [TagPool[i]] : [];
    }
}
