using Automation.Core.Builds;

namespace Automation.Core.Retention;

/// <summary>One build record, the image that the build produced, and the decision about both.</summary>
/// <param name="image">Null if the repository has none (failed, deleted, another Region).</param>
internal sealed class BuildNode(BuildRecord record, ImageNode? image)
{
    public BuildRecord Record => record;

    public ImageNode? Image => image;

    /// <summary>Why it is kept. Any reason to keep it wins.</summary>
    public List<Reason>? Kept { get; private set; }

    public Verdict Verdict { get; set; } = Verdict.Undecided;

    public void Keep(ReasonCode code, string text) => (Kept ??= []).Add(new Reason(code, text));

    /// <summary>Links all records to their images, oldest version first.</summary>
    /// <remarks>The recorded digest identifies a build's image. Without one, the current image of Image Builder's tag (<c>1.0.0-3</c>) counts.
    /// Output URIs of old records are not used, because their <c>latest</c> names another image by now.</remarks>
    public static List<BuildNode> Link(RetentionFacts facts, ReferenceGraph graph)
    {
        var records = facts.Builds;
        var tags = facts.DigestsOf(records.Where(record => record.Digest is null).Select(record => record.Version.Tag).ToHashSet(StringComparer.Ordinal));
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
