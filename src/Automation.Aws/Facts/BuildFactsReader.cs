using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>Reads what <see cref="BuildPlanner"/> decides on.</summary>
public sealed class BuildFactsReader(ImageCatalog catalog, IImageBuilder imageBuilder, PipelineReader pipelines, BaseReader bases, AwsScope scope)
{
    /// <summary>The facts that decide whether this image must be built now. Without a pipeline there are no builds, and
    /// <see cref="BuildPlanner"/> gives the reason.</summary>
    public async Task<BuildFacts> ReadAsync(ImageSpec image, ManualRequest? manual, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await pipelines.FindAsync(image, cancellationToken) is not { } pipeline)
        {
            return new BuildFacts { Image = image, Pipeline = PipelineFacts.Missing(PipelineReader.NameOf(image)), Now = now };
        }

        var records = await imageBuilder.ListBuildsAsync(pipeline.Arn, cancellationToken);
        var builds = PipelineBuilds.Of(image, records);
        var parent = pipeline.Parent;
        var (found, unreadable) = await bases.ReadAsync(image, parent, builds, now, cancellationToken);
        return new BuildFacts
        {
            Image = image,
            Pipeline = await pipelines.WithDistributionAsync(image, pipeline, cancellationToken),
            Base = found,
            BaseVerdict = await bases.JudgeAsync(image, found, parent, now, cancellationToken),
            BaseUnreadable = unreadable,
            Watched = await bases.WatchedAsync(image, builds, now, cancellationToken),
            Builds = builds,
            Records = records,
            Manual = manual,
            Cycle = await CycleThroughAsync(image, found?.Reference ?? parent.Reference, cancellationToken),
            Now = now,
        };
    }

    /// <summary>Adds <see cref="BuildFacts.Lane"/>: the facts of each image that shares the lane. Each costs as many calls as the image itself.
    /// A catalog that fits <c>maxConcurrentBuilds</c> costs none.</summary>
    /// <param name="waitingSince">See <see cref="LaneFacts.WaitingSince"/>.</param>
    public async Task<BuildFacts> WithLaneAsync(BuildFacts facts, DateTimeOffset? waitingSince, CancellationToken cancellationToken)
    {
        var before = new List<BuildFacts>();
        var after = new List<BuildFacts>();
        var others = before;
        foreach (var image in catalog.Lanes.LaneOf(facts.Image))
        {
            if (image.Name == facts.Image.Name)
            {
                others = after;
                continue;
            }

            try
            {
                others.Add(await ReadAsync(image, null, facts.Now, cancellationToken));
            }
            catch (PermanentException)
            {
                // Its state is unknown, so this image does not wait for it. The other image's own reconcile reports the fault.
            }
        }

        return before.Count + after.Count == 0 ? facts : facts with { Lane = new LaneFacts(before, after, waitingSince) };
    }

    // The catalog is checked at synth, but a recipe may name another base since then. The image's own recipe has just been read; recipes of
    // adopted pipelines are read here. The stack's own recipes agree with the catalog, or the image's own check finds the difference.
    private async Task<IReadOnlyList<string>> CycleThroughAsync(ImageSpec image, ImageReference? parent, CancellationToken cancellationToken)
    {
        var parents = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var seen = new HashSet<string>([image.Name], StringComparer.Ordinal);
        var next = new Queue<(ImageSpec Image, ImageReference? Base)>([(image, parent)]);
        while (next.TryDequeue(out var at))
        {
            var builders = at.Image.WatchedRepositories.Prepend(at.Base).OfType<ImageReference>()
                .Select(reference => catalog.BuilderOf(reference, scope.AccountId, scope.Region)).OfType<ImageSpec>().ToList();
            parents[at.Image.Name] = [.. builders.Select(builder => builder.Name)];
            foreach (var builder in builders.Where(builder => seen.Add(builder.Name)))
            {
                next.Enqueue((builder, await bases.BaseOfAsync(builder, cancellationToken)));
            }
        }

        return new ImageLineage(parents).CycleThrough(image.Name);
    }
}
