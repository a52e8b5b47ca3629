using Amazon.CDK;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Infra;

/// <summary>What each function may do, and on which resources: the actions that its code calls and no others.</summary>
internal static class Permissions
{
    public static void Grant(Stack stack, FunctionSet functions, ImageCatalog catalog)
    {
        string Ecr(string repository) => $"arn:{stack.Partition}:ecr:*:{stack.Account}:repository/{repository}";
        string ImageBuilder(string resource) => $"arn:{stack.Partition}:imagebuilder:{stack.Region}:{stack.Account}:{resource}";

        string[] Repositories(IEnumerable<string> names) => [.. names.Distinct(StringComparer.Ordinal).Select(Ecr)];

        var targets = Repositories(catalog.Images.Select(image => image.Repository));
        var gated = Repositories(catalog.Images.Where(image => image.Promote.Gate is not null).Select(image => image.Repository));
        var pipelines = catalog.Images.Select(image => ImageBuilder($"image-pipeline/{image.PipelineName}")).ToArray();

        // Builds carry the recipe's name; an adopted pipeline's recipe may be called anything, and be built on anything.
        var adopts = catalog.Images.Any(image => image.Pipeline is PipelineSpec.Adopted);
        var bases = adopts
            ? Repositories(["*"])
            : Repositories(catalog.Images.Select(image => image.From!).Where(IsInEcr).Select(from => from.Repository));
        var builds = adopts ? [ImageBuilder("image/*")] : catalog.Images.Select(image => ImageBuilder($"image/{image.PipelineName}/*")).ToArray();
        var recipes = adopts ? [ImageBuilder("container-recipe/*")] : catalog.Images.Select(image => ImageBuilder($"container-recipe/{image.PipelineName}/*")).ToArray();

        // Whoever loads an image's builds reads its pipeline, the recipe of that, and the builds.
        foreach (var function in new[] { "Reconcile", "ImagePushed", "PlanBuild", "InspectImage", "PromoteImage", "Prune" })
        {
            functions.Allow(function, ["imagebuilder:GetImagePipeline", "imagebuilder:ListImagePipelineImages"], pipelines);
            functions.Allow(function, ["imagebuilder:GetContainerRecipe"], recipes);
        }

        foreach (var function in new[] { "ImagePushed", "PlanBuild" })
        {
            functions.Allow(function, ["ecr:DescribeImages"], bases);
        }

        // Besides the base these read what was built: Reconcile the tags that should be on it, InspectImage its digest. The base of a build
        // that somebody started by hand is read when it is released.
        foreach (var function in new[] { "Reconcile", "InspectImage" })
        {
            functions.Allow(function, ["ecr:DescribeImages"], adopts ? bases : [.. bases.Union(targets, StringComparer.Ordinal)]);
        }

        // EventBridge tells of every cancelled build of the account; whose it is says only its record.
        functions.Allow("BuildNotification", ["imagebuilder:GetImage"], ImageBuilder("image/*"));

        // Tags given at the start are put on the build that is started.
        functions.Allow("StartBuild", ["imagebuilder:StartImagePipelineExecution"], pipelines);
        functions.Allow("StartBuild", ["imagebuilder:TagResource"], builds);

        functions.Allow("InspectImage", ["imagebuilder:TagResource"], builds);

        // Of an index, which ECR does not scan, the images it lists are asked for.
        functions.Allow("CheckScan", ["ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:BatchGetImage"], gated);

        // The hold of a rollback is a tag of the pipeline.
        functions.Allow("PromoteImage", ["ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:BatchGetImage", "ecr:PutImage"], targets);
        functions.Allow("PromoteImage", ["imagebuilder:TagResource", "imagebuilder:UntagResource"], pipelines);

        functions.Allow("Announce", ["imagebuilder:TagResource"], builds);

        functions.Allow("Prune", ["ecr:DescribeImages", "ecr:BatchGetImage", "ecr:BatchDeleteImage"], targets);
        functions.Allow("Prune", ["imagebuilder:TagResource", "imagebuilder:UntagResource", "imagebuilder:DeleteImage"], builds);

        // "*" because IAM knows no resource for ListContainerRecipes: any recipe of the account may be built on one of our images.
        functions.Allow("Prune", ["imagebuilder:ListContainerRecipes"], "*");
    }

    // Of bases elsewhere nothing is read.
    private static bool IsInEcr(ImageReference from) => from.Registry is null || from.Registry.Contains(".dkr.ecr.", StringComparison.Ordinal);
}
