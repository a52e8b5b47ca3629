using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>Manifests by tag and digest, and their lists.</summary>
internal sealed class DistributionManifests(EcrState state, ImagePush push, ImageDeletion deletion, ImageOperations images)
{
    private const int MaxManifestSize = 4 * 1024 * 1024;

    public WireResponse Get(DistributionCall call)
    {
        var image = Find(call);
        if (!Accepts(call.Request.Header("accept"), image.MediaType))
        {
            throw new DistributionException(404, "MANIFEST_UNKNOWN", $"The manifest is of type {image.MediaType}, which the request does not accept");
        }

        if (call.Request.Method == "GET")
        {
            images.Pulled(call.Repository, image);
        }

        return new WireResponse(200, state.Manifest(image), image.MediaType) { Headers = About(image) };
    }

    public WireResponse Put(DistributionCall call)
    {
        if (call.Request.Body.Length > MaxManifestSize)
        {
            throw new DistributionException(413, "SIZE_INVALID", $"A manifest has at most {MaxManifestSize} bytes");
        }

        if (!call.IsDigest && !Tags.IsValid(call.Reference))
        {
            throw new DistributionException(400, "TAG_INVALID", $"'{call.Reference}' is not a tag");
        }

        var mediaType = call.Request.Header("content-type")?.Split(';')[0].Trim();
        ImageRow image;
        try
        {
            image = push.Put(call.Repository, new PushRequest(
                call.Request.Body,
                mediaType is "" or "application/json" ? null : mediaType,
                call.IsDigest ? null : call.Reference,
                call.IsDigest ? call.Reference : null));
        }
        catch (AwsException error) when (error.Code == "ImageAlreadyExistsException")
        {
            // Unlike PutImage, docker push succeeds for an image that exists already.
            image = Find(call);
        }

        var headers = About(image);
        headers["Location"] = $"{call.Path}/manifests/{image.Digest}";
        if (image.Subject is not null)
        {
            // Tells the client that the registry itself maintains the list of referrers.
            headers["OCI-Subject"] = image.Subject;
        }

        return WireResponse.Empty(201) with { Headers = headers };
    }

    public WireResponse Delete(DistributionCall call)
    {
        var (_, failure) = deletion.Delete(call.Repository, call.IsDigest ? new ImageId(call.Reference, null) : new ImageId(null, call.Reference));
        return failure switch
        {
            null => WireResponse.Empty(202),
            { Code: "ImageReferencedByManifestList" } => throw new DistributionException(405, "UNSUPPORTED", failure.Reason),
            { Code: "ImageNotFound" } => throw new DistributionException(404, "MANIFEST_UNKNOWN", failure.Reason),
            _ => throw new DistributionException(400, "MANIFEST_INVALID", failure.Reason),
        };
    }

    public static WireResponse TagList(DistributionCall call)
    {
        var last = call.Query("last");
        var limit = call.Query("n") is { } given
            ? int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                ? n
                : throw new DistributionException(400, "PAGINATION_NUMBER_INVALID", $"'{given}' is not a number of tags")
            : int.MaxValue;
        var rest = call.Repository.Tags
            .Where(tag => last is null || string.CompareOrdinal(tag, last) > 0)
            .Order(StringComparer.Ordinal)
            .ToList();
        var page = rest.Take(limit).ToList();
        var response = WireResponse.Json(new JsonObject
        {
            ["name"] = call.Repository.Row.Name,
            ["tags"] = new JsonArray([.. page.Select(tag => JsonValue.Create(tag))]),
        });
        return page.Count == rest.Count || page.Count == 0
            ? response
            : response with
            {
                Headers = new Dictionary<string, string>
                {
                    ["Link"] = string.Create(CultureInfo.InvariantCulture, $"<{call.Path}/tags/list?last={page[^1]}&n={limit}>; rel=\"next\""),
                },
            };
    }

    public static WireResponse Referrers(DistributionCall call)
    {
        if (!Digests.IsSha256(call.Reference))
        {
            throw new DistributionException(400, "DIGEST_INVALID", $"'{call.Reference}' is not a sha256 digest");
        }

        var type = call.Query("artifactType");
        var found = call.Repository.ReferrersOf(call.Reference).Where(image => type is null || image.ArtifactType == type);
        var response = WireResponse.Json(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = MediaTypes.OciIndex,
                ["manifests"] = new JsonArray([.. found.Select(Descriptor)]),
            },
            MediaTypes.OciIndex);
        return type is null
            ? response
            : response with { Headers = new Dictionary<string, string> { ["OCI-Filters-Applied"] = "artifactType" } };
    }

    private static JsonObject Descriptor(ImageRow image)
    {
        var descriptor = new JsonObject
        {
            ["mediaType"] = image.MediaType,
            ["digest"] = image.Digest,
            ["size"] = image.ManifestSize,
        };
        if (image.ArtifactType is not null)
        {
            descriptor["artifactType"] = image.ArtifactType;
        }

        if (image.Annotations is { Count: > 0 } annotations)
        {
            descriptor["annotations"] = new JsonObject(annotations.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
        }

        return descriptor;
    }

    private static ImageRow Find(DistributionCall call) =>
        (call.IsDigest ? call.Repository.ByDigest(call.Reference) : call.Repository.ByTag(call.Reference))
        ?? throw new DistributionException(404, "MANIFEST_UNKNOWN", "Requested image not found");

    private static Dictionary<string, string> About(ImageRow image) => new()
    {
        ["Docker-Content-Digest"] = image.Digest,
        ["ETag"] = $"\"{image.Digest}\"",
    };

    /// <summary>Without an Accept header, or with a general one, the manifest is sent unchanged.</summary>
    private static bool Accepts(string? accept, string mediaType)
    {
        if (string.IsNullOrWhiteSpace(accept))
        {
            return true;
        }

        var types = accept.Split(',').Select(type => type.Split(';')[0].Trim());
        return types.Any(type => type == mediaType || type is "*/*" or "application/*" or "application/json");
    }
}
