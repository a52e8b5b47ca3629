using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Pushes a finished image to the target repository of every distribution Region.</summary>
internal sealed partial class Distributor(ImageBuilderState state, ImageAssembly assembly)
{
    /// <returns>The value of <c>outputResources.containers</c>.</returns>
    /// <exception cref="BuildFailedException">A repository is missing or refuses a tag. Tags that were already written stay.</exception>
    public IReadOnlyList<ContainerOutput> Distribute(ImageBuild build)
    {
        var targets = Targets(build);
        if (targets.Count == 0)
        {
            throw Failed("The distribution configuration has no container distribution.", []);
        }

        var missing = targets.Where(target => !state.Engine.Registry.HasRepository(target.Region, target.Repository)).ToList();
        if (missing.Count > 0)
        {
            throw Failed(
                string.Join(" ", missing.Select(target => $"The target repository '{target.Repository}' does not exist in {target.Region}.")),
                [.. missing.Select(target => target.Region)]);
        }

        if (targets.SelectMany(target => target.Tags).FirstOrDefault(tag => !Tag().IsMatch(tag)) is { } wrong)
        {
            throw Failed($"'{wrong}' is not an image tag.", [.. targets.Where(target => target.Tags.Contains(wrong)).Select(target => target.Region)]);
        }

        var image = build.SourceImage is { } source ? Copy(source) : assembly.Assemble(build);
        return [.. targets.Select(target => Push(build, image, target))];
    }

    /// <summary>The image that another one has distributed, byte for byte.</summary>
    private AssembledImage Copy(string source)
    {
        var (region, uri) = state.Images.Find(source)?.Containers.Select(output => (output.Region, output.ImageUris[0])).FirstOrDefault() ?? default;
        var (name, tag, _) = ParentImages.Split(uri ?? "");
        var repository = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var found = uri is null ? null : state.Engine.Registry.Find(region!, repository, tag!);
        if (found is null || JsonNode.Parse(found.Manifest.Span) is not { } manifest || Blob(manifest["config"]) is not { } config)
        {
            throw Failed($"The image of '{source}' is no longer in its repository.", []);
        }

        return new AssembledImage(found.Manifest, found.MediaType, config, [.. (manifest["layers"] as JsonArray ?? []).Select(layer =>
            new AssembledLayer(layer!["digest"]!.GetValue<string>(), Blob(layer), layer["urls"] is not null))]);

        ReadOnlyMemory<byte>? Blob(JsonNode? descriptor) => state.Engine.Registry.ReadBlob(region!, repository, descriptor!["digest"]!.GetValue<string>());
    }

    /// <summary>Where an image goes, and its tags there: that of its version first.</summary>
    public static List<(string Region, string Repository, IReadOnlyList<string> Tags)> Targets(ImageBuild build)
    {
        var versionTag = string.Create(CultureInfo.InvariantCulture, $"{build.Version}-{build.Build}");
        return build.DistributionConfiguration is { } configuration
            ? [.. configuration.Distributions
                .Where(distribution => distribution.ContainerDistributionConfiguration is not null)
                .Select(distribution => (
                    distribution.Region,
                    distribution.ContainerDistributionConfiguration!.TargetRepository.RepositoryName,
                    (IReadOnlyList<string>)[versionTag,
                        .. (distribution.ContainerDistributionConfiguration.ContainerTags ?? []).Where(tag => tag != versionTag).Distinct()]))]
            : [(build.Region, build.ContainerRecipe.TargetRepository.RepositoryName, [versionTag])];
    }

    private ContainerOutput Push(ImageBuild build, AssembledImage image, (string Region, string Repository, IReadOnlyList<string> Tags) target)
    {
        var ecr = state.Engine.Registry;
        foreach (var layer in image.Layers)
        {
            if (layer.Content is { } content)
            {
                ecr.PutBlob(target.Region, target.Repository, content);
            }
            else if (ecr.ReadBlob(target.Region, target.Repository, layer.Digest) is null)
            {
                var parent = build.Parent!;
                if (!ecr.MountBlob(parent.Region!, parent.Repository!, layer.Digest, target.Region, target.Repository) && !layer.IsForeign)
                {
                    throw Failed($"The layer {layer.Digest} of the parent image {parent.Reference} is no longer in the registry.", [target.Region]);
                }
            }
        }

        ecr.PutBlob(target.Region, target.Repository, image.Config);
        foreach (var tag in target.Tags)
        {
            try
            {
                // The instance pushes the image with its own permissions.
                // https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-setting-up.html
                ecr.PutManifest(target.Region, target.Repository, image.Manifest, image.MediaType, tag,
                    state.Engine.Access.InstanceCaller(build.InfrastructureConfiguration.InstanceProfileName));
            }
            catch (AwsException e) when (e.Code == "ImageAlreadyExistsException")
            {
                // The same image already has this tag, so there is nothing to do.
            }
            catch (AwsException e)
            {
                throw Failed($"The image cannot be pushed to '{target.Repository}:{tag}' in {target.Region}: {e.Message}", [target.Region], e);
            }
        }

        var name = $"{ecr.RegistryHost(target.Region)}/{target.Repository}";
        return new ContainerOutput(target.Region, [.. target.Tags.Select(tag => $"{name}:{tag}")]);
    }

    private BuildFailedException Failed(string reason, IReadOnlyList<string> regions, Exception? inner = null) =>
        new(BuildFailureKind.Distribution, reason, inner)
        {
            Distribution = new DistributionFailure(
            reason,
            [.. regions.Select(region => new RegionFailure(region, ImageStatus.Failed, reason, state.Engine.Options.AccountId))]),
        };

    // https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z")]
    private static partial Regex Tag();
}
