using Automation.Core.Builds;

namespace Automation.Core.Retention;

/// <summary>One build record, the image that came out of it, and what is decided on it.</summary>
/// <param name="image">Null when it has none here (failed, deleted, another Region).</param>
internal sealed class BuildNode(BuildRecord record, ImageNode? image)
{
    public BuildRecord Record => record;

    public ImageNode? Image => image;

    /// <summary>Why it is kept, whatever else speaks against it.</summary>
    public List<Reason>? Kept { get; private set; }

    public Verdict Verdict { get; set; } = Verdict.Undecided;

    public void Keep(ReasonCode code, string text) => (Kept ??= []).Add(new Reason(code, text));

    /// <summary>All of them with their images, oldest version first.</summary>
    /// <remarks>A build's image is found by the recorded digest; without one by the tag that Image Builder gave it (<c>1.0.0-3</c>) as it
    /// stands now. An output URI of an old record is never followed: its <c>latest</c> belongs to another image by now.</remarks>
    public static List<BuildNode> Link(RetentionFacts facts, ReferenceGraph graph)
    {
        var records = facts.Builds;
        var tags = records.Any(record => record.Digest is null) ? facts.DigestsByTag() : [];
        var nodes = new List<BuildNode>(records.Count);
        foreach (var record in records.OrderBy(record => record.Version.SortKey).ThenBy(record => record.Arn, StringComparer.Ordinal))
        {
            if (nodes is [.., var last] && last.Record.Arn == record.Arn)
            {
                continue;
            }

            var node = new BuildNode(record, (record.Digest ?? tags.GetValueOrDefault(record.Version.Tag)) is { } digest ? graph.Find(digest) : null);
            node.Image?.CameFrom(node);
            nodes.Add(node);
        }

        return nodes;
    }
}
