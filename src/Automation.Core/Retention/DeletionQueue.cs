using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>One image that is to be deleted.</summary>
/// <param name="Tags">The tags it had when the deletion was decided; with others it stays.</param>
/// <param name="Owners">Images before it in the same group that need it: it is deleted only when all of them are gone.</param>
public sealed record DeletionTarget(Digest Digest, IReadOnlyList<string> Tags, IReadOnlyList<Digest> Owners)
{
    /// <summary>An image that nothing needs.</summary>
    public DeletionTarget(Digest digest, IReadOnlyList<string> tags)
        : this(digest, tags, [])
    {
    }
}

/// <param name="StillThere">Why it is still there; null when it is gone.</param>
public sealed record Deletion(Digest Digest, string? StillThere);

/// <summary>
/// Divides one group of deletions into calls, so that nothing is deleted that an image which stays needs: what hangs on an image waits until
/// the image is known to be gone, and stays with it when it is not.
/// </summary>
/// <param name="targets">Owners before what hangs on them.</param>
/// <param name="most">Images per call.</param>
public sealed class DeletionQueue(IReadOnlyList<DeletionTarget> targets, int most)
{
    private readonly HashSet<Digest> _standing = [];
    private int _next;

    /// <summary>What the next call may delete, given what became of all before; empty when there is nothing left.</summary>
    /// <param name="staying">Gets what stays because an image that needs it stays.</param>
    public IReadOnlyList<DeletionTarget> Next(ICollection<Deletion> staying)
    {
        var batch = new List<DeletionTarget>();
        var open = new HashSet<Digest>();
        for (; _next < targets.Count && batch.Count < most; _next++)
        {
            var target = targets[_next];
            if (target.Owners.Any(open.Contains))
            {
                break;
            }

            if (target.Owners.FirstOrDefault(_standing.Contains) is { } owner)
            {
                var deletion = new Deletion(target.Digest, $"belongs to {owner.Short12}, which is still there");
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

    /// <summary>What became of an image of the last batch.</summary>
    public void Report(Deletion deletion)
    {
        if (deletion.StillThere is not null)
        {
            _standing.Add(deletion.Digest);
        }
    }
}
