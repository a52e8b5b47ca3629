using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Catalog;

namespace Automation.Cli.Web;

/// <summary>What retention would do with each image now, and what that saves.</summary>
/// <param name="DeleteBytes">The size of all images to delete, at most.</param>
/// <param name="SavedPerMonth">In USD, at most: ECR stores a layer that several images share only once.</param>
/// <param name="Price">In USD for a GB and month.</param>
/// <param name="PriceSource">The page of AWS with the price.</param>
internal sealed record RetentionView(
    Place Place, long DeleteBytes, decimal SavedPerMonth, decimal Price, string PriceSource, IReadOnlyList<RetainedImage> Images)
{
    /// <summary>The price of storage in private repositories, in USD for a GB and month. All commercial Regions have the same one.
    /// https://aws.amazon.com/ecr/pricing/</summary>
    public const decimal StoragePrice = 0.10m;

    public const string StoragePriceSource = "https://aws.amazon.com/ecr/pricing/";

    /// <summary>AWS bills binary gigabytes.</summary>
    private const decimal BytesPerGigabyte = 1024m * 1024 * 1024;

    public static RetentionView Of(Place place, IReadOnlyList<RetainedImage> images)
    {
        var bytes = images.SelectMany(image => image.Prune).Sum(prune => prune.DeleteBytes);
        return new RetentionView(place, bytes, MonthlyPrice(bytes), StoragePrice, StoragePriceSource, images);
    }

    /// <summary>The price of storing so many bytes for a month, in USD.</summary>
    public static decimal MonthlyPrice(long bytes) => bytes / BytesPerGigabyte * StoragePrice;
}

/// <param name="Prune">One for each Region; empty without a pipeline.</param>
/// <param name="Unread">Why it cannot be planned; null if it was planned.</param>
internal sealed record RetainedImage(string Image, string Repository, IReadOnlyList<PruneView> Prune, decimal SavedPerMonth, string? Unread);

/// <summary>Reads <see cref="RetentionView"/> with the reader of <c>automation plan</c>.</summary>
internal sealed class RetentionViewReader(Connection connection)
{
    /// <param name="progress">Receives how many of how many images have been read.</param>
    public async Task<RetentionView> ReadAsync(Action<int, int> progress, CancellationToken cancellationToken)
    {
        var reader = new PlanReader(connection);
        var images = await EachOf.ReadAsync(connection.Catalog.Images, (image, token) => ReadAsync(reader, image, token), progress, cancellationToken);
        return RetentionView.Of(Place.Of(connection), images);
    }

    private static async Task<RetainedImage> ReadAsync(PlanReader reader, ImageSpec image, CancellationToken cancellationToken)
    {
        try
        {
            var plan = await reader.ReadAsync(image, cancellationToken);
            return new RetainedImage(
                image.Name, image.Repository, plan.Prune, RetentionView.MonthlyPrice(plan.Prune.Sum(prune => prune.DeleteBytes)),
                plan.Build.HasNoPipeline ? ReasonView.Join(plan.Build.Reasons) : null);
        }
        catch (AutomationException e) when (Profiles.Expired(e, profile: null) is null)
        {
            return new RetainedImage(image.Name, image.Repository, [], 0, e.Message);
        }
    }
}
