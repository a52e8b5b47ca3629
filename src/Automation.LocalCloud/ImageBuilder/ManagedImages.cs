using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>A version of an image that Amazon manages.</summary>
internal sealed record ManagedImage(string Name, string Version, DateTimeOffset Created)
{
    public string Arn(string region) => new ResourceArn(region, ResourceArn.Amazon, "image", Name, Version, 1).ToString();
}

/// <summary>
/// The container images that Amazon manages, such as <c>amazon-linux-x86-latest</c>. The control endpoint sets them:
/// <code>
/// {"name":"amazon-linux-x86-latest","version":"2026.1.1"}
/// </code>
/// They are the same in every Region. Amazon's images are not here, so a build on one uses a placeholder.
/// </summary>
internal sealed class ManagedImages(Engine engine)
{
    private readonly Table<ManagedImage> _images = new("imagebuilder.managedImages", engine.Store, () => ImageBuilderJson.Default.ManagedImage);

    /// <summary>The newest version that matches an ARN with wildcards; null if there is none.</summary>
    public ManagedImage? Find(string arn)
    {
        var wanted = ResourceArn.TryParse(arn);
        return wanted is { Account: ResourceArn.Amazon, Kind: "image", Build: null or 1 } && VersionPattern.TryParse(wanted.Version ?? "x.x.x") is { } pattern
            ? _images.Values.Where(image => image.Name == wanted.Name && pattern.Matches(VersionPattern.TryParse(image.Version)!))
                .OrderBy(image => image.Created).ThenBy(image => image.Version, StringComparer.Ordinal).LastOrDefault()
            : null;
    }

    /// <exception cref="AwsException">ValidationException: the request is not valid.</exception>
    public JsonObject Apply(JsonObject input)
    {
        var (name, version) = (Text("name"), Text("version"));
        if (input.Count != 2 || VersionPattern.TryParse(version) is not { HasWildcard: false })
        {
            throw new AwsException("ValidationException", "Managed images: a request needs a name and a version such as 2026.1.1.");
        }

        _images.Set($"{name}/{version}", new ManagedImage(name, version, engine.Clock.Now));
        return new JsonObject { ["images"] = new JsonArray([.. _images.Values.Select(image => JsonValue.Create($"{image.Name}/{image.Version}"))]) };

        string Text(string member) => input[member] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0
            ? text
            : throw new AwsException("ValidationException", $"Managed images: {member} must be a string.");
    }

    public static JsonObject Show(ManagedImage image, string region) => new()
    {
        ["arn"] = image.Arn(region),
        ["name"] = image.Name,
        ["version"] = $"{image.Version}/1",
        ["type"] = "DOCKER",
        ["platform"] = "Linux",
        ["imageSource"] = "AMAZON_MANAGED",
        ["dateCreated"] = ImageBuilderState.Text(image.Created),
        ["state"] = new JsonObject { ["status"] = ImageStatus.Available },
    };
}
