using System.Text.RegularExpressions;
using Amazon.CDK;
using Amazon.CDK.AWS.ECR;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Constructs;

namespace Automation.Infra;

/// <summary>The ECR repositories of a catalog in one Region.</summary>
internal static partial class Repositories
{
    /// <summary>Of exclusions from a repository's tag mutability. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html</summary>
    private const int MostFilters = 5;

    /// <summary>A repository that outlives the stack, but not a first deployment that failed.</summary>
    /// <param name="image">That is built into it; null: people push to it, and move its tags as they like.</param>
    public static Repository Add(Construct scope, string name, ImageSpec? image, StackOptions options)
    {
        var repository = new Repository(scope, $"Repository-{name.Replace('/', '-')}", new RepositoryProps
        {
            RepositoryName = name,
            ImageScanOnPush = true,
            ImageTagMutability = TagMutability.MUTABLE,
            RemovalPolicy = options.DeleteImages ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        });
        var resource = (CfnRepository)repository.Node.DefaultChild!;
        if (options.DeleteImages)
        {
            // CloudFormation refuses to delete a repository that has images; CDK's EmptyOnDelete would do the same.
            resource.AddPropertyOverride("EmptyOnDelete", true);
        }

        if (options.RepositoryKey is { } key)
        {
            resource.AddPropertyOverride("EncryptionConfiguration", new Dictionary<string, object> { ["EncryptionType"] = "KMS", ["KmsKey"] = key });
        }

        if (image is not null)
        {
            // Image Builder's own lifecycle policies, where somebody writes one, delete from repositories with this tag only.
            // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/EC2ImageBuilderLifecycleExecutionPolicy.html
            Tags.Of(repository).Add("LifecycleExecutionAccess", "EC2 Image Builder");
            if (options.HoldTags)
            {
                HoldVersionTags(repository, resource, image);
            }
        }

        return repository;
    }

    /// <summary>
    /// Version tags, and those that Image Builder itself gives, never move; floating and container tags do. Floating tags that are spelt
    /// out are excepted from an immutable repository. Those with a variable part cannot be told from version tags by ECR's wildcards
    /// (<c>1.*</c> is also <c>1.0.0-3</c>): there the version tags are excepted from a mutable one.
    /// </summary>
    private static void HoldVersionTags(Repository repository, CfnRepository resource, ImageSpec image)
    {
        List<string> movable = [.. image.Promote.FloatingTags.Select(Example), .. image.Pipeline is PipelineSpec.Defined defined ? defined.ContainerTags : []];
        if (movable.Count is > 0 and <= MostFilters && image.Promote.FloatingTags.All(tag => !Hole().IsMatch(tag.Text)))
        {
            Exclude("IMMUTABLE_WITH_EXCLUSION", movable);
            return;
        }

        if (movable.Count == 0)
        {
            resource.ImageTagMutability = "IMMUTABLE";
            return;
        }

        // A filter that would hold a movable tag fast is left out.
        var filters = image.Promote.VersionTags.Select(Filter).Prepend("*-*").Distinct(StringComparer.Ordinal)
            .Where(filter => !movable.Any(TagPattern.Parse(filter).Matches))
            .Take(MostFilters)
            .ToList();
        if (filters.Count > 0)
        {
            Exclude("MUTABLE_WITH_EXCLUSION", filters);
        }

        foreach (var tag in image.Promote.VersionTags.Where(tag => !filters.Any(filter => TagPattern.Parse(filter).Matches(Example(tag)))))
        {
            Annotations.Of(repository).AddWarningV2(
                "automation:movable-version-tag",
                $"{image.Name}: ECR cannot tell the version tag '{tag}' from the tags that move ({string.Join(", ", movable)}), so anybody who may push could move it. A form such as '{{version}}-{{build}}' is held fast.");
        }

        void Exclude(string mutability, IEnumerable<string> filters)
        {
            resource.AddPropertyOverride("ImageTagMutability", mutability);
            resource.AddPropertyOverride("ImageTagMutabilityExclusionFilters", filters.Distinct(StringComparer.Ordinal).Select(filter => new Dictionary<string, object>
            {
                ["ImageTagMutabilityExclusionFilterType"] = "WILDCARD",
                ["ImageTagMutabilityExclusionFilterValue"] = filter,
            }).ToArray());
        }
    }

    // {version}-{build} -> 1.0.0-1
    private static string Example(TagTemplate template) => Hole().Replace(template.Text, hole => hole.Value == "{version}" ? "1.0.0" : "1");

    // v{version} -> v*.*, {major}-{minor}-{build} -> *-*: a filter has at most two wildcards, and the second one may stand for the rest.
    private static string Filter(TagTemplate template)
    {
        var text = Hole().Replace(template.Text, hole => hole.Value == "{version}" ? "*.*" : "*");
        var parts = text.Split('*');
        return parts.Length <= 3 ? text : $"{parts[0]}*{parts[1]}*";
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Hole();
}

/// <summary>
/// What the catalog needs in another Region: the repositories of the images that are promoted to it. Image Builder distributes to
/// repositories that exist, so this stack is deployed before the one that builds.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/cr-upd-container-distribution-settings.html
/// </summary>
internal sealed class RegionStack : Stack
{
    public RegionStack(Construct scope, string region, ImageCatalog catalog, StackOptions options)
        : base(scope, $"{options.FullStackName}-{region}", new StackProps
        {
            Env = new Amazon.CDK.Environment { Region = region },
            Description = $"Repositories of {options.FullStackName} in {region}",
        })
    {
        foreach (var image in catalog.Images.Where(image => image.Pipeline is PipelineSpec.Defined && image.Regions.Contains(region)))
        {
            Repositories.Add(this, image.Repository, image, options with { Region = region });
        }
    }
}
