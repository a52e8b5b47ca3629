using Automation.Aws.Workloads;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Retention;

namespace Automation.Aws.Facts;

/// <summary>Reads what <see cref="RetentionPlanner"/> decides on.</summary>
public sealed class RetentionFactsReader(IImageBuilder imageBuilder, IRegistry registry, IParameters? parameters, IWorkloads? workloads, AwsScope scope)
{
    /// <summary>The Regions in which an image is pruned. The automation's own Region comes last, because it holds the build records
    /// of all Regions.</summary>
    public IReadOnlyList<string> RegionsOf(ImageSpec image) => [.. scope.RegionsOf(image).Except([scope.Region]), scope.Region];

    /// <summary>Null when the Region has no such repository, and so nothing to prune.</summary>
    public async Task<RetentionFacts?> ReadAsync(
        ImageSpec image, string region, PipelineFacts pipeline, IReadOnlyList<BuildRecord> builds, RetentionSources sources, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var hasRepository = scope.RegionsOf(image).Contains(region);
        if ((hasRepository ? await registry.ListImagesAsync(region, image.Repository, cancellationToken) : []) is not { } images)
        {
            return null;
        }

        var facts = new RetentionFacts
        {
            Image = image,
            Region = region,
            HasRepository = hasRepository,
            Images = images,
            Builds = builds,
            Hold = pipeline.Hold,
            OwnsRecords = region == scope.Region,
            Now = now,
        };
        var usages = new List<Usage>(PullUsages.Of(facts));
        foreach (var source in sources.Usages)
        {
            var answer = await source.AskAsync(facts, cancellationToken);
            if (answer.Unknown is { } why)
            {
                return facts with { UsageUnknown = why };
            }

            usages.AddRange(answer.Usages);
        }

        return facts with { Usages = usages, Owners = await sources.Owners.ReadAsync(facts, pipeline, cancellationToken) };
    }

    /// <summary>Adds the uses that began since the facts were read. They can only keep more images.</summary>
    public static async Task<RetentionFacts> LookAgainAsync(RetentionFacts facts, RetentionSources sources, CancellationToken cancellationToken)
    {
        if (sources.Workloads is not { } source)
        {
            return facts;
        }

        var answer = await source.AskAgainAsync(facts, cancellationToken);
        return facts with { UsageUnknown = facts.UsageUnknown ?? answer.Unknown, Usages = [.. facts.Usages, .. answer.Usages] };
    }

    /// <summary>The sources of usage and owners for one run. Add a new source of usage here.</summary>
    public RetentionSources Sources()
    {
        var source = workloads is null ? null : new WorkloadSource(workloads);
        IEnumerable<IUsageSource> usages = [new RecipeUsages(imageBuilder, scope, parameters)];
        return new([.. source is null ? usages : usages.Append(source)], new BuildOwnerReader(imageBuilder, scope), source);
    }

    /// <summary>The sources of another image in the same run.</summary>
    public RetentionSources ForAnotherImage(RetentionSources sources) => sources with { Owners = new BuildOwnerReader(imageBuilder, scope) };
}
