using System.Runtime.CompilerServices;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Core.Retention;

namespace Automation.Aws.Sdk;

/// <summary>
/// Deletes images of one repository. Right before each call their tags are read again: what carries others than it was planned with stays,
/// and everything that it needs stays with it (<see cref="DeletionQueue"/>).
/// </summary>
internal sealed class EcrDeletion(IAmazonECR client, string region, string repository)
{
    // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
    private const int ImagesPerCall = 100;

    /// <summary>Groups that are deleted at the same time. More of them would only be throttled.</summary>
    private const int GroupsInFlight = 4;

    /// <exception cref="Core.AutomationException">A call failed; what became of everything before it has been answered.</exception>
    public async IAsyncEnumerable<Deletion> RunAsync(IEnumerable<IReadOnlyList<DeletionTarget>> groups, [EnumeratorCancellation] CancellationToken cancellationToken)
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

            // What is gone must be known, whatever went wrong after it.
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
        var stillThere = new Dictionary<string, string>(StringComparer.Ordinal);
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
                stillThere[target.Digest.Value] = $"its tags changed since the decision, now: {string.Join(", ", tags.Order(StringComparer.Ordinal))}";
            }
        }

        // By tag with digest where there are tags: ECR then takes away just these, from just this image, and the image with the last
        // of them. A tag that is put on it this very moment keeps it.
        foreach (var ids in unchanged.SelectMany(Ids).Chunk(ImagesPerCall))
        {
            var response = await client.BatchDeleteImageAsync(
                new BatchDeleteImageRequest { RepositoryName = repository, ImageIds = [.. ids] },
                cancellationToken);
            foreach (var failure in (response.Failures ?? []).Where(failure => failure.FailureCode != ImageFailureCode.ImageNotFound))
            {
                // A failure that does not say whose it is may be any one's of this call.
                foreach (var digest in failure.ImageId?.ImageDigest is { } named ? [named] : ids.Select(id => id.ImageDigest))
                {
                    stillThere[digest] = $"{failure.FailureCode}: {failure.FailureReason}";
                }
            }
        }

        // Of an image with tags only its absence proves that it is gone: one of the tags may have been moved to another image meanwhile.
        var tagged = unchanged.FindAll(target => target.Tags.Count > 0);
        if (tagged.Count > 0)
        {
            var standing = await StandingAsync(tagged, cancellationToken);
            foreach (var target in tagged)
            {
                var digest = target.Digest.Value;
                if (!standing.Contains(digest))
                {
                    stillThere.Remove(digest);
                }
                else
                {
                    stillThere.TryAdd(digest, "a tag was put on it while it was being deleted");
                }
            }
        }

        return [.. batch.Select(target => new Deletion(target.Digest, stillThere.GetValueOrDefault(target.Digest.Value)))];
    }

    private static IEnumerable<ImageIdentifier> Ids(DeletionTarget target) => target.Tags.Count == 0
        ? [new ImageIdentifier { ImageDigest = target.Digest.Value }]
        : target.Tags.Select(tag => new ImageIdentifier { ImageDigest = target.Digest.Value, ImageTag = tag });

    // BatchGetImage, because DescribeImages fails as a whole where one image is missing, and here all should be.
    private async Task<HashSet<string>> StandingAsync(List<DeletionTarget> targets, CancellationToken cancellationToken)
    {
        var response = await EcrRegistry.GetManifestsAsync(client, repository, targets.Select(target => target.Digest), cancellationToken);
        return [.. (response.Images ?? []).Select(image => image.ImageId?.ImageDigest).OfType<string>()];
    }
}
