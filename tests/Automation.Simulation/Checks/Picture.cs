using System.Text;
using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Simulation.Checks;

/// <summary>What the world looks like at one moment, whichever gear it runs in.</summary>
/// <param name="Running">Executions that run, with the state that each is in.</param>
internal sealed record Picture(DateTimeOffset Now, IReadOnlyList<ImagePicture> Images, IReadOnlyList<(string Execution, string State)> Running)
{
    /// <summary>Without digests and times, so that the same history can be compared from gear to gear.</summary>
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
                    text.AppendLine($"  {region.Region}{(region.Immutable ? " immutable" : "")}: {string.Join(", ", region.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={image.NameOf(tag.Value)}"))}");
                }
            }

            return text.ToString();
        }
    }
}

/// <param name="HeldByHand">The hold was set by a person, not by a rollback.</param>
/// <param name="Base">What its base's tag is on; null: there is no such tag.</param>
/// <param name="Builds">Oldest first; those whose record is there.</param>
internal sealed record ImagePicture(
    string Image,
    bool Enabled,
    Hold? Hold,
    bool HeldByHand,
    Digest? Base,
    IReadOnlyList<BuildPicture> Builds,
    IReadOnlyList<RegionPicture> Regions)
{
    /// <summary>Whose the floating tags are: the newest promoted build that is still AVAILABLE; while a rollback's hold is set, its target or, if
    /// that is gone, the newest promoted one before it.</summary>
    public BuildPicture? Owner => Builds.LastOrDefault(build => build.State == BuildState.Available
        && (Hold?.Target is not { } target || ImageVersion.Parse(build.Version) <= target)
        && (build.Mark == "promoted" || build.Version == Hold?.Target?.ToString()));

    public string NameOf(Digest digest) => Builds.FirstOrDefault(build => build.Digest == digest)?.Version
        ?? "a stranger";
}

/// <param name="Digest">What came out of it.</param>
internal sealed record BuildPicture(string Version, BuildState State, Digest? Digest, IReadOnlyDictionary<string, string> Tags)
{
    public string? Mark => Tags.GetValueOrDefault(BuildTags.Release);

    /// <summary>The digest by which the automation knows it.</summary>
    public Digest? Known => Core.Images.Digest.TryParse(Tags.GetValueOrDefault(BuildTags.Digest), out var recorded) ? recorded : Digest;
}

/// <param name="Images">What there is, by digest.</param>
internal sealed record RegionPicture(string Region, bool Exists, bool Immutable, IReadOnlyDictionary<string, Digest> Tags, IReadOnlySet<Digest> Images);
