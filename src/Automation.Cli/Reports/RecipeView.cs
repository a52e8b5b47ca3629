using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Automation.Cli.Deployment;
using Automation.Core.Builds;

namespace Automation.Cli.Reports;

/// <summary>The container recipe that a build was made from.</summary>
/// <param name="Name">Such as <c>app 1.0.2</c>.</param>
/// <param name="Lines">Its content: parent image, components with their parameters, working directory, and the lines of the Dockerfile.</param>
internal sealed record RecipeView(string Name, IReadOnlyList<string> Lines)
{
    /// <returns>Null if the build no longer exists, or has no container recipe, or cannot be read.</returns>
    public static async Task<RecipeView?> ReadAsync(Connection connection, BuildRecord build, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await connection.Builder.GetImageAsync(new GetImageRequest { ImageBuildVersionArn = build.Arn }, cancellationToken);
            return answer.Image?.ContainerRecipe is { } recipe ? new RecipeView($"{recipe.Name} {recipe.Version}", [.. LinesOf(recipe)]) : null;
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException
            && Profiles.Expired(e, profile: null) is null)
        {
            return null;
        }
    }

    private static IEnumerable<string> LinesOf(ContainerRecipe recipe)
    {
        yield return $"parent image {recipe.ParentImage}";
        foreach (var component in recipe.Components ?? [])
        {
            var parameters = (component.Parameters ?? []).Select(parameter => $" {parameter.Name}={string.Join(',', parameter.Value ?? [])}");
            yield return $"component {component.ComponentArn}{string.Concat(parameters)}";
        }

        if (recipe.WorkingDirectory is { Length: > 0 } folder)
        {
            yield return $"working directory {folder}";
        }

        foreach (var line in (recipe.DockerfileTemplateData ?? "").TrimEnd().Split('\n'))
        {
            yield return line.TrimEnd();
        }
    }
}
