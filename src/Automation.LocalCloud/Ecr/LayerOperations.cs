using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>The API's operations on layers.</summary>
internal sealed class LayerOperations(
    EcrState state, EcrErrors errors, EcrWire wire, RepositoryOperations repositories, LayerUploads uploads, RegistryTokens tokens)
{
    private const int PartSize = 10 * 1024 * 1024;
    private const int MinPartSize = 5 * 1024 * 1024;

    public JsonObject InitiateUpload(EcrCall call) => new()
    {
        ["uploadId"] = uploads.Begin(repositories.Find(call)).Id,
        ["partSize"] = PartSize,
    };

    public JsonObject UploadPart(EcrCall call)
    {
        var repository = repositories.Find(call);
        var upload = uploads.Find(repository, call.Text("uploadId")!);
        var content = Convert.FromBase64String(call.Text("layerPartBlob")!);
        var first = call.Input["partFirstByte"]!.GetValue<long>();
        var last = call.Input["partLastByte"]!.GetValue<long>();
        if (first != upload.Size)
        {
            throw errors.InvalidLayerPart(
                repository.Row.Name, upload.Id, upload.Size - 1, $"The layer part must start at byte {upload.Size}, not at byte {first}");
        }

        if (last - first + 1 != content.Length)
        {
            throw errors.InvalidLayerPart(
                repository.Row.Name, upload.Id, upload.Size - 1, $"The layer part has {content.Length} bytes, not those from {first} to {last}");
        }

        upload = uploads.Append(upload, content);
        var result = wire.About(repository);
        result["uploadId"] = upload.Id;
        result["lastByteReceived"] = upload.Size - 1;
        return result;
    }

    public JsonObject CompleteUpload(EcrCall call)
    {
        var repository = repositories.Find(call);
        var upload = uploads.Find(repository, call.Text("uploadId")!);
        var digest = call.Texts("layerDigests").FirstOrDefault(Digests.IsSha256)
            ?? throw EcrErrors.InvalidParameter("layerDigests", "must contain a sha256 digest");
        if (upload.Parts.Count == 0)
        {
            throw new AwsException("EmptyUploadException", $"The upload with id '{upload.Id}' does not contain any layer parts");
        }

        if (upload.Parts.SkipLast(1).Any(part => part.Size < MinPartSize))
        {
            throw new AwsException("LayerPartTooSmallException", $"Layer parts must be at least {MinPartSize} bytes in size");
        }

        if (repository.Layer(digest) is not null)
        {
            throw new AwsException(
                "LayerAlreadyExistsException",
                $"Layer with digest '{digest}' already exists in the repository with name '{repository.Row.Name}' in registry with id '{wire.Registry}'");
        }

        if (!uploads.Complete(repository, upload, digest))
        {
            throw new AwsException("InvalidLayerException", $"The layer digest '{digest}' does not match the content of the upload with id '{upload.Id}'");
        }

        var result = wire.About(repository);
        result["uploadId"] = upload.Id;
        result["layerDigest"] = digest;
        return result;
    }

    public JsonObject CheckAvailability(EcrCall call)
    {
        var repository = repositories.Find(call);
        var layers = new JsonArray();
        var failures = new JsonArray();
        foreach (var digest in call.Texts("layerDigests").Distinct(StringComparer.Ordinal))
        {
            if (!Digests.IsSha256(digest))
            {
                failures.Add((JsonNode)Failure(
                    digest, "InvalidLayerDigest", "Invalid request parameters: layer digest should satisfy the regex 'sha256:[a-f0-9]{64}'"));
            }
            else if (repository.Layer(digest) is { } layer)
            {
                layers.Add((JsonNode)new JsonObject
                {
                    ["layerDigest"] = digest,
                    ["layerAvailability"] = "AVAILABLE",
                    ["layerSize"] = layer.Size,
                    ["mediaType"] = MediaTypeOf(repository, digest),
                });
            }
            else
            {
                layers.Add((JsonNode)new JsonObject { ["layerDigest"] = digest, ["layerAvailability"] = "UNAVAILABLE" });
            }
        }

        return new JsonObject { ["layers"] = layers, ["failures"] = failures };

        static JsonObject Failure(string digest, string code, string reason) =>
            new() { ["layerDigest"] = digest, ["failureCode"] = code, ["failureReason"] = reason };
    }

    public JsonObject DownloadUrl(EcrCall call)
    {
        var repository = repositories.Find(call);
        var digest = call.Text("layerDigest")!;
        if (repository.Layer(digest) is null)
        {
            throw errors.LayerNotFound(repository.Row.Name, digest);
        }

        return new JsonObject
        {
            ["downloadUrl"] = tokens.SignedUrl(call.Context.Endpoint, call.Region, $"/v2/{repository.Row.Name}/blobs/{digest}"),
            ["layerDigest"] = digest,
        };
    }

    /// <summary>A layer itself has no media type; manifests give it one.</summary>
    private string MediaTypeOf(RepositoryIndex repository, string digest)
    {
        const string Gzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
        if (repository.UserOf(digest) is not { } image)
        {
            return Gzip;
        }

        var manifest = Manifest.Parse(state.Manifest(image), image.MediaType);
        return (manifest.Config?.Digest == digest ? manifest.Config : manifest.Layers.FirstOrDefault(layer => layer.Digest == digest))?.MediaType ?? Gzip;
    }
}
