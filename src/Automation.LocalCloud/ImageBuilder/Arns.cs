using System.Globalization;
using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// An Image Builder ARN: <c>arn:aws:imagebuilder:REGION:ACCOUNT:KIND/NAME[/VERSION[/BUILD]]</c>.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/ibhow-semantic-versioning.html
/// </summary>
internal sealed record ResourceArn(string Region, string Account, string Kind, string Name, string? Version = null, int? Build = null)
{
    /// <summary>The owner of Amazon-managed resources.</summary>
    public const string Amazon = "aws";

    public static ResourceArn? TryParse(string text)
    {
        if (Arn.TryParse(text) is not { Service: "imagebuilder" } arn)
        {
            return null;
        }

        var path = arn.Resource.Split('/');
        if (path is ["workflow", var stage, .. var rest])
        {
            // The kind of a workflow has two parts: workflow/build/NAME/1.0.0/1.
            path = [$"workflow/{stage}", .. rest];
        }

        int? build = null;
        if (path.Length == 4)
        {
            if (!int.TryParse(path[3], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            build = number;
        }

        return path.Length is >= 2 and <= 4
            ? new ResourceArn(arn.Region, arn.Account, path[0], path[1], path.Length > 2 ? path[2] : null, build)
            : null;
    }

    /// <summary>The part of an ARN that is made from a resource's name: "names that differ only in case, spaces, or underscores count as the same
    /// name", and blanks become hyphens. https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateContainerRecipe.html</summary>
    public static string Slug(string name) => name.ToLowerInvariant().Replace(' ', '-').Replace('_', '-');

    public override string ToString()
    {
        var text = new Arn("imagebuilder", Region, Account, $"{Kind}/{Name}").ToString();
        if (Version is null)
        {
            return text;
        }

        return Build is null ? $"{text}/{Version}" : string.Create(CultureInfo.InvariantCulture, $"{text}/{Version}/{Build}");
    }
}

/// <summary>Three nodes, each a number or (from the first <c>x</c>) a wildcard; null means wildcard.</summary>
internal sealed record VersionPattern(int? Major, int? Minor, int? Patch)
{
    private const int MaxNode = (1 << 30) - 1;

    public bool HasWildcard => Patch is null;

    /// <summary>Null if a node is out of bounds or a number follows a wildcard.</summary>
    public static VersionPattern? TryParse(string text)
    {
        var words = text.Split('.');
        if (words.Length != 3)
        {
            return null;
        }

        var nodes = new int?[3];
        for (var i = 0; i < 3; i++)
        {
            if (words[i] == "x")
            {
                continue;
            }

            if (!int.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out var node)
                || node > MaxNode
                || (i > 0 && nodes[i - 1] is null))
            {
                return null;
            }

            nodes[i] = node;
        }

        return new VersionPattern(nodes[0], nodes[1], nodes[2]);
    }

    public bool Matches(VersionPattern version) =>
        (Major is null || Major == version.Major)
        && (Minor is null || Minor == version.Minor)
        && (Patch is null || Patch == version.Patch);

    /// <summary>The version for this wildcard: the node of the first wildcard increments the newest existing version; later nodes are 0.</summary>
    public VersionPattern Next(IEnumerable<VersionPattern> existing)
    {
        var newest = existing.Where(Matches).OrderByDescending(version => version.SortKey, StringComparer.Ordinal).FirstOrDefault();
        return this switch
        {
            { Major: null } => new VersionPattern(newest is null ? 1 : newest.Major + 1, 0, 0),
            { Minor: null } => new VersionPattern(Major, newest is null ? 0 : newest.Minor + 1, 0),
            { Patch: null } => new VersionPattern(Major, Minor, newest is null ? 0 : newest.Patch + 1),
            _ => this,
        };
    }

    /// <summary>A text that sorts in the order of the numbers.</summary>
    public string SortKey => string.Create(CultureInfo.InvariantCulture, $"{Major:D10}.{Minor:D10}.{Patch:D10}");

    public override string ToString() => string.Join('.', new[] { Major, Minor, Patch }.Select(node => node?.ToString(CultureInfo.InvariantCulture) ?? "x"));
}
