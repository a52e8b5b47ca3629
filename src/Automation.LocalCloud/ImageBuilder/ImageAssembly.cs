using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>A layer, and the place of its bytes: here (new), in the parent's repository, or in another registry.</summary>
/// <param name="IsForeign">Whether its descriptor has <c>urls</c>, so that no registry needs to have it.</param>
internal sealed record AssembledLayer(string Digest, ReadOnlyMemory<byte>? Content, bool IsForeign = false);

/// <summary>A finished image, ready to be pushed to any repository.</summary>
internal sealed record AssembledImage(ReadOnlyMemory<byte> Manifest, string MediaType, ReadOnlyMemory<byte> Config, IReadOnlyList<AssembledLayer> Layers);

/// <summary>
/// Assembles the image of a build: the parent's layers (or a labelled placeholder), then one layer with the rendered Dockerfile and
/// the components. The same build always gives the same bytes. https://github.com/opencontainers/image-spec/blob/main/config.md
/// </summary>
internal sealed class ImageAssembly(ImageBuilderState state, ComponentOperations components)
{
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    private const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    private const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string OciConfig = "application/vnd.oci.image.config.v1+json";
    private const string OciLayer = "application/vnd.oci.image.layer.v1.tar+gzip";

    /// <exception cref="BuildFailedException">The parent was deleted since the build began, or it is not a container image.</exception>
    public AssembledImage Assemble(ImageBuild build)
    {
        try
        {
            return Derive(build);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // The parent's documents may contain anything.
            throw new BuildFailedException(BuildFailureKind.Component, $"The parent image {build.Parent!.Reference} cannot be read: {e.Message}", e);
        }
    }

    private AssembledImage Derive(ImageBuild build)
    {
        var parent = build.Parent!;
        var (manifest, config, layers) = parent.ManifestDigest is null
            ? Placeholder(parent, BuildPlatform.Of(build.ContainerRecipe, build.InfrastructureConfiguration))
            : Pulled(parent);
        var isOci = manifest["mediaType"]!.GetValue<string>() == OciManifest;
        var (tar, compressed) = OciImage.Pack(Files(build));
        AddLayer(manifest, config, layers, tar, compressed, isOci ? OciLayer : DockerLayer, Time(build.Created), $"imagebuilder {build.Arn}");

        config["created"] = Time(build.Created);
        var own = Member(config, "config");
        if (build.ContainerRecipe.WorkingDirectory is { } directory)
        {
            own["WorkingDir"] = directory;
        }

        var labels = Member(own, "Labels");
        labels["org.opencontainers.image.title"] = build.Name;
        labels["org.opencontainers.image.version"] = string.Create(CultureInfo.InvariantCulture, $"{build.Version}-{build.Build}");
        labels["org.opencontainers.image.base.name"] = parent.Reference;
        labels["imagebuilder.build-version-arn"] = build.Arn;
        SetOrRemove(labels, "org.opencontainers.image.base.digest", parent.Digest);
        SetOrRemove(labels, "imagebuilder.base.manifest-digest", parent.ManifestDigest == parent.Digest ? null : parent.ManifestDigest);
        SetOrRemove(labels, "imagebuilder.base.placeholder", parent.ManifestDigest is null ? "true" : null);

        var configBytes = Encoding.UTF8.GetBytes(config.ToJsonString());
        manifest["config"] = Descriptor(isOci ? OciConfig : DockerConfig, configBytes);
        return new AssembledImage(Encoding.UTF8.GetBytes(manifest.ToJsonString()), isOci ? OciManifest : DockerManifest, configBytes, layers);
    }

    private (JsonObject Manifest, JsonObject Config, List<AssembledLayer> Layers) Pulled(ResolvedParent parent)
    {
        var (region, repository) = (parent.Region!, parent.Repository!);
        var image = state.Engine.Registry.Find(region, repository, parent.ManifestDigest!) ?? throw Gone("its manifest was deleted");
        var source = JsonNode.Parse(image.Manifest.Span)!.AsObject();
        if (source["config"]?["digest"]?.GetValue<string>() is not { } configDigest
            || source["config"]?["mediaType"]?.GetValue<string>() is not (OciConfig or DockerConfig)
            || source["layers"] is not JsonArray sourceLayers)
        {
            throw new BuildFailedException(BuildFailureKind.Component, $"The parent image {parent.Reference} is not a container image ({image.MediaType}).");
        }

        var config = state.Engine.Registry.ReadBlob(region, repository, configDigest) ?? throw Gone("its configuration was deleted");
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = image.MediaType == OciManifest ? OciManifest : DockerManifest,
            ["config"] = null,
            ["layers"] = sourceLayers.DeepClone(),
        };
        return (
            manifest,
            JsonNode.Parse(config.Span)!.AsObject(),
            [.. sourceLayers.Select(layer => new AssembledLayer(layer!["digest"]!.GetValue<string>(), null, layer["urls"] is not null))]);

        BuildFailedException Gone(string why) =>
            new(BuildFailureKind.Distribution, $"The parent image {parent.Reference} was pulled, but {why} before the image was distributed.");
    }

    private static (JsonObject Manifest, JsonObject Config, List<AssembledLayer> Layers) Placeholder(ResolvedParent parent, BuildPlatform platform)
    {
        var manifest = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = DockerManifest, ["config"] = null, ["layers"] = new JsonArray() };
        var config = new JsonObject
        {
            ["architecture"] = platform.Architecture,
            ["os"] = platform.Os,
            ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin") },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() },
            ["history"] = new JsonArray(),
        };
        var layers = new List<AssembledLayer>();
        var (tar, compressed) = OciImage.Pack(
            [("imagebuilder/placeholder-base", $"Placeholder for {parent.Reference}, which is not in the local registry.\n")]);
        AddLayer(manifest, config, layers, tar, compressed, DockerLayer, Time(DateTimeOffset.UnixEpoch), $"placeholder for {parent.Reference}");
        return (manifest, config, layers);
    }

    private List<(string Path, string Text)> Files(ImageBuild build)
    {
        var files = new List<(string Path, string Text)> { ("imagebuilder/Dockerfile", build.Dockerfile ?? "") };
        foreach (var arn in build.Dependencies.Where(dependency => ResourceArn.TryParse(dependency)?.Kind == "component"))
        {
            Component component;
            try
            {
                component = components.Resolve(build.Region, arn);
            }
            catch (AwsException e)
            {
                throw new BuildFailedException(BuildFailureKind.Component, $"A component was deleted while the image was built: {e.Message}", e);
            }

            files.Add(($"imagebuilder/components/{ResourceArn.Slug(component.Name)}-{component.Version}.yml", component.Data));
        }

        return files;
    }

    private static void AddLayer(
        JsonObject manifest, JsonObject config, List<AssembledLayer> layers, byte[] tar, byte[] compressed, string mediaType, string created, string createdBy)
    {
        var descriptor = Descriptor(mediaType, compressed);
        layers.Add(new AssembledLayer(descriptor["digest"]!.GetValue<string>(), compressed));
        manifest["layers"]!.AsArray().Add((JsonNode)descriptor);
        var rootfs = Member(config, "rootfs");
        rootfs["type"] ??= "layers";
        ListOf(rootfs, "diff_ids").Add((JsonNode)Digest(tar));
        ListOf(config, "history").Add((JsonNode)new JsonObject { ["created"] = created, ["created_by"] = createdBy });
    }

    private static JsonObject Member(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject found)
        {
            return found;
        }

        var made = new JsonObject();
        parent[name] = made;
        return made;
    }

    private static JsonArray ListOf(JsonObject parent, string name)
    {
        if (parent[name] is JsonArray found)
        {
            return found;
        }

        var made = new JsonArray();
        parent[name] = made;
        return made;
    }

    private static void SetOrRemove(JsonObject labels, string name, string? value)
    {
        labels.Remove(name);
        if (value is not null)
        {
            labels[name] = value;
        }
    }

    private static JsonObject Descriptor(string mediaType, byte[] content) => new()
    {
        ["mediaType"] = mediaType,
        ["size"] = content.Length,
        ["digest"] = Digest(content),
    };

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
