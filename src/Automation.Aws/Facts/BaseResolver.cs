using Automation.Core;
using Automation.Core.Images;
using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>The current meaning of a recipe's base.</summary>
/// <param name="Reference">The image, if there is a reference to it.</param>
/// <param name="ResolvedTo">The value of a base that is named by a parameter or an ARN and is not in an ECR registry of this account. The text
/// identifies it.</param>
/// <param name="At">When the value last changed.</param>
/// <param name="Missing">Why the base cannot be resolved; null if it can.</param>
internal sealed record ResolvedBase(ImageReference? Reference, string? ResolvedTo = null, DateTimeOffset? At = null, string? Missing = null);

/// <summary>
/// Resolves the forms in which a recipe may name its base besides an image reference: a Systems Manager parameter, and an Image Builder image
/// of this account or managed by Amazon, with wildcards in its version.
/// </summary>
/// <remarks>AWS documents parameters for AMI recipes and for the instances of container recipes
/// (https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html), and Image Builder ARNs for both kinds of recipe
/// (https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ContainerRecipe.html).</remarks>
internal sealed class BaseResolver(IImageBuilder imageBuilder, IParameters? parameters, AwsScope scope)
{
    /// <exception cref="PermanentException">Access to the base is denied.</exception>
    public async Task<ResolvedBase> ResolveAsync(ParentImage parent, CancellationToken cancellationToken) => parent switch
    {
        ParentImage.RegistryImage image => new ResolvedBase(image.Image),
        ParentImage.Parameter parameter => await OfParameterAsync(parameter, cancellationToken),
        ParentImage.ImageBuilderImage built => await OfBuildAsync(built, cancellationToken),
        _ => new ResolvedBase(null),
    };

    private async Task<ResolvedBase> OfParameterAsync(ParentImage.Parameter parameter, CancellationToken cancellationToken)
    {
        var reader = parameters ?? throw new PermanentException($"Parameter {parameter.NameOrArn} cannot be read here.");
        if (await reader.FindAsync(parameter.NameOrArn, cancellationToken) is not { } found)
        {
            return new ResolvedBase(null, Missing: $"there is no parameter {parameter.NameOrArn} in {scope.Region}");
        }

        var text = found.Value.Trim();
        var named = ParentImage.Parse(text);
        if (named is ParentImage.Parameter or ParentImage.Unreadable)
        {
            return new ResolvedBase(null, Missing: $"the value of parameter {parameter.NameOrArn} is not an image");
        }

        var image = await ResolveAsync(named, cancellationToken);
        return image.Missing is not null || image.ResolvedTo is not null || (image.Reference is { } reference && scope.RegionOf(reference) is not null)
            ? image
            : new ResolvedBase(image.Reference, text, found.ChangedAt);
    }

    private async Task<ResolvedBase> OfBuildAsync(ParentImage.ImageBuilderImage built, CancellationToken cancellationToken)
    {
        if (await imageBuilder.FindImageAsync(built.Text, cancellationToken) is not { } found)
        {
            return new ResolvedBase(null, Missing: $"there is no available image {built.Text}");
        }

        // There is one URI per tag, and the first is the build's own. If there are several Regions, take the pipeline's.
        var own = found.Uris.Select(uri => ImageReference.TryParse(uri, out var reference) ? reference : null).OfType<ImageReference>()
            .Where(reference => scope.RegionOf(reference) is not null).OrderBy(reference => reference.Region == scope.Region ? 0 : 1).FirstOrDefault();
        return own is not null ? new ResolvedBase(own) : new ResolvedBase(null, found.Arn, found.CreatedAt);
    }
}
