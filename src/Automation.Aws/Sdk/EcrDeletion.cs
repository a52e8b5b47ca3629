using System.Runtime.CompilerServices;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Core.Retention;

namespace Automation.Aws.Sdk;

/// <summary>
/// Deletes images of one repository. Right before each call their tags are read again: an image with other tags than planned stays, together with
/// everything that it needs (<see cref="DeletionQueue"/>).
/// </summary>
internal sealed class EcrDeletion(IAmazonECR client, string region, string repository)
{
    // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
    private const int ImagesPerCall = 100;

    /// <summary>The number of groups to delete concurrently. More would only be throttled.</summary>
    private const int GroupsInFlight = 4;

    /// <exception cref="Core.AutomationException">A call failed. All earlier results have been returned.</exception>
    public async IAsyncEnumerable<Deletion> RunAsync(
        IEnumerable<IReadOnlyList<DeletionTarget>> groups, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var running = new Queue<(List<Deletion> Done, Task End)>(GroupsInFlight);
        Task? failed = null;
        using var next = groups.GetEnumerator();
        while (true)
        {
            while (failed is null && running.Count < GroupsInFlight && next.MoveNext())
            {
                var done = new List<Deletion>(next.Current.Count);
                running.Enqueue((done, DeleteAsync(next.Current, done, cancellationToken)));
            }

            if (!running.TryDequeue(out var group))
            {
                break;
            }

            // The caller must learn what was deleted, whatever fails afterwards.
            await group.End.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var deletion in group.Done)
            {
                yield return deletion;
            }

            failed ??= group.End.IsCompletedSuccessfully ? null : group.End;
        }

        if (failed is not null)
        {
            await failed;
        }
    }

    private async Task DeleteAsync(IReadOnlyList<DeletionTarget> group, List<Deletion> done, CancellationToken cancellationToken)
    {
        var queue = new DeletionQueue(group, ImagesPerCall);
        while (queue.Next(done) is { Count: > 0 } batch)
        {
            foreach (var deletion in await SdkErrors.CallAsync($"delete images of {repository} in {region}", () => DeleteBatchAsync(batch, cancellationToken)))
            {
                queue.Report(deletion);
                done.Add(deletion);
            }
        }
    }

    private async Task<List<Deletion>> DeleteBatchAsync(IReadOnlyList<DeletionTarget> batch, CancellationToken cancellationToken)
    {
        var remaining = new Dictionary<string, string>(StringComparer.Ordinal);
        var current = await ImageTagReader.ReadAsync(client, repository, [.. batch.Select(target => target.Digest)], cancellationToken);
        var unchanged = new List<DeletionTarget>(batch.Count);
        foreach (var target in batch)
        {
            if (!current.TryGetValue(target.Digest, out var tags))
            {
                continue;
            }

            if (tags.Count == target.Tags.Count && target.Tags.All(tags.Contains))
            {
                unchanged.Add(target);
            }
            else
            {
                remaining[target.Digest.Value] = $"its tags changed since the decision, now: {string.Join(", ", tags.Order(StringComparer.Ordinal))}";
            }
        }

        // Delete by tag and digest if there are tags. ECR then removes exactly these from exactly this image, and the image with the last
        // of them. A tag that somebody adds at this moment keeps the image.
        // An image without tags can only be deleted by digest, with any tag that was added since the read above. ECR has no call that would refuse.
        // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
        foreach (var ids in unchanged.SelectMany(Ids).Chunk(ImagesPerCall))
        {
            var response = await client.BatchDeleteImageAsync(
                new BatchDeleteImageRequest { RepositoryName = repository, ImageIds = [.. ids] },
                cancellationToken);
            foreach (var failure in (response.Failures ?? []).Where(failure => failure.FailureCode != ImageFailureCode.ImageNotFound))
            {
                // A failure without an image may concern any image of this call.
                foreach (var digest in failure.ImageId?.ImageDigest is { } named ? [named] : ids.Select(id => id.ImageDigest))
                {
                    remaining[digest] = $"{failure.FailureCode}: {failure.FailureReason}";
                }
            }
        }

        // For an image with tags only its absence proves the deletion, because a tag may have moved to another image meanwhile.
        var tagged = unchanged.FindAll(target => target.Tags.Count > 0);
        if (tagged.Count > 0)
        {
            var existing = await FindAsync(tagged, cancellationToken);
            foreach (var target in tagged)
            {
                var digest = target.Digest.Value;
                if (!existing.Contains(digest))
                {
                    remaining.Remove(digest);
                }
                else
                {
                    remaining.TryAdd(digest, "a tag was added during its deletion");
                }
            }
        }

        return [.. batch.Select(target => new Deletion(target.Digest, remaining.GetValueOrDefault(target.Digest.Value)))];
    }

    private static IEnumerable<ImageIdentifier> Ids(DeletionTarget target) => target.Tags.Count == 0
        ? [new ImageIdentifier { ImageDigest = target.Digest.Value }]
        : target.Tags.Select(tag => new ImageIdentifier { ImageDigest = target.Digest.Value, ImageTag = tag });

    // BatchGetImage, because DescribeImages fails as a whole if one image is missing, and here all should be missing.
    private async Task<HashSet<string>> FindAsync(List<DeletionTarget> targets, CancellationToken cancellationToken)
    {
        var response = await ManifestReader.GetAsync(client, repository, targets.Select(target => target.Digest), cancellationToken);
        return [.. (response.Images ?? []).Select(image => image.ImageId?.ImageDigest).OfType<string>()];
    }
}
