using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// Which images of a policy a run deletes. Images are judged from the newest to the oldest, and retention counts per recipe version.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/lifecycle-policy-execution.html
/// </summary>
internal static class LifecycleRules
{
    /// <exception cref="AwsException">InvalidRequestException, or InvalidParameterCombinationException.</exception>
    public static void Check(LifecyclePolicy policy)
    {
        if (policy.ResourceType != "CONTAINER_IMAGE")
        {
            throw Errors.InvalidRequest("The embedded cloud does not run lifecycle policies for AMIs: resourceType must be CONTAINER_IMAGE.");
        }

        if (policy.ResourceSelection.Recipes is { Count: > 0 } == policy.ResourceSelection.TagMap is { Count: > 0 })
        {
            throw Errors.InvalidRequest("resourceSelection must have either recipes or a tagMap.");
        }

        foreach (var rule in policy.PolicyDetails)
        {
            // https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-lifecycle-rules.html
            if (rule.Action.Type != "DELETE")
            {
                throw Errors.InvalidRequest($"The action {rule.Action.Type} is not available for container images.");
            }

            if (rule.Action.IncludeResources is { Amis: true } or { Snapshots: true } || rule.ExclusionRules?.Amis is not null)
            {
                throw Errors.InvalidRequest("Rules for AMIs and snapshots do not apply to container images.");
            }

            if (rule.Filter.Type == "AGE" != (rule.Filter.Unit is not null) || (rule.Filter.Type == "COUNT" && rule.Filter.RetainAtLeast is not null))
            {
                throw Errors.InvalidRequest("A filter by AGE has a unit, and only it may have retainAtLeast.");
            }

            if (rule.Filter.Value < 1)
            {
                throw Errors.InvalidRequest("The value of a filter must be at least 1.");
            }
        }
    }

    /// <summary>The images that match a rule, each with the rule and, if the run skips it, the reason.</summary>
    public static IEnumerable<(ImageBuild Image, LifecycleRule Rule, string? Skipped)> Judge(
        LifecyclePolicy policy, IEnumerable<ImageBuild> images, Func<string, IReadOnlyDictionary<string, string>> tagsOf, DateTimeOffset now)
    {
        var selected = images.Where(image => image.Status != ImageStatus.Deleted && !ImageStatus.InProgress(image.Status) && IsSelected(policy, image, tagsOf))
            .OrderByDescending(image => image.Created).ThenByDescending(image => image.Arn, StringComparer.Ordinal).ToList();
        var kept = new Dictionary<(LifecycleRule Rule, string Recipe), int>();
        foreach (var image in selected)
        {
            foreach (var rule in policy.PolicyDetails)
            {
                if (Applies(rule, image))
                {
                    yield return (image, rule, rule.ExclusionRules?.TagMap?.Any(tag => tagsOf(image.Arn).GetValueOrDefault(tag.Key) == tag.Value) == true
                        ? "The image has a tag that the policy excludes"
                        : null);
                    break;
                }
            }
        }

        // An image that is too young also counts. A failed or cancelled one neither counts nor is retained.
        bool Applies(LifecycleRule rule, ImageBuild image)
        {
            var key = (rule, image.ContainerRecipe.Arn);
            var counts = image.Status is not (ImageStatus.Failed or ImageStatus.Cancelled);
            var isYoung = rule.Filter.Type == "AGE" && image.Created > Before(now, rule.Filter);
            var retained = rule.Filter.Type == "AGE" ? rule.Filter.RetainAtLeast ?? 0 : rule.Filter.Value;
            var isKept = isYoung || (counts && kept.GetValueOrDefault(key) < retained);
            if (isKept && counts)
            {
                kept[key] = kept.GetValueOrDefault(key) + 1;
            }

            return !isKept;
        }
    }

    private static DateTimeOffset Before(DateTimeOffset now, LifecycleFilter filter) => filter.Unit switch
    {
        "DAYS" => now.AddDays(-filter.Value),
        "WEEKS" => now.AddDays(-7.0 * filter.Value),
        "MONTHS" => now.AddMonths(-filter.Value),
        _ => now.AddYears(-filter.Value),
    };

    // The documentation does not say whether an image needs one tag of the map or all. All is the safer reading.
    private static bool IsSelected(LifecyclePolicy policy, ImageBuild image, Func<string, IReadOnlyDictionary<string, string>> tagsOf) =>
        policy.ResourceSelection.Recipes?.Any(recipe => recipe.Name == image.Name
            && VersionPattern.TryParse(recipe.SemanticVersion)?.Matches(VersionPattern.TryParse(image.Version)!) == true)
        ?? policy.ResourceSelection.TagMap!.All(tag => tagsOf(image.Arn).GetValueOrDefault(tag.Key) == tag.Value);
}
