using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Cli.Web;

/// <summary>One image: its status, its builds, and what retention will do with them.</summary>
/// <param name="History">As <c>automation why</c> shows it; null if it cannot be read, for the reason in <paramref name="Problem"/>.</param>
/// <param name="Scans">The scans of the newest builds with an image.</param>
/// <param name="Tags">The tags of all builds in each Region.</param>
/// <param name="Plan">As <c>automation plan IMAGE</c> shows it.</param>
/// <param name="Uses">As <c>automation why IMAGE --in-use</c> shows them.</param>
internal sealed record ImageView(
    Place Place, FleetImage Image, BuildHistory? History, IReadOnlyList<ScanView> Scans, IReadOnlyList<ImageTags> Tags, ImagePlan Plan,
    IReadOnlyList<ImageUse> Uses, string? Problem);

/// <summary>The tags of an image in one Region of one account.</summary>
/// <param name="Unread">Why they cannot be read; null if they were read.</param>
internal sealed record ImageTags(string Account, string Region, string? Version, string? Digest, IReadOnlyList<string> Tags, string? Unread);

/// <summary>Reads <see cref="ImageView"/>.</summary>
internal sealed class ImageViewReader(Connection connection)
{
    /// <summary>A scan takes a call for each page of findings, so those of old builds are not read.</summary>
    private const int MaxScans = 20;

    /// <exception cref="AutomationException">A service does not answer, or refuses.</exception>
    public async Task<ImageView> ReadAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var overview = await new FleetViewReader(connection).ReadAsync(image, cancellationToken);
        if (overview.Status.Build.IsUnknown || overview.Status.Build.HasNoPipeline)
        {
            return new ImageView(
                Place.Of(connection), overview, null, [], [], new ImagePlan(image.Name, overview.Status.Build, [], []), [],
                ReasonView.Join(overview.Status.Build.Reasons));
        }

        var (history, builds) = await BuildHistory.ReadAsync(connection, image, cancellationToken);
        var scans = new List<ScanView>();
        foreach (var build in builds.Where(build => build.Digest is not null).OrderByDescending(build => build.CreatedAt).Take(MaxScans))
        {
            scans.Add(await ScanView.ReadAsync(connection, image, build.Digest, cancellationToken));
        }

        return new ImageView(
            Place.Of(connection),
            overview,
            history,
            scans,
            await TagsAsync(image, builds, cancellationToken),
            await new PlanReader(connection).ReadAsync(image, cancellationToken),
            await InUseReport.ReadAsync(connection, image, builds, cancellationToken),
            null);
    }

    private async Task<IReadOnlyList<ImageTags>> TagsAsync(ImageSpec image, IReadOnlyList<BuildRecord> builds, CancellationToken cancellationToken)
    {
        var versions = builds.Where(build => build.Digest is not null).ToLookup(build => build.Digest!, build => build.Version.ToString());
        var all = new List<ImageTags>();
        foreach (var region in connection.Fleet.RegionsOf(image))
        {
            try
            {
                var tags = await connection.Registry.ReadTagsAsync(region, image.Repository, [.. versions.Select(build => build.Key)], cancellationToken);
                all.AddRange(tags.SelectMany(found => versions[found.Key].Select(version =>
                    new ImageTags(connection.Scope.AccountId, region, version, found.Key.Value, found.Value, null))));
            }
            catch (AutomationException e) when (Profiles.Expired(e, profile: null) is null)
            {
                all.Add(new ImageTags(connection.Scope.AccountId, region, null, null, [], e.Message));
            }
        }

        return all;
    }
}
