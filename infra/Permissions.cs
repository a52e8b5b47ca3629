using System.Text.RegularExpressions;
using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Workflow;

namespace Automation.Infra;

/// <summary>The actions that each function may call, and on which resources: the actions that its code calls and no others.</summary>
internal static partial class Permissions
{
    /// <summary>
    /// The maximum size of the resources of one statement, in characters. The CDK moves what does not fit into a role to managed policies, one
    /// statement at a time, and each policy may have 6,144 characters. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    /// </summary>
    private const int MaxStatementSize = 5500;

    /// <summary>The maximum size of the resources of one role, which may have ten managed policies.</summary>
    private const int MaxRoleSize = 9 * MaxStatementSize;

    /// <summary>Allows actions on resources. Without resources it allows nothing.</summary>
    public static void Allow(IGrantable whom, string[] actions, params IEnumerable<string> resources)
    {
        foreach (var some in resources.ChunkByLength(MaxStatementSize, Length))
        {
            whom.GrantPrincipal.AddToPrincipalPolicy(new PolicyStatement(new PolicyStatementProps { Actions = actions, Resources = [.. some] }));
        }
    }

    /// <summary>
    /// The same grant for several functions, in managed policies that their roles share. If each role named every pipeline, the policies of a
    /// large catalog alone would fill a stack. A function is created after its permissions, because a schedule may call it at once.
    /// </summary>
    private static void AllowTogether(Stack stack, string id, FunctionSet functions, string[] names, string[] actions, IReadOnlyList<string> resources)
    {
        foreach (var (number, some) in resources.Distinct(StringComparer.Ordinal).ChunkByLength(MaxStatementSize, Length).Index())
        {
            var policy = new ManagedPolicy(stack, number == 0 ? id : $"{id}{number + 1}", new ManagedPolicyProps
            {
                Statements = [new PolicyStatement(new PolicyStatementProps { Actions = actions, Resources = [.. some] })],
                Roles = [.. names.Select(name => functions[name].Role!)],
            });
            foreach (var name in names)
            {
                ((CfnResource)functions[name].Node.DefaultChild!).AddDependency((CfnResource)policy.Node.DefaultChild!);
            }
        }
    }

    /// <summary>
    /// If the account lacks the service-linked role, Image Builder creates it with the caller's permissions.
    /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-service-linked-role.html
    /// </summary>
    private static void AllowServiceLinkedRole(Amazon.CDK.AWS.Lambda.Function function) => function.AddToRolePolicy(new PolicyStatement(new PolicyStatementProps
    {
        Actions = ["iam:CreateServiceLinkedRole"],
        Resources = [$"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"],
        Conditions = new Dictionary<string, object>
        {
            ["StringEquals"] = new Dictionary<string, object> { ["iam:AWSServiceName"] = "imagebuilder.amazonaws.com" },
        },
    }));

    /// <summary>The repositories that a pull-through cache may fill: images are built from them, but neither the stack nor a build pushes to them.</summary>
    public static IReadOnlyList<string> Caches(ImageCatalog catalog, string region) =>
    [
        .. catalog.Repositories
            .Where(repository => repository.Existing
                && catalog.Images.Any(image => image.MadeFrom.Any(from => from.Registry is null && from.Repository == repository.Name)))
            .Select(repository => Repository(region, repository.Name)),
        .. catalog.Images.SelectMany(image => image.MadeFrom).Where(from => from.AccountId is not null)
            .Select(from => Repository(from.Region!, from.Repository, from.AccountId)).Distinct(StringComparer.Ordinal),
    ];

    /// <param name="account">Null means the account of the stack.</param>
    public static string Repository(string region, string name, string? account = null) =>
        $"arn:{Aws.PARTITION}:ecr:{region}:{account ?? Aws.ACCOUNT_ID}:repository/{name}";

    // /golden/base and golden-base alike: arn:…:parameter/golden/base, arn:…:parameter/golden-base
    private static string ParameterArn(string nameOrArn) => nameOrArn.StartsWith("arn:", StringComparison.Ordinal) ? nameOrArn
        : $"arn:{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}:parameter/{nameOrArn.TrimStart('/')}";

    // Replaces tokens with values of typical length: an account, a Region, a partition.
    private static int Length(string resource) => Token().Replace(resource, "ap-southeast-2").Length + 3;

    [GeneratedRegex(@"\$\{Token\[[^\]]*\]\}")]
    private static partial Regex Token();

    /// <exception cref="CatalogException">The catalog has more images than a role's policies can name.</exception>
    public static void Grant(Stack stack, FunctionSet functions, ImageCatalog catalog)
    {
        string ImageBuilder(string resource) => $"arn:{stack.Partition}:imagebuilder:{stack.Region}:{stack.Account}:{resource}";

        // In the Region of the stack and in each Region that the image is promoted to.
        IReadOnlyList<string> Targets(IEnumerable<ImageSpec> images) =>
            [.. images.SelectMany(image => image.Regions.Prepend(stack.Region), (image, region) => Repository(region, image.Repository))];

        var targets = Targets(catalog.Images);
        var gated = Targets(catalog.Images.Where(image => image.Promote.Gate is not null));
        var signed = Targets(catalog.Images.Where(image => image.Promote.Gate?.Signature is not null));
        var pipelines = catalog.Images.Select(image => ImageBuilder($"image-pipeline/{image.PipelineName}")).ToList();

        // Builds carry the recipe's name. Unless the catalog says otherwise, an adopted pipeline's recipe may have any name and any base.
        var adopts = catalog.Images.Any(image => image.Pipeline is PipelineSpec.Adopted);
        IReadOnlyList<string> bases = adopts
            ? [Repository("*", "*")]
            : [.. catalog.Images.SelectMany(image => image.MadeFrom).Where(from => from.IsEcr)
                .Select(from => Repository(from.Region ?? stack.Region, from.Repository, from.AccountId))];
        var names = catalog.Images.Select(image => image.RecipeName).ToList();
        IReadOnlyList<string> OfRecipes(string kind) =>
            names.Contains(null) ? [ImageBuilder($"{kind}/*")] : [.. names.Select(name => ImageBuilder($"{kind}/{name}/*"))];
        var builds = OfRecipes("image");
        var recipes = OfRecipes("container-recipe");

        var grants = new List<(string Function, string[] Actions, IEnumerable<string> Resources)>();
        void Allow(string function, string[] actions, params IEnumerable<string> resources) => grants.Add((function, actions, resources));

        // ECR reads the findings of enhanced scanning from Inspector with the caller's permissions. "*" because they have no resource type. ECR does
        // not scan an index, so its child images are read.
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
        void AllowFindings(string function, string[] more, IReadOnlyCollection<string> repositories)
        {
            if (repositories.Count > 0)
            {
                Allow(function, ["ecr:DescribeImageScanFindings", .. more, "ecr:BatchGetImage"], repositories);
                Allow(function, ["inspector2:ListFindings", "inspector2:ListCoverage"], "*");
            }
        }

        // The functions that decide whether a build is due.
        string[] planners = [FunctionNames.Reconcile, FunctionNames.ImagePushed, FunctionNames.BuildNotification, FunctionNames.PlanBuild];

        // Reading the builds of an image includes its pipeline, the recipe of the pipeline, and the builds.
        string[] readers = [FunctionNames.ImagePushed, FunctionNames.BuildNotification, FunctionNames.PlanBuild, FunctionNames.InspectImage,
            FunctionNames.Prune];
        string[] read = ["imagebuilder:GetImagePipeline", "imagebuilder:ListImagePipelineImages"];
        AllowTogether(stack, "ReadPipelines", functions, readers, read, pipelines);

        // The reconcile ends a hold whose time is over, and an explicit promotion ends any. One statement, so that the pipelines are named once.
        string[] holders = [FunctionNames.Reconcile, FunctionNames.PromoteImage];
        AllowTogether(stack, "HoldPipelines", functions, holders, [.. read, "imagebuilder:UntagResource"], pipelines);
        AllowTogether(stack, "ReadRecipes", functions, [.. holders, .. readers], ["imagebuilder:GetContainerRecipe"], recipes);

        foreach (var function in new[] { FunctionNames.ImagePushed, FunctionNames.BuildNotification, FunctionNames.PlanBuild })
        {
            Allow(function, ["ecr:DescribeImages"], bases);
        }

        // Reads a base that is named by a parameter or an Image Builder ARN. For adopted pipelines it reads only what the catalog names, because
        // other parameters of the account may hold anything.
        var parents = catalog.Images.Select(image => image.Parent).OfType<ParentImage>().ToList();
        var parameters = parents.OfType<ParentImage.Parameter>().Select(parameter => ParameterArn(parameter.NameOrArn))
            .Distinct(StringComparer.Ordinal).ToList();
        var images = parents.OfType<ParentImage.ImageBuilderImage>()
            .Select(built => $"arn:{Aws.PARTITION}:imagebuilder:{built.Region}:{built.Owner}:image/{built.Name}/*").Distinct(StringComparer.Ordinal).ToList();
        foreach (var function in planners)
        {
            Allow(function, ["ssm:GetParameter"], parameters);
            Allow(function, ["imagebuilder:GetImage"], images);
        }

        Allow(FunctionNames.Prune, ["ssm:GetParameter"], parameters);

        // The distribution configuration says whether an adopted pipeline itself moves a floating tag. It may have any name.
        if (catalog.Images.Any(image => image is { Pipeline: PipelineSpec.Adopted, Promote.FloatingTags.Count: > 0 }))
        {
            foreach (var function in planners)
            {
                Allow(function, ["imagebuilder:GetDistributionConfiguration"], ImageBuilder("distribution-configuration/*"));
            }
        }

        // Reconcile reads the base, the tags of the builds, and conflicting tags. InspectImage reads the digest of the build.
        Allow(FunctionNames.Reconcile, ["ecr:DescribeImages"], adopts ? bases : bases.Concat(targets));
        Allow(FunctionNames.Reconcile, ["ecr:DescribeRepositories"], targets);
        Allow(FunctionNames.InspectImage, ["ecr:DescribeImages"], targets);

        // A base that may come through a pull-through cache is pulled once a day, and ECR looks upstream with the caller's permissions. The
        // repository of an adopted pipeline's base exists already. "*" because the cache rules have no resource type in IAM.
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
        var caches = Caches(catalog, stack.Region);
        var cached = adopts ? bases : caches;
        if (cached.Count > 0)
        {
            Allow(FunctionNames.Reconcile, ["ecr:DescribePullThroughCacheRules"], "*");
            Allow(FunctionNames.Reconcile, ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage"], cached);
            Allow(FunctionNames.Reconcile, ["ecr:CreateRepository"], caches);
        }

        // EventBridge reports every cancelled build of the account. Only its record shows the pipeline.
        Allow(FunctionNames.BuildNotification, ["imagebuilder:GetImage"], ImageBuilder("image/*"));

        // Starting a build with tags requires TagResource on the pipeline: the reference gives StartImagePipelineExecution no other resource type,
        // and Amazon's EC2ImageBuilderExecutionPolicy grants both on image-pipeline/*. GetImagePipeline is one of its dependent actions, like
        // CreateServiceLinkedRole below. The service writes the tags on the build. No page says whether it also checks the build, so both are
        // granted until a first deployment shows which one the service checks.
        // https://docs.aws.amazon.com/service-authorization/latest/reference/list_imagebuilder.html
        // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/EC2ImageBuilderExecutionPolicy.html
        Allow(FunctionNames.StartBuild, ["imagebuilder:StartImagePipelineExecution", "imagebuilder:GetImagePipeline", "imagebuilder:TagResource"], pipelines);

        // The response to a repeated start may lack the build.
        Allow(FunctionNames.StartBuild, ["imagebuilder:ListImagePipelineImages"], pipelines);

        // StartBuild checks that the build in Image Builder's answer exists.
        Allow(FunctionNames.StartBuild, ["imagebuilder:GetImage"], builds);
        Allow(FunctionNames.StartBuild, ["imagebuilder:TagResource"], builds);
        AllowServiceLinkedRole(functions[FunctionNames.StartBuild]);

        // A rollback stores its target and its hold as tags of the pipeline.
        Allow(FunctionNames.InspectImage, ["imagebuilder:TagResource"], builds.Concat(pipelines));

        // They read the marks of the build and whether it may still be released.
        Allow(FunctionNames.CheckScan, ["imagebuilder:GetImage"], builds);
        Allow(FunctionNames.Announce, ["imagebuilder:GetImage"], builds);

        // Where scans do not start automatically, CheckScan starts a basic scan.
        AllowFindings(FunctionNames.CheckScan, ["ecr:DescribeImages"], gated);
        Allow(FunctionNames.CheckScan, ["ecr:StartImageScan"], gated);
        if (gated.Count > 0)
        {
            // "*" because this setting of the registry has no resource type in IAM.
            // https://docs.aws.amazon.com/service-authorization/latest/reference/list_ecr.html
            Allow(FunctionNames.CheckScan, ["ecr:GetRegistryScanningConfiguration"], "*");
        }

        // A signature is an artifact beside the image, with its content in a layer. BatchGetImage also permits ListImageReferrers.
        // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
        Allow(FunctionNames.CheckScan, ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], signed);

        // A signature names the profile and the signing job, and both must be allowed. The account of the job is that of the pusher.
        // https://docs.aws.amazon.com/service-authorization/latest/reference/list_signer.html
        var profiles = catalog.Images.SelectMany(image => image.Promote.Gate?.Signature?.Signers ?? []).OfType<Signer.Profile>()
            .Select(profile => profile.Unversioned).Distinct(StringComparer.Ordinal).ToList();
        Allow(FunctionNames.CheckScan, ["signer:GetRevocationStatus"],
            [.. profiles, .. profiles.Select(profile => $"{string.Join(':', profile.Split(':')[..4])}:*:/signing-jobs/*").Distinct(StringComparer.Ordinal)]);

        // The base gate. The recipe of an adopted pipeline may name any base.
        var gatedImages = catalog.Images.Where(image => image.Build.BaseGate is not null).ToList();
        IReadOnlyList<string> gatedBases = gatedImages.Exists(image => image.Pipeline is PipelineSpec.Adopted)
            ? [Repository("*", "*")]
            : [.. gatedImages.Select(image => image.From).OfType<ImageReference>().Where(from => from.IsEcr)
                .Select(from => Repository(from.Region ?? stack.Region, from.Repository, from.AccountId))];
        foreach (var function in planners)
        {
            AllowFindings(function, [], gatedBases);
        }

        // Findings after a promotion. Reconcile renews basic scans; PlanBuild plans again what Reconcile started.
        var watched = Targets(catalog.Images.Where(image => image.Promote.AlertOnFindings is not null || image.Build.RebuildOnFindings is not null));
        foreach (var function in new[] { FunctionNames.Reconcile, FunctionNames.PlanBuild })
        {
            AllowFindings(function, ["ecr:DescribeImages"], watched);
        }

        Allow(FunctionNames.Reconcile, ["ecr:StartImageScan"], watched);
        if (watched.Count > 0)
        {
            // An image without a scan: "*" as for CheckScan.
            Allow(FunctionNames.Reconcile, ["ecr:GetRegistryScanningConfiguration"], "*");
        }

        Allow(FunctionNames.PromoteImage, ["ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:BatchGetImage", "ecr:PutImage"], targets);

        // The statement of a promotion is an artifact beside the image.
        Allow(FunctionNames.PromoteImage, ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
            Targets(catalog.Images.Where(image => image.Promote.Statement)));

        // Tags on the builds store the progress of a release and the owners of the floating tags.
        Allow(FunctionNames.PromoteImage, ["imagebuilder:TagResource"], builds);

        Allow(FunctionNames.Announce, ["imagebuilder:TagResource"], builds);

        Allow(FunctionNames.Prune, ["ecr:DescribeImages", "ecr:BatchGetImage", "ecr:BatchDeleteImage"], targets);
        Allow(FunctionNames.Prune, ["imagebuilder:TagResource", "imagebuilder:UntagResource", "imagebuilder:DeleteImage"], builds);

        // A stack update keeps the previous recipe. Recipes of adopted pipelines belong to other owners.
        Allow(FunctionNames.Prune, ["imagebuilder:DeleteContainerRecipe"],
            catalog.Images.Where(image => image.Pipeline is PipelineSpec.Defined).Select(image => ImageBuilder($"container-recipe/{image.RecipeName}/*")));

        // A tag in a repository names a build. Any recipe of the account may push there, in each Region that the image is promoted to.
        Allow(FunctionNames.Prune, ["imagebuilder:GetImage", "imagebuilder:ListImageBuildVersions"],
            [.. catalog.Images.SelectMany(image => image.Regions).Prepend(stack.Region).Distinct(StringComparer.Ordinal)
                .Select(region => $"arn:{stack.Partition}:imagebuilder:{region}:{stack.Account}:image/*")]);

        // "*" because these two actions have no resource type: any recipe of the account may use our images as a base or push to their repository.
        Allow(FunctionNames.Prune, ["imagebuilder:ListContainerRecipes", "imagebuilder:ListImages"], "*");

        UsagePermissions.Grant(catalog, (actions, resources) => Allow(FunctionNames.Prune, actions, resources));

        foreach (var grant in grants.GroupBy(
            grant => (grant.Function, grant.Resources), (key, same) => (key.Function, Actions: same.SelectMany(each => each.Actions), key.Resources)))
        {
            Permissions.Allow(functions[grant.Function], [.. grant.Actions.Distinct(StringComparer.Ordinal)], grant.Resources);
        }

        var largest =
            grants.GroupBy(grant => grant.Function,
                (_, all) => all.Select(each => each.Resources).Distinct().Sum(each => each.Distinct(StringComparer.Ordinal).Sum(Length))).Max()
            + pipelines.Sum(Length) + recipes.Sum(Length);
        if (largest > MaxRoleSize)
        {
            throw new CatalogException([new CatalogFault(
                "images",
                $"naming {catalog.Images.Count} images takes {largest} characters of a role's policies, but only {MaxRoleSize} fit: divide them among catalogs and deploy each as its own stack (context stackName and catalog)")]);
        }
    }
}
