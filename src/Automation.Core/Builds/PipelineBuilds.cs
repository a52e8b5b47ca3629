using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Selects the builds of an image from a pipeline's build records. The owner of an adopted pipeline may give it a recipe with another name.
/// The builds of both recipes then count from 1.0.0/1, their ARNs differ only in the name, and in ECR they share the tag <c>1.0.0-1</c>.</summary>
public static class PipelineBuilds
{
    /// <summary>The builds of the recipe that the catalog names. If two records have the same version, the last started one counts, because
    /// the tag in ECR has moved to it.</summary>
    public static IReadOnlyList<BuildRecord> Of(ImageSpec image, IEnumerable<BuildRecord> records)
    {
        var builds = new List<BuildRecord>();
        var places = new Dictionary<ImageVersion, int>();
        foreach (var record in records.Where(record => !IsForeign(image, record.Arn)))
        {
            if (places.TryAdd(record.Version, builds.Count))
            {
                builds.Add(record);
            }
            else if (places[record.Version] is var place && IsLater(record, builds[place]))
            {
                builds[place] = record;
            }
        }

        return builds;
    }

    /// <summary>Whether the build belongs to another recipe than the catalog names. Automation must not write on it.</summary>
    public static bool IsForeign(ImageSpec image, string buildArn) =>
        image.Pipeline is PipelineSpec.Adopted { Recipe: { } recipe } && RecipeOf(buildArn) is { } built && built != recipe;

    /// <summary>Records that share a version and have no recorded digest. The version's tag in ECR names the image of one of them, but nothing
    /// shows which one.</summary>
    public static IReadOnlySet<BuildRecord> Ambiguous(IEnumerable<BuildRecord> records) => records
        .Where(record => record.Digest is null && !record.State.WentWrong())
        .DistinctBy(record => record.Arn).GroupBy(record => record.Version)
        .Where(same => same.Skip(1).Any()).SelectMany(same => same).ToHashSet();

    private static bool IsLater(BuildRecord record, BuildRecord other) => record.CreatedAt != other.CreatedAt
        ? record.CreatedAt > other.CreatedAt
        : string.CompareOrdinal(record.Arn, other.Arn) >= 0;

    /// <summary>The recipe's name in <c>arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3</c>.</summary>
    public static string? RecipeOf(string buildArn) => buildArn.Split('/') is [_, var name, _, _] ? name : null;
}
