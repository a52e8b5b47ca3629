using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Ecr;

/// <summary>Images by tag and digest.</summary>
internal sealed class ImageOperations(
    Engine engine, EcrState state, EcrErrors errors, EcrWire wire, RepositoryOperations repositories, ImagePush push, ImageDeletion deletion,
    PullThroughCache cache)
{
    private static readonly IReadOnlyList<string?> Untagged = [null];

    public JsonObject Put(EcrCall call)
    {
        var repository = repositories.Find(call);
        var tag = call.Text("imageTag");
        if (tag is not null && !Tags.IsValid(tag))
        {
            throw EcrErrors.InvalidParameter("imageTag", $"must satisfy regular expression '{Tags.Pattern}'");
        }

        try
        {
            var image = push.Put(repository, new PushRequest(
                Encoding.UTF8.GetBytes(call.Text("imageManifest")!), call.Text("imageManifestMediaType"), tag, call.Text("imageDigest"))
            {
                Pusher = engine.Access.CallerOf(call.Context.AccessKeyId),
            });
            return new JsonObject { ["image"] = wire.Image(repository, image, tag) };
        }
        catch (ManifestException e)
        {
            throw EcrErrors.InvalidParameter("ImageManifest", e.Message);
        }
    }

    public JsonObject BatchGet(EcrCall call)
    {
        foreach (var tag in call.NestedList("imageIds").Select(id => id.ImageId()).Where(id => id.Digest is null).Select(id => id.Tag).OfType<string>()
            .Distinct())
        {
            cache.Refresh(call.Region, call.Text("repositoryName")!, tag, call.Context.AccessKeyId);
        }

        var repository = repositories.Find(call);
        var accepted = call.Texts("acceptedMediaTypes");
        var images = new JsonArray();
        var failures = new JsonArray();
        foreach (var id in call.NestedList("imageIds").Select(id => id.ImageId()).Distinct())
        {
            var (image, failure) = ImageDeletion.Resolve(repository, id);
            if (image is not null && accepted.Count > 0 && !accepted.Contains(image.MediaType, StringComparer.Ordinal))
            {
                failure = new ImageFailure(id, "ImageNotFound", "Requested image not found");
            }

            if (failure is not null)
            {
                failures.Add((JsonNode)EcrWire.Failure(failure));
                continue;
            }

            Pulled(repository, image!);

            // An image that is requested by digest is returned once for each of its tags.
            foreach (var tag in id.Tag is not null ? [id.Tag] : Listed(image!))
            {
                images.Add((JsonNode)wire.Image(repository, image!, tag));
            }
        }

        return new JsonObject { ["images"] = images, ["failures"] = failures };
    }

    public void Pulled(RepositoryIndex repository, ImageRow image)
    {
        if (image.LastPull != engine.Clock.Now)
        {
            state.Put(repository, image with { LastPull = engine.Clock.Now });
        }
    }

    public JsonObject Describe(EcrCall call)
    {
        var repository = repositories.Find(call);
        var ids = call.NestedList("imageIds");
        var filter = call.ImageFilter();
        if (ids.Count > 0)
        {
            if (call.Text("nextToken") is not null || call.Number("maxResults") is not null)
            {
                throw EcrErrors.InvalidParameter("maxResults", "maxResults and nextToken cannot be used together with imageIds");
            }

            var found = ids.Select(id => Require(repository, id)).DistinctBy(image => image.Digest).Where(filter);
            return new JsonObject { ["imageDetails"] = new JsonArray([.. found.Select(image => wire.Detail(repository, image))]) };
        }

        var list = $"images/{repository.Row.Key}";
        var size = Paging.Size(call);
        var page = repository.ImagesAfter(Paging.Sequence(call, list)).Where(filter).Take(size + 1).ToList();
        var result = new JsonObject
        {
            ["imageDetails"] = new JsonArray([.. page.Take(size).Select(image => wire.Detail(repository, image))]),
        };
        if (page.Count > size)
        {
            result["nextToken"] = Paging.Token(list, page[size - 1].Sequence.ToString(CultureInfo.InvariantCulture));
        }

        return result;
    }

    /// <exception cref="Wire.AwsException">ImageNotFoundException or InvalidParameterException.</exception>
    public ImageRow Require(RepositoryIndex repository, EcrCall id)
    {
        var (image, failure) = ImageDeletion.Resolve(repository, id.ImageId());
        return failure switch
        {
            null => image!,
            { Code: "ImageNotFound" or "ImageTagDoesNotMatchDigest" } => throw errors.ImageNotFound(repository.Row.Name, failure.Id.Digest, failure.Id.Tag),
            _ => throw new Wire.AwsException("InvalidParameterException", failure.Reason),
        };
    }

    /// <summary>Where the latest push of the image was replicated to.
    /// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageReplicationStatus.html</summary>
    public JsonObject DescribeReplication(EcrCall call)
    {
        var repository = repositories.Find(call);
        var id = call.Nested("imageId")!;
        var image = Require(repository, id);
        return new JsonObject
        {
            ["repositoryName"] = repository.Row.Name,
            ["imageId"] = EcrWire.Id(image.Digest, id.Text("imageTag")),
            ["replicationStatuses"] = new JsonArray([.. image.Replications.Select(Shown)]),
        };

        static JsonObject Shown(ReplicationResult result)
        {
            var shown = new JsonObject { ["region"] = result.Region, ["registryId"] = result.Account, ["status"] = result.Status };
            if (result.Status == "FAILED")
            {
                shown["failureCode"] = "The embedded cloud has no such registry, or no template with which it can create the repository";
            }

            return shown;
        }
    }

    public JsonObject List(EcrCall call)
    {
        var repository = repositories.Find(call);
        var list = $"list/{repository.Row.Key}";

        // A page may end between two tags of an image, so the position is «sequence/tag».
        var (after, afterTag) = ListPosition(Paging.Position(call, list));
        var size = Paging.Size(call);
        var page = new List<(ImageRow Image, string? Tag)>(size + 1);
        var rows = repository.ImagesAfter(after - 1).Where(call.ImageFilter())
            .SelectMany(image => TagsAfter(image, image.Sequence == after ? afterTag : null).Select(tag => (image, tag)));
        page.AddRange(rows.Take(size + 1));
        var result = new JsonObject
        {
            ["imageIds"] = new JsonArray([.. page.Take(size).Select(item => EcrWire.Id(item.Image.Digest, item.Tag))]),
        };
        if (page.Count > size)
        {
            var (image, tag) = page[size - 1];
            result["nextToken"] = Paging.Token(list, string.Create(CultureInfo.InvariantCulture, $"{image.Sequence}/{tag}"));
        }

        return result;
    }

    public JsonObject BatchDelete(EcrCall call)
    {
        var repository = repositories.Find(call);
        var deleted = new JsonArray();
        var failures = new JsonArray();
        foreach (var id in call.NestedList("imageIds").Select(id => id.ImageId()).Distinct())
        {
            var (gone, failure) = deletion.Delete(repository, id);
            foreach (var item in gone)
            {
                deleted.Add((JsonNode)EcrWire.Id(item.Digest, item.Tag));
            }

            if (failure is not null)
            {
                failures.Add((JsonNode)EcrWire.Failure(failure));
            }
        }

        return new JsonObject { ["imageIds"] = deleted, ["failures"] = failures };
    }

    public JsonObject ListReferrers(EcrCall call)
    {
        var repository = repositories.Find(call);
        var subject = call.Nested("subjectId")!.Text("imageDigest")!;
        if (!Digests.IsSha256(subject))
        {
            throw EcrErrors.InvalidParameter("subjectId", "image digest should satisfy the regex 'sha256:[a-f0-9]{64}'");
        }

        var list = $"referrers/{repository.Row.Key}/{subject}";
        var after = Paging.Sequence(call, list);
        var types = call.Nested("filter")?.Texts("artifactTypes") ?? [];
        var status = call.Nested("filter")?.Text("artifactStatus");
        var size = call.Number("maxResults") ?? 50;
        var page = repository.ReferrersOf(subject)
            .Where(image => image.Sequence > after
                && (types.Count == 0 || types.Contains(image.ArtifactType, StringComparer.Ordinal))
                && status is not ("ARCHIVED" or "ACTIVATING"))
            .Take(size + 1)
            .ToList();
        var result = new JsonObject { ["referrers"] = new JsonArray([.. page.Take(size).Select(Referrer)]) };
        if (page.Count > size)
        {
            result["nextToken"] = Paging.Token(list, page[size - 1].Sequence.ToString(CultureInfo.InvariantCulture));
        }

        return result;
    }

    private static JsonObject Referrer(ImageRow image)
    {
        var result = new JsonObject
        {
            ["digest"] = image.Digest,
            ["mediaType"] = image.MediaType,
            ["size"] = image.ManifestSize,
            ["artifactStatus"] = "ACTIVE",
        };
        if (image.ArtifactType is not null)
        {
            result["artifactType"] = image.ArtifactType;
        }

        if (image.Annotations is { Count: > 0 } annotations)
        {
            result["annotations"] = new JsonObject(annotations.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
        }

        return result;
    }

    /// <summary>An untagged image is listed once, without a tag.</summary>
    private static IReadOnlyList<string?> Listed(ImageRow image) => image.Tags.Count > 0 ? image.Tags : Untagged;

    private static IEnumerable<string?> TagsAfter(ImageRow image, string? tag)
    {
        if (tag is null)
        {
            return Listed(image);
        }

        // The tag moved away since the last page, so its image has most likely been listed already.
        var index = image.Tags.ToList().IndexOf(tag);
        return index < 0 ? [] : image.Tags.Skip(index + 1);
    }

    private static (long Sequence, string? Tag) ListPosition(string? position)
    {
        if (position is null)
        {
            return (1, null);
        }

        var slash = position.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && long.TryParse(position.AsSpan(0, slash), CultureInfo.InvariantCulture, out var sequence)
            ? (sequence, position[(slash + 1)..])
            : throw EcrErrors.InvalidToken();
    }
}
