using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The packages of a build, recorded when its image is distributed, as Image Builder records them at build time. They are those of the parent
/// image, because the embedded cloud does not run components. No page says what Image Builder finds in a container image; a pipeline with
/// <c>enhancedImageMetadataEnabled</c> false records nothing.
/// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ListImagePackages.html
/// </summary>
internal sealed class ImagePackages(ImageBuilderState state, Pager pager)
{
    private (string Digest, IReadOnlyList<InstalledPackage> Packages)? _latest;

    public void Register(Dictionary<string, Operation> operations) => operations["ListImagePackages"] = List;

    public void Record(ImageBuild build)
    {
        // "Collects additional information about the image being created, including the operating system (OS) version and package list."
        // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateImagePipeline.html
        if (build is { EnhancedImageMetadataEnabled: true, Parent: { ManifestDigest: { } digest } parent } && Read(parent, digest) is { Count: > 0 } packages)
        {
            state.Packages.Set(build.Arn, new PackageList(packages));
        }
    }

    private IReadOnlyList<InstalledPackage> Read(ResolvedParent parent, string digest)
    {
        if (_latest?.Digest != digest)
        {
            _latest = (digest, PackageDatabase.Read(Layers(parent, digest)));
        }

        return _latest.Value.Packages;
    }

    private IEnumerable<ReadOnlyMemory<byte>> Layers(ResolvedParent parent, string digest)
    {
        var registry = state.Engine.Registry;
        var manifest = registry.Find(parent.Region!, parent.Repository!, digest) is { } image ? JsonNode.Parse(image.Manifest.Span) : null;
        foreach (var layer in manifest?["layers"] as JsonArray ?? [])
        {
            if (layer?["digest"]?.GetValue<string>() is { } name && registry.ReadBlob(parent.Region!, parent.Repository!, name) is { } content)
            {
                yield return content;
            }
        }
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var build = ImageBuilderState.Find(state.Images, input["imageBuildVersionArn"]!.GetValue<string>(), context);
        var answer = new JsonObject();
        pager.Page(
            "ListImagePackages", context, input, state.Packages.Find(build.Arn)?.Packages ?? [], package => $"{package.Name}\n{package.Version}",
            package => new JsonObject { ["packageName"] = package.Name, ["packageVersion"] = package.Version }, "imagePackageList", answer);
        return answer;
    }
}
