using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>ECR's errors with ECR's texts, which clients and people search for.</summary>
internal sealed class EcrErrors(string registry)
{
    public static AwsException InvalidParameter(string parameter, string constraint) =>
        new("InvalidParameterException", $"Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'");

    /// <summary>The embedded cloud's own limit: it has the registries of one account.</summary>
    public static AwsException NoRegistry(string parameter, string registry) =>
        InvalidParameter(parameter, $"the embedded cloud has no registry '{registry}'");

    public static AwsException InvalidToken() => InvalidParameter("nextToken", "Invalid pagination token");

    public AwsException RepositoryNotFound(string name, string? registryId = null) => new(
        "RepositoryNotFoundException",
        $"The repository with name '{name}' does not exist in the registry with id '{registryId ?? registry}'");

    public AwsException RepositoryAlreadyExists(string name) => new(
        "RepositoryAlreadyExistsException",
        $"The repository with name '{name}' already exists in the registry with id '{registry}'");

    public AwsException RepositoryNotEmpty(string name) => new(
        "RepositoryNotEmptyException",
        $"The repository with name '{name}' in registry with id '{registry}' cannot be deleted because it still contains images");

    public AwsException ImageNotFound(string repository, string? digest, string? tag) => new(
        "ImageNotFoundException",
        $"The image with imageId {ImageId(digest, tag)} does not exist within the repository with name '{repository}' in the registry with id '{registry}'");

    public AwsException ImageAlreadyExists(string repository, string digest, string? tag) => new(
        "ImageAlreadyExistsException",
        $"Image with digest '{digest}' and tag '{tag ?? "null"}' already exists in the repository with name '{repository}' in registry with id '{registry}'");

    public static AwsException ImageTagAlreadyExists(string repository, string tag) => new(
        "ImageTagAlreadyExistsException",
        $"The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the repository is immutable.");

    public static AwsException ImageDigestDoesNotMatch(string given, string actual) => new(
        "ImageDigestDoesNotMatchException",
        $"The provided image digest '{given}' does not match the digest '{actual}' of the image manifest");

    public AwsException LayersNotFound(string repository, IEnumerable<string> digests) => new(
        "LayersNotFoundException",
        $"Layers with digests '[{string.Join(", ", digests)}]' required for pushing image into repository with name '{repository}' in the registry with id '{registry}' do not exist");

    public AwsException LayerNotFound(string repository, string digest) => new(
        "LayersNotFoundException",
        $"The layer with digest '{digest}' does not exist within the repository with name '{repository}' in the registry with id '{registry}'");

    public AwsException ReferencedImagesNotFound(string repository, IEnumerable<string> digests) => new(
        "ReferencedImagesNotFoundException",
        $"Images with digests '[{string.Join(", ", digests)}]' required for pushing image into repository with name '{repository}' in the registry with id '{registry}' do not exist");

    public AwsException UploadNotFound(string repository, string id) => new(
        "UploadNotFoundException",
        $"The upload with id '{id}' could not be found in the repository with name '{repository}' in the registry with id '{registry}'");

    public AwsException InvalidLayerPart(string repository, string id, long lastValidByte, string message) => new("InvalidLayerPartException", message)
    {
        Members = new JsonObject
        {
            ["registryId"] = registry,
            ["repositoryName"] = repository,
            ["uploadId"] = id,
            ["lastValidByteReceived"] = lastValidByte,
        },
    };

    public AwsException ScanNotFound(string repository, string? digest, string? tag) => new(
        "ScanNotFoundException",
        $"Image scan does not exist for the image with '{ImageId(digest, tag)}' in the repository with name '{repository}' in the registry with id '{registry}'");

    public AwsException LifecyclePolicyNotFound(string repository) => new(
        "LifecyclePolicyNotFoundException",
        $"Lifecycle policy does not exist for the repository with name '{repository}' in the registry with id '{registry}'");

    public AwsException LifecyclePolicyPreviewNotFound(string repository) => new(
        "LifecyclePolicyPreviewNotFoundException",
        $"Lifecycle policy preview does not exist for the repository with name '{repository}' in the registry with id '{registry}'");

    public AwsException RepositoryPolicyNotFound(string repository) => new(
        "RepositoryPolicyNotFoundException",
        $"Repository policy does not exist for the repository with name '{repository}' in the registry with id '{registry}'");

    public AwsException RegistryPolicyNotFound() => new(
        "RegistryPolicyNotFoundException", $"Registry policy does not exist in the registry with id '{registry}'");

    private static string ImageId(string? digest, string? tag) => $"{{imageDigest:'{digest ?? "null"}', imageTag:'{tag ?? "null"}'}}";
}
