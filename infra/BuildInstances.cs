using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Automation.Core.Catalog;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// The instance profile of the instances on which Image Builder builds. Its managed policy
/// <c>EC2InstanceProfileForImageBuilderECRContainerBuilds</c> allows the same actions on every resource; this profile allows them on what
/// the catalog names. A build runs other people's code: it may pull what the catalog lists and push only to the images' own repositories.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/security-iam-awsmanpol.html
/// </summary>
internal static class BuildInstances
{
    private static readonly string[] Pull = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];

    private static readonly string[] Push = ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"];

    /// <param name="images">The images that the stack builds.</param>
    /// <param name="logPrefix">The prefix of the keys that builds write into their <c>logBucket</c>.</param>
    public static CfnInstanceProfile Profile(Construct scope, ImageCatalog catalog, IReadOnlyList<ImageSpec> images, string logPrefix)
    {
        var pipelines = images.Select(image => (PipelineSpec.Defined)image.Pipeline).ToList();
        var role = new Role(scope, "InstanceRole", new RoleProps
        {
            AssumedBy = new ServicePrincipal("ec2.amazonaws.com"),
            Description = "Instances on which EC2 Image Builder builds container images",

            // Image Builder runs a build through this agent. Most of its actions have no resource type.
            ManagedPolicies = [ManagedPolicy.FromAwsManagedPolicyName("AmazonSSMManagedInstanceCore")],
        });

        // That policy also allows reading every parameter of the account, including secrets. The agent needs none of them; a build needs
        // Amazon's and those that the catalog names.
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Effect = Effect.DENY,
            Actions = ["ssm:GetParameter", "ssm:GetParameters"],
            NotResources =
            [
                $"arn:{Aws.PARTITION}:ssm:{Aws.REGION}::parameter/aws/service/*",
                .. pipelines.SelectMany(pipeline => pipeline.Parameters).Distinct(StringComparer.Ordinal)
                    .Select(name => $"arn:{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}:parameter/{name.TrimStart('/')}"),
            ],
        }));

        // "*" because a token does not belong to a repository. The statements below limit its use.
        Permissions.Allow(role, ["ecr:GetAuthorizationToken"], ["*"]);

        var targets =
            images.SelectMany(image => image.Regions.Prepend(Aws.REGION), (image, region) => Permissions.Repository(region, image.Repository)).ToList();
        Permissions.Allow(role, Push, targets);
        Permissions.Allow(role, Pull, [
            .. targets,
            .. images.SelectMany(image => image.MadeFrom).Where(from => from.IsEcr)
                .Select(from => Permissions.Repository(from.Region ?? Aws.REGION, from.Repository, from.AccountId)),
            .. catalog.Repositories.Select(repository => Permissions.Repository(Aws.REGION, repository.Name)),
        ]);

        // ECR's managed signing has an image signed with the permissions of the instance that pushes it.
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
        Permissions.Allow(role, ["signer:SignPayload"], images.SelectMany(image => image.Promote.Gate?.Signature?.Signers ?? []).OfType<Signer.Profile>()
            .Select(profile => profile.Unversioned).Distinct(StringComparer.Ordinal));

        // Pulls in a Dockerfile also make ECR look upstream, with the permissions of the instance.
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
        Permissions.Allow(role, ["ecr:BatchImportUpstreamImage"], Permissions.Caches(catalog, Aws.REGION));

        // Amazon's components, and components of other accounts that the catalog names; all versions.
        Permissions.Allow(role, ["imagebuilder:GetComponent"], [
            $"arn:{Aws.PARTITION}:imagebuilder:{Aws.REGION}:aws:component/*",
            .. pipelines.SelectMany(pipeline => pipeline.Components).Where(component => component.StartsWith("arn:", StringComparison.Ordinal))
                .Select(arn => $"{string.Join('/', arn.Split('/')[..2])}/*"),
        ]);
        Permissions.Allow(role, ["imagebuilder:GetContainerRecipe"], images.Select(image =>
            $"arn:{Aws.PARTITION}:imagebuilder:{Aws.REGION}:{Aws.ACCOUNT_ID}:container-recipe/{image.PipelineName}/*"));
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps
        {
            // Image Builder decrypts components that are encrypted with a key of the account.
            Actions = ["kms:Decrypt"],
            Resources = [$"arn:{Aws.PARTITION}:kms:{Aws.REGION}:{Aws.ACCOUNT_ID}:key/*"],
            Conditions = new Dictionary<string, object>
            {
                ["ForAnyValue:StringEquals"] = new Dictionary<string, object>
                {
                    ["kms:EncryptionContextKeys"] = "aws:imagebuilder:arn",
                    ["aws:CalledVia"] = "imagebuilder.amazonaws.com",
                },
            },
        }));

        // Image Builder keeps the tools that run in a build here.
        Permissions.Allow(role, ["s3:GetObject"], [$"arn:{Aws.PARTITION}:s3:::ec2imagebuilder*"]);
        Permissions.Allow(role, ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], [
            $"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:/aws/imagebuilder/*",
        ]);
        Permissions.Allow(role, ["s3:PutObject"], pipelines.Select(pipeline => pipeline.LogBucket).OfType<string>()
            .Select(bucket => $"arn:{Aws.PARTITION}:s3:::{bucket}/{logPrefix}/*"));

        return new CfnInstanceProfile(scope, "InstanceProfile", new CfnInstanceProfileProps { Roles = [role.RoleName] });
    }
}
