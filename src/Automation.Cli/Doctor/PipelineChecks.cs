using Automation.Core.Catalog;

namespace Automation.Cli.Doctor;

/// <summary>The requirements on pipelines that the catalog adopts.</summary>
internal static class PipelineChecks
{
    public const string Adopted = "adopted pipelines";

    public static IEnumerable<Diagnosis> Check(DoctorScope scope, AccountFacts facts) =>
        facts.Adopted.SelectMany(adopted => adopted.Facts.Judge(Adopted, pipeline => Check(scope, adopted.Image, pipeline)));

    private static List<Diagnosis> Check(DoctorScope scope, ImageSpec image, AdoptedPipeline? pipeline)
    {
        var name = image.PipelineName;
        if (pipeline is null)
        {
            return [Diagnosis.Fault(Adopted, $"{image.Name} adopts the pipeline {name}, which does not exist in {scope.Region}",
                "Correct \"pipeline\" in the catalog, or create the pipeline.")];
        }

        if (pipeline.Recipe is null)
        {
            return [Diagnosis.Fault(Adopted, $"{image.Name} adopts the pipeline {name}, which builds an AMI and not a container image",
                "Adopt a pipeline with a container recipe.")];
        }

        var found = new List<Diagnosis>();
        if (!pipeline.Enabled)
        {
            found.Add(Diagnosis.Fault(
                Adopted, $"the pipeline {name} of {image.Name} is disabled: nothing is built", "Fix what disabled it, then enable it in Image Builder."));
        }

        if (image.Pipeline is PipelineSpec.Adopted { Recipe: { } expected } && expected != pipeline.Recipe)
        {
            found.Add(Diagnosis.Fault(
                Adopted, $"the pipeline {name} of {image.Name} builds the recipe {pipeline.Recipe}, and the catalog names {expected}",
                "Change \"recipe\" in the catalog, or the pipeline's recipe."));
        }

        if (pipeline.Schedule is { } schedule)
        {
            found.Add(Diagnosis.Warning(
                Adopted,
                $"the pipeline {name} of {image.Name} has a schedule of its own ({schedule}): Image Builder starts builds that the automation did not request",
                "Remove the pipeline's schedule and set build.schedule in the catalog."));
        }

        var elsewhere = pipeline.Repositories.Where(repository => repository != image.Repository).ToList();
        if (elsewhere.Count > 0)
        {
            found.Add(Diagnosis.Fault(
                Adopted, $"the pipeline {name} pushes to {string.Join(", ", elsewhere)}, and the catalog says that {image.Name} is in {image.Repository}",
                "Correct \"repository\" in the catalog, or the target repository of the recipe or the distribution configuration."));
        }

        if (pipeline.UnreadableParameter is { } parameter)
        {
            found.Add(Diagnosis.Fault(
                Adopted, $"the recipe of pipeline {name} is built on {parameter}, which Image Builder's service-linked role may not read",
                "Name the parameter /imagebuilder/…, or give the pipeline an execution role that may read it (ssm:GetParameter)."));
        }

        var moved = pipeline.ContainerTags.Where(tag => image.Promote.FloatingTags.Any(floating => floating.Matches(tag))).ToList();
        if (moved.Count > 0)
        {
            found.Add(Diagnosis.Fault(
                Adopted, $"the distribution of pipeline {name} moves {string.Join(", ", moved)} itself, before any gate: {image.Name} promotes the same tags",
                "Remove the tags from the distribution configuration's containerTags, or from promote.floatingTags."));
        }

        var missing = scope.RegionsOf(image).Except(pipeline.Regions.Count == 0 ? [scope.Region] : pipeline.Regions).ToList();
        if (missing.Count > 0)
        {
            found.Add(Diagnosis.Fault(
                Adopted, $"{image.Name} is promoted in {string.Join(", ", missing)}, and the distribution of pipeline {name} does not copy it there",
                "Add the Regions to the pipeline's distribution configuration, or remove them from the image's \"regions\"."));
        }

        return found.Count > 0 ? found : [Diagnosis.Ok(Adopted, $"{name} builds {image.Name}")];
    }
}
