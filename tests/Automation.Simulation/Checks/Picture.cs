using System.Text;
using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Simulation.Checks;

/// <summary>The state of the world at one moment, in either gear.</summary>
/// <param name="Running">The running executions, each with its state.</param>
internal sealed record Picture(DateTimeOffset Now, IReadOnlyList<ImagePicture> Images, IReadOnlyList<(string Execution, string State)> Running)
{
    /// <summary>Without digests and times, so that the same history can be compared between gears.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            foreach (var image in Images)
            {
                text.AppendLine($"{image.Image}{(image.Enabled ? "" : " disabled")}{(image.Hold is { } hold ? $" held ({hold.Scope})" : "")}");
                foreach (var build in image.Builds)
                {
                    text.AppendLine($"  {build.Version} {build.State} {build.Mark} {build.Tags.GetValueOrDefault(BuildTags.Cause)?.Split(':')[0]}");
                }

                foreach (var region in image.Regions)
                {
                    text.AppendLine(
                        $"  {region.Region}{(region.Immutable ? " immutable" : "")}: {string.Join(", ", region.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={image.NameOf(tag.Value)}"))}");
                }
            }

            return text.ToString();
        }
    }
}

/// <param name="HeldByHand">Whether a person set the hold, not a rollback.</param>
/// <param name="Base">The digest under its base's tag; null if the tag does not exist.</param>
/// <param name="Builds">The builds with a record, oldest first.</param>
internal sealed record ImagePicture(
    string Image,
    bool Enabled,
    Hold? Hold,
    bool HeldByHand,
    Digest? Base,
    IReadOnlyList<BuildPicture> Builds,
    IReadOnlyList<RegionPicture> Regions)
{
    /// <summary>Whether its pipeline exists.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>Whether a tag of the pipeline or a build has an odd value now.</summary>
    public bool Odd { get; init; }

    /// <summary>Whether the findings of the base allow no build on it.</summary>
    public bool BaseRefused { get; init; }

    /// <summary>The digests that the gate stops.</summary>
    public required IReadOnlySet<Digest> Vulnerable { get; init; }

    /// <summary>The owner of the floating tags: the newest promoted build that is still AVAILABLE; during a rollback's hold its target or, if
    /// that does not exist, the newest promoted build before it.</summary>
    public BuildPicture? Owner => Builds.LastOrDefault(build => build.State == BuildState.Available
        && (Hold?.Target is not { } target || ImageVersion.Parse(build.Version) <= target)
        && (build.Mark == "promoted" || build.Version == Hold?.Target?.ToString()));

    public string NameOf(Digest digest) => Builds.FirstOrDefault(build => build.Digest == digest)?.Version
        ?? "a stranger";
}

/// <param name="Digest">The digest of its image.</param>
internal sealed record BuildPicture(string Version, BuildState State, Digest? Digest, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>A retry of the failed build cannot help.</summary>
    public bool FailedPermanently { get; init; }

    public string? Mark => Tags.GetValueOrDefault(BuildTags.Release);

    /// <summary>The digest by which the automation identifies it.</summary>
    public Digest? Known => Core.Images.Digest.TryParse(Tags.GetValueOrDefault(BuildTags.Digest), out var recorded) ? recorded : Digest;
}

/// <param name="Images">The existing images, by digest.</param>
internal sealed record RegionPicture(string Region, bool Exists, bool Immutable, IReadOnlyDictionary<string, Digest> Tags, IReadOnlySet<Digest> Images);
