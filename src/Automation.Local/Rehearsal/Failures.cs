using System.Globalization;
using Automation.Core.Catalog;
using Automation.LocalCloud;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal;

/// <summary>
/// Lets builds fail: all builds of an image on a day that the user names, otherwise as often as the image's builds failed so far. A rate of one in five
/// makes every fifth build fail, so a rehearsal has no chance in it.
/// </summary>
internal sealed class Failures
{
    /// <summary>Fewer builds show no rate.</summary>
    private const int FewestBuilds = 5;

    private readonly ImageCatalog _catalog;
    private readonly IReadOnlyList<Move.Fail> _told;
    private readonly Dictionary<string, double> _rates;
    private readonly Dictionary<string, double> _due = new(StringComparer.Ordinal);

    /// <param name="usual">Whether builds also fail at their usual rate.</param>
    public Failures(AccountState state, ImageCatalog catalog, IEnumerable<Move> moves, bool usual)
    {
        _catalog = catalog;
        _told = [.. moves.OfType<Move.Fail>()];
        _rates = usual ? Rates(state, catalog) : [];
        foreach (var fail in _told)
        {
            _rates.Remove(fail.Image);
        }
    }

    /// <summary>The share of builds that failed, by image; images without failures are absent.</summary>
    public static Dictionary<string, double> Rates(AccountState state, ImageCatalog catalog) => state.Builds
        .Where(build => build["sourcePipelineArn"] is not null)
        .GroupBy(build => catalog.FindByPipeline(build["sourcePipelineArn"]!.ToString())?.Name, build => build["state"]?["status"]?.ToString())
        .Where(image => image.Key is not null && image.Count() >= FewestBuilds && image.Contains("FAILED"))
        .ToDictionary(image => image.Key!, image => (double)image.Count(status => status == "FAILED") / image.Count(), StringComparer.Ordinal);

    /// <summary>Called under the cloud's gate when a build has started.</summary>
    public void Started(Cloud cloud, string pipeline, int day)
    {
        if (_catalog.FindByPipeline(pipeline)?.Name is not { } image)
        {
            return;
        }

        if (_told.Any(fail => fail.Image == image && fail.Day == day))
        {
            Fail(cloud, pipeline, string.Create(CultureInfo.InvariantCulture, $"The rehearsal lets builds of {image} fail on day {day}."));
        }
        else if (_rates.TryGetValue(image, out var rate))
        {
            _due[image] = _due.GetValueOrDefault(image) + rate;
            if (_due[image] >= 1)
            {
                _due[image]--;
                Fail(cloud, pipeline, string.Create(CultureInfo.InvariantCulture, $"Builds of {image} usually fail in {rate:0%} of cases."));
            }
        }
    }

    private static void Fail(Cloud cloud, string pipeline, string reason) =>
        cloud.ImageBuilder.Outcomes.Add(new BuildOutcome(pipeline, reason, Builds: 1));
}
