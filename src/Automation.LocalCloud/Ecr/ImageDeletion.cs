using System.Buffers;

namespace Automation.LocalCloud.Ecr;

/// <summary>An image id in a request.</summary>
internal sealed record ImageId(string? Digest, string? Tag);

/// <summary>Why one image of a batch failed; the batch itself succeeds.</summary>
internal sealed record ImageFailure(ImageId Id, string Code, string Reason);

/// <summary>Finds and deletes single images of a batch.</summary>
internal sealed class ImageDeletion(EcrState state, EcrEvents events)
{
    private static readonly SearchValues<char> Algorithm = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+.");
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The image that an id names, or the reason why it names none.</summary>
    public static (ImageRow? Image, ImageFailure? Failure) Resolve(RepositoryIndex repository, ImageId id)
    {
        if (id is { Digest: null, Tag: null })
        {
            return Fail("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null");
        }

        if (id.Digest is not null && !IsDigestShaped(id.Digest))
        {
            return Fail("InvalidImageDigest", "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'");
        }

        if (id.Tag is not null && !Tags.IsValid(id.Tag))
        {
            return Fail("InvalidImageTag", $"Invalid request parameters: image tag should satisfy the regex '{Tags.Pattern}'");
        }

        var image = id.Tag is null ? repository.ByDigest(id.Digest!) : repository.ByTag(id.Tag);
        if (image is null)
        {
            return Fail("ImageNotFound", "Requested image not found");
        }

        return id.Digest is null || image.Digest == id.Digest
            ? (image, null)
            : Fail("ImageTagDoesNotMatchDigest", "Invalid request parameters: given tag does not map to the given digest");

        (ImageRow?, ImageFailure?) Fail(string code, string reason) => (null, new ImageFailure(id, code, reason));
    }

    /// <summary>
    /// By tag (a digest may be an additional condition): deletes the tag, and with its last tag the image. By digest alone: deletes the
    /// image with all its tags. https://docs.aws.amazon.com/AmazonECR/latest/userguide/delete_image.html
    /// </summary>
    public (IReadOnlyList<ImageId> Deleted, ImageFailure? Failure) Delete(RepositoryIndex repository, ImageId id)
    {
        var (image, failure) = Resolve(repository, id);
        if (image is null)
        {
            return ([], failure);
        }

        if (id.Tag is not null && image.Tags.Count > 1)
        {
            state.Put(repository, image with { Tags = [.. image.Tags.Where(tag => tag != id.Tag)] });
            events.Deleted(image, id.Tag);
            return ([new ImageId(image.Digest, id.Tag)], null);
        }

        var parents = repository.ParentsOf(image.Digest);
        if (parents.Count > 0)
        {
            return ([], new ImageFailure(
                id,
                "ImageReferencedByManifestList",
                $"Requested image referenced by manifest list: [{string.Join(", ", parents)}]"));
        }

        return (Remove(repository, image), null);
    }

    /// <summary>Removes an image with all its tags, whether or not others refer to it.</summary>
    public IReadOnlyList<ImageId> Remove(RepositoryIndex repository, ImageRow image)
    {
        state.Remove(repository, image);
        if (image.Tags.Count == 0)
        {
            events.Deleted(image, null);
            return [new ImageId(image.Digest, null)];
        }

        foreach (var tag in image.Tags)
        {
            events.Deleted(image, tag);
        }

        return [.. image.Tags.Select(tag => new ImageId(image.Digest, tag))];
    }

    private static bool IsDigestShaped(string digest)
    {
        var colon = digest.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < digest.Length - 1
            && digest.AsSpan(0, colon).IndexOfAnyExcept(Algorithm) < 0
            && digest.AsSpan(colon + 1).IndexOfAnyExcept(Hex) < 0;
    }
}

/// <summary>Valid tag names: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests with ECR's length.</summary>
internal static class Tags
{
    public const string Pattern = "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}";
    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static bool IsValid(string tag) =>
        tag.Length is > 0 and <= 300
        && tag[0] is not ('.' or '-')
        && tag.AsSpan().IndexOfAnyExcept(Characters) < 0;
}
