using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Cli.Web;

/// <summary>All images with their status and their lineage.</summary>
/// <param name="Count">Such as <c>300 images: 297 ok, 2 blocked, 1 held</c>.</param>
/// <param name="Bases">The bases that no image of the catalog publishes, by name.</param>
internal sealed record FleetView(Place Place, string Count, IReadOnlyList<FleetBase> Bases, IReadOnlyList<FleetImage> Images);

/// <summary>What was read, and when.</summary>
/// <param name="Now">The time of the cloud.</param>
/// <param name="Virtual">Whether it is the time of an embedded cloud.</param>
internal sealed record Place(string Account, string Region, DateTimeOffset Now, bool Virtual)
{
    public static Place Of(Connection connection) =>
        new(connection.Scope.AccountId, connection.Scope.Region, connection.Clock.GetUtcNow(), connection.Clock.IsVirtual);
}

/// <param name="PushedAt">Null if it is not in a registry of the account, or cannot be read.</param>
/// <param name="Unread">Why it cannot be read; null if it was read, or is not in a registry of the account.</param>
internal sealed record FleetBase(string Name, string? Digest, DateTimeOffset? PushedAt, string? Unread);

/// <param name="From">The names of the images and bases that it is built on; empty if its pipeline does not say.</param>
/// <param name="Watches">The names of the other images and bases whose pushes rebuild it.</param>
/// <param name="Rules">What a build must pass before it is promoted, in words.</param>
/// <param name="Why">The causes of its state.</param>
internal sealed record FleetImage(ImageStatus Status, IReadOnlyList<string> From, IReadOnlyList<string> Watches, IReadOnlyList<string> Rules, string Why)
{
    public static FleetImage Of(ImageSpec image, ImageStatus status, Connection connection)
    {
        var from = image.From ?? (image.Parent is null && ImageReference.TryParse(status.Base, out var recipe) ? recipe : null);
        return new FleetImage(
            status,
            from is not null ? [NameOf(from, connection)] : image.BaseText is { } text ? [text] : [],
            [.. image.Build.Watch.Select(watched => NameOf(ImageReference.Local(watched.Repository), connection)).Distinct(StringComparer.Ordinal)],
            [.. RulesOf(image.Promote)],
            status.Summary.Why(connection.Clock.GetUtcNow()));
    }

    /// <summary>The base if no image of the catalog publishes it.</summary>
    public static ImageReference? BaseOf(ImageSpec image, ImageStatus status, Connection connection) =>
        (image.From ?? (image.Parent is null && ImageReference.TryParse(status.Base, out var recipe) ? recipe : null)) is { } from
            && connection.Catalog.BuilderOf(from, connection.Scope.AccountId, connection.Scope.Region) is null
            ? from
            : null;

    private static string NameOf(ImageReference reference, Connection connection) =>
        connection.Catalog.BuilderOf(reference, connection.Scope.AccountId, connection.Scope.Region)?.Name ?? Short(reference, connection);

    // The host of the account's own registry is the same in every line.
    internal static string Short(ImageReference reference, Connection connection) =>
        reference.AccountId == connection.Scope.AccountId && reference.Region == connection.Scope.Region
            ? ImageReference.Local(reference.Repository, reference.Tag, reference.Digest).ToString()
            : reference.ToString();

    private static IEnumerable<string> RulesOf(PromotionRules rules)
    {
        if (rules.Gate is { } gate)
        {
            yield return $"gate {gate.Severity.Name()}";
        }

        if (rules.ApprovalHours is { } hours)
        {
            yield return $"approval within {HumanText.Of(hours, "hour")}";
        }

        if (rules.SoakHours > 0)
        {
            yield return $"soak {HumanText.Of(rules.SoakHours, "hour")}";
        }
    }
}

/// <summary>Reads <see cref="FleetView"/> with the readers of <c>automation status</c>.</summary>
internal sealed class FleetViewReader(Connection connection)
{
    /// <param name="progress">Receives how many of how many images have been read.</param>
    public async Task<FleetView> ReadAsync(Action<int, int> progress, CancellationToken cancellationToken)
    {
        var specs = connection.Catalog.Images;
        var reader = new StatusReader(connection);
        var images = await EachOf.ReadAsync(specs, (image, token) => ReadAsync(reader, image, token), progress, cancellationToken);
        var incidents = await connection.ReadIncidentsAsync(cancellationToken);
        IReadOnlyList<ImageStatus> all =
            [.. images.Zip(specs, (image, spec) => image with { Incidents = IncidentView.Of(image.Image, connection.Fleet.RegionsOf(spec), incidents) })];
        return new FleetView(
            Place.Of(connection),
            StatusReport.Count(all),
            await BasesAsync(specs, all, cancellationToken),
            [.. specs.Zip(all, (spec, status) => FleetImage.Of(spec, status, connection))]);
    }

    /// <summary>One image, with its incidents.</summary>
    public async Task<FleetImage> ReadAsync(ImageSpec image, CancellationToken cancellationToken)
    {
        var status = await ReadAsync(new StatusReader(connection), image, cancellationToken);
        var incidents = await connection.ReadIncidentsAsync(cancellationToken);
        return FleetImage.Of(image, status with { Incidents = IncidentView.Of(image.Name, connection.Fleet.RegionsOf(image), incidents) }, connection);
    }

    private static async Task<ImageStatus> ReadAsync(StatusReader reader, ImageSpec image, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(image, cancellationToken);
        }
        catch (AutomationException e) when (Profiles.Expired(e, profile: null) is null)
        {
            return ImageStatus.Unknown(image, e);
        }
    }

    private async Task<IReadOnlyList<FleetBase>> BasesAsync(
        IReadOnlyList<ImageSpec> images, IReadOnlyList<ImageStatus> statuses, CancellationToken cancellationToken)
    {
        var bases = new SortedDictionary<string, FleetBase>(StringComparer.Ordinal);
        foreach (var (image, status) in images.Zip(statuses))
        {
            if (FleetImage.BaseOf(image, status, connection) is { } from && FleetImage.Short(from, connection) is var name && !bases.ContainsKey(name))
            {
                bases[name] = await BaseAsync(name, from, cancellationToken);
            }
            else if (image.From is null && image.BaseText is { } text)
            {
                bases.TryAdd(text, new FleetBase(text, status.BaseDigest, null, null));
            }
        }

        return [.. bases.Values];
    }

    private async Task<FleetBase> BaseAsync(string name, ImageReference from, CancellationToken cancellationToken)
    {
        var isOwn = from.Registry is null || from.AccountId == connection.Scope.AccountId;
        if (!isOwn || (from.Digest?.Value ?? from.EffectiveTag) is not { } id)
        {
            return new FleetBase(name, null, null, null);
        }

        try
        {
            var found = await connection.Registry.FindAsync(from.Region ?? connection.Scope.Region, from.Repository, id, cancellationToken);
            return new FleetBase(name, found?.Digest.Value, found?.PushedAt, found is null ? "it does not exist" : null);
        }
        catch (AutomationException e) when (Profiles.Expired(e, profile: null) is null)
        {
            return new FleetBase(name, null, null, e.Message);
        }
    }
}
