using System.Text.RegularExpressions;
using Amazon.CDK;
using Amazon.CDK.AWS.ECR;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.ImageBuilder;
using Amazon.CDK.AWS.SNS;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// What the catalog's images need in the account: repositories, and for every image that is defined here (not adopted) a
/// container recipe, a distribution configuration and a pipeline without a schedule of its own: the automation decides when to build.
/// </summary>
internal sealed class ImageFactory : Construct
{
    private readonly ImageCatalog _catalog;
    private readonly Dictionary<string, Repository> _repositories = new(StringComparer.Ordinal);

    public ImageFactory(Construct scope, string id, ImageCatalog catalog, ITopic notifications)
        : base(scope, id)
    {
        _catalog = catalog;
        foreach (var repository in catalog.Repositories)
        {
            AddRepository(repository.Name, null);
        }

        foreach (var image in catalog.Images)
        {
            if (!_repositories.ContainsKey(image.Repository) && image.Pipeline is PipelineSpec.Defined)
            {
                AddRepository(image.Repository, image.Promote);
            }
        }

        var infrastructure = catalog.Images.Any(image => image.Pipeline is PipelineSpec.Defined) ? Infrastructure(notifications) : null;
        foreach (var image in catalog.Images)
        {
            if (image.Pipeline is PipelineSpec.Defined defined)
            {
                AddPipeline(image, defined, infrastructure!);
            }
        }
    }

    /// <summary>
    /// A repository whose version tags can never be moved: Image Builder pushes <c>version-build</c>, the automation adds the
    /// catalog's version tags. Floating tags stay movable. ECR allows five wildcard filters.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
    /// </summary>
    private void AddRepository(string name, PromotionRules? promote)
    {
        var repository = new Repository(this, $"Repository-{name.Replace('/', '-')}", new RepositoryProps
        {
            RepositoryName = name,
            ImageScanOnPush = true,
            ImageTagMutability = TagMutability.MUTABLE,
            RemovalPolicy = RemovalPolicy.RETAIN,
        });
        _repositories.Add(name, repository);
        if (promote is null)
        {
            return;
        }

        // A filter that would hold a floating tag fast is left out; CDK's Repository does not know exclusions yet.
        var filters = promote.VersionTags.Select(Wildcard).Prepend("*-*")
            .Where(filter => !promote.FloatingTags.Any(tag => TagPattern.Parse(filter).Matches(Wildcard(tag))))
            .Distinct(StringComparer.Ordinal)
            .Take(5);
        var resource = (CfnRepository)repository.Node.DefaultChild!;
        resource.AddPropertyOverride("ImageTagMutability", "MUTABLE_WITH_EXCLUSION");
        resource.AddPropertyOverride(
            "ImageTagMutabilityExclusionFilters",
            filters.Select(filter => new Dictionary<string, object>
            {
                ["ImageTagMutabilityExclusionFilterType"] = "WILDCARD",
                ["ImageTagMutabilityExclusionFilterValue"] = filter,
            }).ToArray());
    }

    // {version}-{date:yyyyMMdd}.{build} -> *-*: a filter has at most two wildcards, and the second one may stand for the rest.
    private static string Wildcard(TagTemplate template)
    {
        var text = Regex.Replace(template.Text, @"\{[^}]*\}", "*");
        var parts = text.Split('*');
        return parts.Length <= 3 ? text : $"{parts[0]}*{parts[1]}*";
    }

    private CfnInfrastructureConfiguration Infrastructure(ITopic notifications)
    {
        // The policies that Image Builder documents for instances which build containers.
        // https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-setting-up.html
        var role = new Role(this, "InstanceRole", new RoleProps
        {
            AssumedBy = new ServicePrincipal("ec2.amazonaws.com"),
            Description = "Instances on which EC2 Image Builder builds container images",
            ManagedPolicies =
            [
                ManagedPolicy.FromAwsManagedPolicyName("EC2InstanceProfileForImageBuilder"),
                ManagedPolicy.FromAwsManagedPolicyName("EC2InstanceProfileForImageBuilderECRContainerBuilds"),
                ManagedPolicy.FromAwsManagedPolicyName("AmazonSSMManagedInstanceCore"),
            ],
        });
        var profile = new CfnInstanceProfile(this, "InstanceProfile", new CfnInstanceProfileProps { Roles = [role.RoleName] });
        return new CfnInfrastructureConfiguration(this, "Infrastructure", new CfnInfrastructureConfigurationProps
        {
            Name = $"{Stack.Of(this).StackName}-containers",
            InstanceProfileName = profile.Ref,
            SnsTopicArn = notifications.TopicArn,
            TerminateInstanceOnFailure = true,

            // Hop limit 2: the build runs in a container and needs the instance's credentials.
            InstanceMetadataOptions = new CfnInfrastructureConfiguration.InstanceMetadataOptionsProperty
            {
                HttpTokens = "required",
                HttpPutResponseHopLimit = 2,
            },
        });
    }

    private void AddPipeline(ImageSpec image, PipelineSpec.Defined defined, CfnInfrastructureConfiguration infrastructure)
    {
        var recipe = new CfnContainerRecipe(this, $"Recipe-{image.Name}", new CfnContainerRecipeProps
        {
            Name = image.Name,
            Version = defined.RecipeVersion.ToString(),
            ContainerType = "DOCKER",
            ParentImage = ParentImage(image.From!),
            DockerfileTemplateData = defined.Dockerfile,
            Components = defined.Components.Select(ComponentArn)
                .Select(arn => new CfnContainerRecipe.ComponentConfigurationProperty { ComponentArn = arn })
                .ToArray(),
            TargetRepository = new CfnContainerRecipe.TargetContainerRepositoryProperty { RepositoryName = image.Repository, Service = "ECR" },
        });
        recipe.Node.AddDependency(_repositories[image.Repository]);
        var regions = image.Regions.Count == 0 ? [Aws.REGION] : image.Regions;
        var distribution = new CfnDistributionConfiguration(this, $"Distribution-{image.Name}", new CfnDistributionConfigurationProps
        {
            Name = image.Name,
            Distributions = regions.Select(region => new CfnDistributionConfiguration.DistributionProperty
            {
                Region = region,

                // CloudFormation takes this member as plain JSON, so its names must be spelt as CloudFormation spells them.
                ContainerDistributionConfiguration = new Dictionary<string, object>
                {
                    ["ContainerTags"] = defined.ContainerTags.ToArray(),
                    ["TargetRepository"] = new Dictionary<string, object> { ["RepositoryName"] = image.Repository, ["Service"] = "ECR" },
                },
            }).ToArray(),
        });
        _ = new CfnImagePipeline(this, $"Pipeline-{image.Name}", new CfnImagePipelineProps
        {
            Name = image.Name,
            Description = $"Built by the automation when {image.From} changes or its schedule is due",
            ContainerRecipeArn = recipe.AttrArn,
            InfrastructureConfigurationArn = infrastructure.AttrArn,
            DistributionConfigurationArn = distribution.AttrArn,
            Status = "ENABLED",

            // Inventory associations conflict on busy accounts and say nothing about containers.
            EnhancedImageMetadataEnabled = false,
            ImageTestsConfiguration = new CfnImagePipeline.ImageTestsConfigurationProperty { ImageTestsEnabled = defined.Tests, TimeoutMinutes = defined.TestTimeoutMinutes },
        });
    }

    /// <summary>A reference without a registry is a repository of this account and Region.</summary>
    private static string ParentImage(ImageReference reference) => reference.Registry is null
        ? $"{Aws.ACCOUNT_ID}.dkr.ecr.{Aws.REGION}.{Aws.URL_SUFFIX}/{reference}"
        : reference.ToString();

    /// <summary>A name is a component of Amazon's in its newest version.</summary>
    private static string ComponentArn(string component) => component.StartsWith("arn:", StringComparison.Ordinal)
        ? component
        : $"arn:{Aws.PARTITION}:imagebuilder:{Aws.REGION}:aws:component/{component}/x.x.x";
}
