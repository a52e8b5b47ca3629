using Amazon.CDK;
using Automation.Core.Catalog;

namespace Automation.Infra;

/// <summary>What each function may do, and on which resources: the actions that its code calls and no others.</summary>
internal static class Permissions
{
    public static void Grant(Stack stack, FunctionSet functions, ImageCatalog catalog)
    {
        string Ecr(string repository) => $"arn:{stack.Partition}:ecr:*:{stack.Account}:repository/{repository}";
        string ImageBuilder(string resource) => $"arn:{stack.Partition}:imagebuilder:{stack.Region}:{stack.Account}:{resource}";

        var targets = catalog.Images.Select(image => Ecr(image.Repository)).Distinct(StringComparer.Ordinal).ToArray();
        var repositories = targets
            .Concat(catalog.Repositories.Select(repository => Ecr(repository.Name)))
            .Concat(catalog.Images.Where(image => image.From?.Registry is null && image.From is not null).Select(image => Ecr(image.From!.Repository)))
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        var pipelines = catalog.Images.Select(image => ImageBuilder($"image-pipeline/{image.PipelineName}")).ToArray();

        // Builds carry the recipe's name, and an adopted pipeline's recipe may be called anything.
        var adopts = catalog.Images.Any(image => image.Pipeline is PipelineSpec.Adopted);
        var builds = adopts ? [ImageBuilder("image/*")] : catalog.Images.Select(image => ImageBuilder($"image/{image.PipelineName}/*")).ToArray();
        var recipes = adopts ? [ImageBuilder("container-recipe/*")] : catalog.Images.Select(image => ImageBuilder($"container-recipe/{image.PipelineName}/*")).ToArray();

        // Whoever loads an image's builds reads its pipeline, the recipe of that, and the builds.
        foreach (var function in new[] { "Reconcile", "ImagePushed", "PlanBuild", "InspectImage", "PromoteImage", "Prune" })
        {
            functions.Allow(function, ["imagebuilder:GetImagePipeline", "imagebuilder:ListImagePipelineImages"], pipelines);
            functions.Allow(function, ["imagebuilder:GetContainerRecipe"], recipes);
        }

        foreach (var function in new[] { "Reconcile", "ImagePushed", "PlanBuild", "InspectImage" })
        {
            functions.Allow(function, ["ecr:DescribeImages"], repositories);
        }

        functions.Allow("BuildNotification", ["imagebuilder:GetImage"], builds);

        // Tags given at the start are put on the build that is started.
        functions.Allow("StartBuild", ["imagebuilder:StartImagePipelineExecution"], pipelines);
        functions.Allow("StartBuild", ["imagebuilder:TagResource"], builds);

        functions.Allow("InspectImage", ["imagebuilder:TagResource"], builds);

        // Of an index, which ECR does not scan, the images it lists are asked for.
        functions.Allow("CheckScan", ["ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:BatchGetImage"], targets);

        // The hold of a rollback is a tag of the pipeline.
        functions.Allow("PromoteImage", ["ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:BatchGetImage", "ecr:PutImage"], targets);
        functions.Allow("PromoteImage", ["imagebuilder:TagResource", "imagebuilder:UntagResource"], pipelines);

        functions.Allow("Announce", ["imagebuilder:TagResource"], builds);

        functions.Allow("Prune", ["ecr:DescribeImages", "ecr:BatchGetImage", "ecr:BatchDeleteImage"], targets);
        functions.Allow("Prune", ["imagebuilder:TagResource", "imagebuilder:UntagResource", "imagebuilder:DeleteImage"], builds);

        // ListContainerRecipes takes no resource: any recipe of the account may be built on one of our images.
        functions.Allow("Prune", ["imagebuilder:ListContainerRecipes"], "*");
    }
}
