using System.Globalization;
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
    /// <summary>The maximum number of exclusions from a repository's tag mutability.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html</summary>
    private const int MaxFilters = 5;

    /// <summary>A repository that outlives the stack, but not a first deployment that failed.</summary>
    /// <param name="image">The image that is built into it. Null for a repository that people push to; its tags stay mutable.</param>
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
            // Image Builder's lifecycle policies delete only from repositories with this tag.
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
    /// Version tags, and the tags that Image Builder writes, never move. All other tags may move: floating and container tags, tags of other
    /// tools, and the signatures that cosign keeps under <c>sha256-&lt;hex&gt;.sig</c> and rewrites for every further signature
    /// (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md). So the repository is mutable, and its filters match only version
    /// tags. A filter has at most two wildcards, so it needs the numbers of the recipe: <c>1.0.*-*</c>. While there is room, filters also cover
    /// tags of earlier recipe versions.
    /// </summary>
    private static void HoldVersionTags(Repository repository, CfnRepository resource, ImageSpec image)
    {
        var defined = (PipelineSpec.Defined)image.Pipeline;
        var lines = RecipeLine.Of(defined.RecipeVersion).ToList();
        List<string> movable = [
            .. lines.SelectMany(line => image.Promote.FloatingTags.SelectMany(line.Examples)).Concat(defined.ContainerTags).Distinct(StringComparer.Ordinal)
        ];
        List<TagTemplate> templates = [ImageBuildersOwn, .. image.Promote.VersionTags.Where(tag => tag != ImageBuildersOwn)];
        var filters = lines.SelectMany(line => templates.Select(line.Filter)).Distinct(StringComparer.Ordinal).Where(CatchesNothingElse)
            .Take(MaxFilters).ToList();
        if (filters.Count > 0)
        {
            resource.AddPropertyOverride("ImageTagMutability", "MUTABLE_WITH_EXCLUSION");
            resource.AddPropertyOverride("ImageTagMutabilityExclusionFilters", filters.Select(filter => new Dictionary<string, object>
            {
                ["ImageTagMutabilityExclusionFilterType"] = "WILDCARD",
                ["ImageTagMutabilityExclusionFilterValue"] = filter,
            }).ToArray());
        }

        foreach (var tag in templates.Where(tag => !filters.Contains(lines[0].Filter(tag))))
        {
            Annotations.Of(repository).AddWarningV2(
                "automation:movable-version-tag",
                $"{image.Name}: ECR's wildcards cannot tell the version tag '{tag}' from tags that must stay movable ({string.Join(", ", movable.Append("signatures such as sha256-….sig"))}), so anyone with push permission could move it. Use a form such as '{{version}}-{{build}}', which ECR can protect.");
        }

        bool CatchesNothingElse(string filter)
        {
            var pattern = TagPattern.Parse(filter);
            return !pattern.Overlaps(Signatures) && !movable.Exists(pattern.Matches);
        }
    }

    private static readonly TagTemplate ImageBuildersOwn = TagTemplate.Parse("{version}-{build}");
    private static readonly TagPattern Signatures = TagPattern.Parse("sha256-*");

    /// <summary>The recipe versions with the same major and minor number, or with the same major number if <paramref name="Minor"/> is null.</summary>
    private sealed record RecipeLine(int Major, int? Minor)
    {
        /// <summary>The series of <c>1.2.x</c> or <c>1.2.3</c> and the earlier ones, newest first: 1.2, 1.1, 1.0. The minors of earlier majors are
        /// unknown.</summary>
        public static IEnumerable<RecipeLine> Of(string recipeVersion)
        {
            var numbers = recipeVersion.Split('.');
            var (major, newest) = (int.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
            for (var minor = newest; minor >= 0 && newest - minor < MaxFilters; minor--)
            {
                yield return new RecipeLine(major, minor);
            }

            for (var earlier = major - 1; earlier >= 1 && major - earlier <= MaxFilters; earlier--)
            {
                yield return new RecipeLine(earlier, null);
            }
        }

        /// <summary>v{version}-{build} -> v1.0.*-*: a filter has at most two wildcards, and the second one may match the rest.</summary>
        public string Filter(TagTemplate template)
        {
            var text = Wildcards().Replace(Fill(template, Minor?.ToString(CultureInfo.InvariantCulture), "*", "*"), "*");
            var parts = text.Split('*');
            return parts.Length <= 3 ? text : $"{parts[0]}*{parts[1]}*";
        }

        /// <summary>{major}.{minor} -> 1.0; {version} -> 1.0.0 and 1.0.12.</summary>
        public IEnumerable<string> Examples(TagTemplate template) => [Fill(template, $"{Minor ?? 0}", "0", "1"), Fill(template, $"{Minor ?? 0}", "12", "1")];

        private string Fill(TagTemplate template, string? minor, string patch, string other) =>
            Placeholder().Replace(template.Text, placeholder => placeholder.Value switch
        {
            "{version}" => minor is null ? $"{Major}.*" : $"{Major}.{minor}.{patch}",
            "{major}" => Major.ToString(CultureInfo.InvariantCulture),
            "{minor}" => minor ?? "*",
            "{patch}" => patch,
            _ => other,
        });
    }

    [GeneratedRegex(@"\*\*+")]
    private static partial Regex Wildcards();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Placeholder();
}

/// <summary>
/// The repositories in another Region for the images that are promoted to it. Image Builder distributes only to existing repositories, so
/// this stack is deployed before the one that builds.
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
