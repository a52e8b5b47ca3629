using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>A manifest to be pushed to a repository.</summary>
/// <param name="MediaType">The client's media type; null means that of the manifest.</param>
/// <param name="Digest">The digest that the client expects; checked if given.</param>
internal sealed record PushRequest(ReadOnlyMemory<byte> Bytes, string? MediaType, string? Tag, string? Digest)
{
    public Caller Pusher { get; init; } = Caller.Administrator;
}

/// <summary>
/// The rules of PutImage, for the API, the distribution endpoint and Image Builder.
/// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
/// </summary>
internal sealed class ImagePush(Engine engine, EcrState state, EcrErrors errors, EcrEvents events, Scanning scanning, Replication replication)
{
    private const int MaxTags = 1000;

    /// <summary>Called for each new image that is pushed, not for one that arrives otherwise.</summary>
    public Action<RepositoryIndex, ImageRow, Caller>? Pushed { get; set; }

    /// <exception cref="AwsException">The push breaks a rule of PutImage; nothing changed.</exception>
    /// <exception cref="ManifestException">The registry does not accept the manifest.</exception>
    /// <param name="announce">Publishes the arrival of the image; null publishes it as a push.</param>
    public ImageRow Put(RepositoryIndex repository, PushRequest push, Action<ImageRow>? announce = null)
    {
        var manifest = Manifest.Parse(push.Bytes, push.MediaType);
        var digest = OciImage.DigestOf(push.Bytes.Span);
        if (push.Digest is not null && push.Digest != digest)
        {
            throw EcrErrors.ImageDigestDoesNotMatch(push.Digest, digest);
        }

        var name = repository.Row.Name;
        var existing = repository.ByDigest(digest);
        var holder = push.Tag is null ? null : repository.ByTag(push.Tag);
        if (holder is not null && IsImmutable(repository.Row, push.Tag!))
        {
            // Even the same digest is refused: https://github.com/aws/containers-roadmap/issues/2380
            throw EcrErrors.ImageTagAlreadyExists(name, push.Tag!);
        }

        if (existing is not null && (push.Tag is null || holder?.Digest == digest))
        {
            throw errors.ImageAlreadyExists(name, digest, push.Tag);
        }

        if (existing is null && repository.Count >= state.ImagesPerRepository)
        {
            throw new AwsException("LimitExceededException", $"The repository with name '{name}' already has {state.ImagesPerRepository} images.");
        }

        if (existing?.Tags.Count >= MaxTags)
        {
            throw new AwsException("LimitExceededException", $"The image already has {MaxTags} tags.");
        }

        CheckReferences(repository, manifest);
        if (holder is not null)
        {
            state.Put(repository, holder with { Tags = [.. holder.Tags.Where(tag => tag != push.Tag)] });
        }

        var image = existing ?? NewRow(repository, manifest, digest, push.Bytes.Length);
        if (push.Tag is not null)
        {
            image = image with { Tags = [.. image.Tags, push.Tag] };
        }

        state.Put(repository, image, existing is null ? push.Bytes : default(ReadOnlyMemory<byte>?));
        if (holder is not null)
        {
            events.TagMoved(holder, image, push.Tag!);
        }

        if (announce is null)
        {
            events.Pushed(image, push.Tag);
        }
        else
        {
            announce(image);
        }

        if (existing is null)
        {
            scanning.OnPush(repository, image);
        }

        if (existing is null && announce is null)
        {
            Pushed?.Invoke(repository, image, push.Pusher);
        }

        replication.Pushed(repository, image, push.Tag);
        return image;
    }

    public static bool IsImmutable(RepositoryRow repository, string tag)
    {
        var excluded = repository.ExclusionFilters.Any(filter => Wildcard.Matches(filter, tag));
        return repository.Mutability switch
        {
            "IMMUTABLE" => true,
            "IMMUTABLE_WITH_EXCLUSION" => !excluded,
            "MUTABLE_WITH_EXCLUSION" => excluded,
            _ => false,
        };
    }

    private void CheckReferences(RepositoryIndex repository, Manifest manifest)
    {
        var images = manifest.Children.Where(child => repository.ByDigest(child) is null).Distinct(StringComparer.Ordinal).ToList();
        if (images.Count > 0)
        {
            throw errors.ReferencedImagesNotFound(repository.Row.Name, images);
        }

        var missing = BlobsOf(manifest).Where(blob => repository.Layer(blob) is null).ToList();
        if (missing.Count > 0)
        {
            throw errors.LayersNotFound(repository.Row.Name, missing);
        }
    }

    private static IEnumerable<string> BlobsOf(Manifest manifest) =>
        manifest.Layers.Prepend(manifest.Config)
            .Where(blob => blob is { IsForeign: false })
            .Select(blob => blob!.Digest)
            .Distinct(StringComparer.Ordinal);

    private ImageRow NewRow(RepositoryIndex repository, Manifest manifest, string digest, int manifestSize)
    {
        // The size of an index is that of its largest image: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
        var size = manifest.IsIndex
            ? manifest.Children.Select(child => repository.ByDigest(child)!.Size).DefaultIfEmpty(0).Max()
            : manifest.Layers.Sum(layer => layer.IsForeign ? layer.Size : repository.Layer(layer.Digest)!.Size);
        return new ImageRow(repository.Row.Region, repository.Row.Name, digest)
        {
            Sequence = state.NextSequence(),
            MediaType = manifest.MediaType,
            PushedAt = engine.Clock.Now,
            Size = size,
            ManifestSize = manifestSize,
            ArtifactMediaType = manifest.ArtifactMediaType,
            ArtifactType = manifest.ArtifactType,
            Subject = manifest.Subject,
            Annotations = manifest.Annotations,
            Children = [.. manifest.Children.Distinct(StringComparer.Ordinal)],
            Blobs = [.. BlobsOf(manifest)],
        };
    }
}
