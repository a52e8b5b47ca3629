using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amazon.CDK;
using Amazon.CDK.AWS.ECR;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.ImageBuilder;
using Amazon.CDK.AWS.SNS;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// The resources of the catalog's images: repositories, and for every image that the catalog defines (not adopted) a container recipe, a
/// distribution configuration and a pipeline. The pipeline has no schedule, because the automation decides when to build.
/// </summary>
internal sealed class ImageFactory : Construct
{
    /// <summary>The tag of a container recipe that holds the hash of its content.</summary>
    internal const string ContentTag = RecipePlan.ContentTag;

    private const string ContainerType = "DOCKER";
    private const string Platform = "Linux";

    private readonly Dictionary<string, Repository> _repositories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CfnInfrastructureConfiguration> _infrastructure = new(StringComparer.Ordinal);
    private readonly List<CfnImagePipeline> _pipelines = [];
    private readonly StackOptions _options;
    private readonly ITopic _notifications;
    private readonly CfnInstanceProfile? _profile;

    public ImageFactory(Construct scope, string id, ImageCatalog catalog, StackOptions options, ITopic notifications)
        : base(scope, id)
    {
        _options = options;
        _notifications = notifications;
        foreach (var repository in catalog.Repositories.Where(repository => !repository.Existing))
        {
            _repositories.Add(repository.Name, Repositories.Add(this, repository.Name, null, options));
        }

        var images = catalog.Images.Where(image => image.Pipeline is PipelineSpec.Defined).ToList();
        foreach (var image in images)
        {
            _repositories.Add(image.Repository, Repositories.Add(this, image.Repository, image, options));
        }

        if (images.Count > 0)
        {
            _profile = BuildInstances.Profile(this, catalog, images, LogPrefix);
        }

        foreach (var image in options.RecipesLater ? [] : images)
        {
            AddPipeline(image, (PipelineSpec.Defined)image.Pipeline);
        }

        foreach (var image in images)
        {
            foreach (var doubt in ((PipelineSpec.Defined)image.Pipeline).Components.Select(ManagedComponents.Doubt).OfType<string>().Distinct())
            {
                Annotations.Of(this).AddWarningV2($"automation:component-{image.Name}", $"{image.Name}: {doubt}");
            }
        }

        // A synth does not read the account, so this warning appears whether or not the VPC exists.
        // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateInfrastructureConfiguration.html
        if (images.Where(image => ((PipelineSpec.Defined)image.Pipeline).Subnet is null).Select(image => image.Name).ToList() is { Count: > 0 } withoutSubnet)
        {
            Annotations.Of(this).AddInfo(
                $"{string.Join(", ", withoutSubnet)}: no \"subnet\" in the catalog, so the instances are in the default VPC of the Region. Without a default VPC every build fails: "
                + "check with `aws ec2 describe-vpcs --filters Name=is-default,Values=true`, or set subnet and securityGroups.");
        }
    }

    /// <summary>The pipelines that the stack creates.</summary>
    public IReadOnlyList<CfnImagePipeline> Pipelines => _pipelines;

    private string LogPrefix => Stack.Of(this).StackName;

    /// <summary>
    /// One infrastructure configuration for all images with the same build settings. If the settings differ from the defaults, a hash of them is
    /// part of the name: changed settings make a new configuration, which is created before the pipelines switch to it.
    /// </summary>
    private CfnInfrastructureConfiguration Infrastructure(PipelineSpec.Defined defined)
    {
        var content = string.Join(';', string.Join(',', defined.InstanceTypes), defined.Subnet, string.Join(',', defined.SecurityGroups), defined.LogBucket);
        var suffix = content == ";;;" ? "" : $"-{Hash(content)[..8]}";
        if (_infrastructure.TryGetValue(suffix, out var existing))
        {
            return existing;
        }

        var configuration = new CfnInfrastructureConfiguration(this, $"Infrastructure{suffix}", new CfnInfrastructureConfigurationProps
        {
            Name = $"{Stack.Of(this).StackName}-containers{suffix}",
            InstanceProfileName = _profile!.Ref,
            InstanceTypes = defined.InstanceTypes.Count > 0 ? [.. defined.InstanceTypes] : null,
            SubnetId = defined.Subnet,
            SecurityGroupIds = defined.SecurityGroups.Count > 0 ? [.. defined.SecurityGroups] : null,
            SnsTopicArn = _notifications.TopicArn,
            TerminateInstanceOnFailure = true,

            // Hop limit 2: the build runs in a container and needs the instance's credentials.
            InstanceMetadataOptions = new CfnInfrastructureConfiguration.InstanceMetadataOptionsProperty
            {
                HttpTokens = "required",
                HttpPutResponseHopLimit = 2,
            },
            Logging = defined.LogBucket is not { } bucket ? null : new CfnInfrastructureConfiguration.LoggingProperty
            {
                S3Logs = new CfnInfrastructureConfiguration.S3LogsProperty { S3BucketName = bucket, S3KeyPrefix = LogPrefix },
            },
        });
        _infrastructure.Add(suffix, configuration);
        return configuration;
    }

    private void AddPipeline(ImageSpec image, PipelineSpec.Defined defined)
    {
        var recipe = Recipe(image, defined);
        var regions = image.Regions.Count == 0 ? [Aws.REGION] : image.Regions;
        var distribution = new CfnDistributionConfiguration(this, $"Distribution-{image.Name}", new CfnDistributionConfigurationProps
        {
            Name = image.PipelineName,
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
        var pipeline = new CfnImagePipeline(this, $"Pipeline-{image.Name}", new CfnImagePipelineProps
        {
            Name = image.PipelineName,
            Description = $"Built by the automation when {image.BaseText} changes or its schedule is due",
            ContainerRecipeArn = recipe.AttrArn,
            InfrastructureConfigurationArn = Infrastructure(defined).AttrArn,
            DistributionConfigurationArn = distribution.AttrArn,
            Status = "ENABLED",

            // Inventory associations conflict in busy accounts and do not cover containers.
            EnhancedImageMetadataEnabled = false,
            ImageTestsConfiguration = new CfnImagePipeline.ImageTestsConfigurationProperty
            {
                ImageTestsEnabled = defined.Tests,
                TimeoutMinutes = defined.TestTimeoutMinutes
            },
        });
        _pipelines.Add(pipeline);

        // Without it, Image Builder creates log groups that never expire. This CDK version lacks the property.
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-imagebuilder-imagepipeline-pipelineloggingconfiguration.html
        var log = Logs.OfPipeline(this, $"Log-{image.Name}", _options.LogRetentionDays, image.PipelineName);
        pipeline.AddPropertyOverride("LoggingConfiguration", new Dictionary<string, object>
        {
            ["ImageLogGroupName"] = log.LogGroupName,
            ["PipelineLogGroupName"] = log.LogGroupName,
        });
    }

    /// <summary>
    /// A recipe cannot be changed, so a hash of its content is part of its logical id. For changed content CloudFormation creates a new resource
    /// with the next version before it updates the pipeline. Nothing else creates a version. The hash covers what the catalog says, so it is the
    /// same in every account and Region, and the recipe's tag shows which content it has.
    /// <para>The previous recipe is kept. Otherwise CloudFormation would delete it at the end of the update, while one of its builds may still
    /// run. AWS documents only that a recipe cannot be deleted while a pipeline uses it, not what happens to a running build. Prune deletes the
    /// recipe with the last of its builds. https://docs.aws.amazon.com/imagebuilder/latest/userguide/delete-resources.html</para>
    /// </summary>
    private CfnContainerRecipe Recipe(ImageSpec image, PipelineSpec.Defined defined)
    {
        string[] content = [ContainerType, Platform, image.BaseText!, image.Repository, defined.Dockerfile, .. defined.Components];
        var hash = Hash(JsonSerializer.Serialize(content))[..16];
        var recipe = new CfnContainerRecipe(this, $"Recipe-{image.Name}-{defined.RecipeVersion}-{hash}", new CfnContainerRecipeProps
        {
            Name = image.PipelineName,
            Version = defined.RecipeVersion,
            ContainerType = ContainerType,
            ParentImage = image.From is { } from ? RegistryUri(from) : image.Parent!.Text,

            // Image Builder requires it for images in ECR. It detects the operating system only of images in other registries.
            PlatformOverride = Platform,
            DockerfileTemplateData = defined.Dockerfile,
            Components = defined.Components.Select(ComponentArn)
                .Select(arn => new CfnContainerRecipe.ComponentConfigurationProperty { ComponentArn = arn })
                .ToArray(),
            TargetRepository = new CfnContainerRecipe.TargetContainerRepositoryProperty { RepositoryName = image.Repository, Service = "ECR" },
            Tags = new Dictionary<string, string> { [ContentTag] = hash },
        });
        recipe.ApplyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
        recipe.Node.AddDependency(_repositories[image.Repository]);
        if (image.From is { Registry: null } own && _repositories.TryGetValue(own.Repository, out var parent))
        {
            recipe.Node.AddDependency(parent);
        }

        return recipe;
    }

    private static string Hash(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    /// <summary>A reference without a registry names a repository of this account and Region.</summary>
    private static string RegistryUri(ImageReference reference) => reference.Registry is null
        ? $"{Aws.ACCOUNT_ID}.dkr.ecr.{Aws.REGION}.{Aws.URL_SUFFIX}/{reference}"
        : reference.ToString();

    /// <summary>A name means the newest version of an Amazon-managed component.</summary>
    private static string ComponentArn(string component) => component.StartsWith("arn:", StringComparison.Ordinal)
        ? component
        : $"arn:{Aws.PARTITION}:imagebuilder:{Aws.REGION}:aws:component/{component}/x.x.x";
}
