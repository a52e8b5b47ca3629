using Automation.Core.Catalog;

namespace Automation.Core.Builds;

/// <summary>Which of a pipeline's build records are the image's. Whoever owns an adopted pipeline may give it a recipe of another name; the
/// builds of both then count from 1.0.0/1, their ARNs differ by the name alone, and in ECR they share the tag <c>1.0.0-1</c>.</summary>
public static class PipelineBuilds
{
    /// <summary>What is built, released and told of: the builds of the recipe that the catalog names, and of two that bear one version the one
    /// that was started last, because the tag in ECR has gone to it.</summary>
    public static IReadOnlyList<BuildRecord> Of(ImageSpec image, IEnumerable<BuildRecord> records) =>
        [.. records.Where(record => !IsOthers(image, record.Arn))
            .GroupBy(record => record.Version)
            .Select(same => same.OrderBy(record => record.CreatedAt).ThenBy(record => record.Arn, StringComparer.Ordinal).Last())];

    /// <summary>Whether it is a build of another recipe than the catalog names: nothing may be written on it.</summary>
    public static bool IsOthers(ImageSpec image, string buildArn) =>
        image.Pipeline is PipelineSpec.Adopted { Recipe: { } recipe } && RecipeOf(buildArn) is { } built && built != recipe;

    /// <summary>Records that cannot be told apart: what the tag of their version names in ECR came out of one of them, and where no promotion has
    /// written the digest down, nothing says which.</summary>
    public static IReadOnlySet<BuildRecord> Indistinct(IEnumerable<BuildRecord> records) => records
        .Where(record => record.Digest is null && !record.State.WentWrong())
        .DistinctBy(record => record.Arn).GroupBy(record => record.Version)
        .Where(same => same.Skip(1).Any()).SelectMany(same => same).ToHashSet();

    /// <summary>The name in <c>arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3</c>.</summary>
    public static string? RecipeOf(string buildArn) => buildArn.Split('/') is [_, var name, _, _] ? name : null;
}
