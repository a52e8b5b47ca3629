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
    /// <summary>
    /// A repository whose version tags can never be moved: Image Builder pushes <c>version-build</c>, the automation adds the
    /// catalog's version tags. Floating tags stay movable. ECR allows five wildcard filters.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
    /// </summary>
    /// <param name="promote">Of the image that is built into it; null: people push to it, and move its tags as they like.</param>
    public static Repository Add(Construct scope, string name, PromotionRules? promote, StackOptions options)
    {
        var repository = new Repository(scope, $"Repository-{name.Replace('/', '-')}", new RepositoryProps
        {
            RepositoryName = name,
            ImageScanOnPush = true,
            ImageTagMutability = TagMutability.MUTABLE,
            RemovalPolicy = options.DeleteImages ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
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

        if (promote is null)
        {
            return repository;
        }

        // A filter that would hold a floating tag fast is left out; CDK's Repository does not know exclusions yet.
        var filters = promote.VersionTags.Select(Wildcard).Prepend("*-*")
            .Where(filter => !promote.FloatingTags.Any(tag => TagPattern.Parse(filter).Matches(Wildcard(tag))))
            .Distinct(StringComparer.Ordinal)
            .Take(5);
        resource.AddPropertyOverride("ImageTagMutability", "MUTABLE_WITH_EXCLUSION");
        resource.AddPropertyOverride(
            "ImageTagMutabilityExclusionFilters",
            filters.Select(filter => new Dictionary<string, object>
            {
                ["ImageTagMutabilityExclusionFilterType"] = "WILDCARD",
                ["ImageTagMutabilityExclusionFilterValue"] = filter,
            }).ToArray());
        return repository;
    }

    // {version}-{date:yyyyMMdd}.{build} -> *-*: a filter has at most two wildcards, and the second one may stand for the rest.
    private static string Wildcard(TagTemplate template)
    {
        var text = Hole().Replace(template.Text, "*");
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
            Repositories.Add(this, image.Repository, image.Promote, options);
        }
    }
}
