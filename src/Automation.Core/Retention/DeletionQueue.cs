using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>
/// Divides one group of deletions into calls, so that no image is deleted that a remaining image needs. Whatever belongs to an image waits until
/// the image is known to be deleted, and stays if the image stays.
/// </summary>
/// <param name="targets">The images, owners first.</param>
/// <param name="batchSize">The number of images per call.</param>
public sealed class DeletionQueue(IReadOnlyList<DeletionTarget> targets, int batchSize)
{
    private readonly HashSet<Digest> _remaining = [];
    private int _next;

    /// <summary>What the next call may delete, given all results so far; empty at the end.</summary>
    /// <param name="staying">Receives the images that stay because an image that needs them stays.</param>
    public IReadOnlyList<DeletionTarget> Next(ICollection<Deletion> staying)
    {
        var batch = new List<DeletionTarget>();
        var open = new HashSet<Digest>();
        for (; _next < targets.Count && batch.Count < batchSize; _next++)
        {
            var target = targets[_next];
            if (target.Owners.Any(open.Contains))
            {
                break;
            }

            if (target.Owners.FirstOrDefault(_remaining.Contains) is { } owner)
            {
                var deletion = new Deletion(target.Digest, $"belongs to {owner.Short12}, which still exists");
                Report(deletion);
                staying.Add(deletion);
            }
            else
            {
                batch.Add(target);
                open.Add(target.Digest);
            }
        }

        return batch;
    }

    /// <summary>Records the result for an image of the last batch.</summary>
    public void Report(Deletion deletion)
    {
        if (deletion.StillThere is not null)
        {
            _remaining.Add(deletion.Digest);
        }
    }
}
