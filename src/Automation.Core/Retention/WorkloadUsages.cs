using Automation.Core.Workloads;

namespace Automation.Core.Retention;

/// <summary>The images of one Region's repository that workloads run, or would start. A tag means the image that has it now.</summary>
public static class WorkloadUsages
{
    /// <summary>How many workloads are named as reasons to keep one image.</summary>
    private const int MaxReasons = 3;

    /// <summary>The usages, or unknown if a workload runs an image of the repository and it is impossible to say which one.</summary>
    public static UsageAnswer Of(RetentionFacts facts, IReadOnlyCollection<ImageInUse> inUse)
    {
        var usages = new List<Usage>();
        var tags = facts.DigestsOf(inUse.Where(image => image.Digest is null).Select(image => image.Tag!).ToHashSet(StringComparer.Ordinal));
        foreach (var image in inUse)
        {
            var digest = image.Digest ?? tags.GetValueOrDefault(image.Tag!);
            if (image.IsUncertain && (digest is null || facts.Image.Promote.FloatingTags.Any(template => template.Matches(image.Tag!))))
            {
                return UsageAnswer.DoesNotKnow(
                    $"{image.Workloads[0].Where} runs {facts.Image.Repository}:{image.Tag} and does not say which image that was when it started");
            }

            // A deleted tag or digest cannot be kept.
            if (digest is not null)
            {
                usages.AddRange(image.Workloads.Take(MaxReasons).Select(workload => new Usage(
                    digest, ReasonCode.Deployed, $"{(workload.Runs ? "runs in" : "would run in")} {workload.Where}")));
                if (image.Workloads.Count - MaxReasons + image.More is > 0 and var more)
                {
                    usages.Add(new Usage(digest, ReasonCode.Deployed, $"runs in {HumanText.Of(more, "more place")}"));
                }
            }
        }

        return new UsageAnswer(usages);
    }
}
