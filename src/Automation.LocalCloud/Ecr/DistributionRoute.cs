using System.Text.RegularExpressions;

namespace Automation.LocalCloud.Ecr;

internal enum DistributionTarget
{
    Ping,
    Catalog,
    Upload,
    Blob,
    Manifest,
    TagList,
    Referrers,
}

/// <summary>The parts of a path of the distribution API.</summary>
/// <param name="Repository">Empty for a ping and for the list of repositories.</param>
/// <param name="Reference">Tag, digest or upload id; empty for a new upload and for lists.</param>
internal sealed partial record DistributionRoute(DistributionTarget Target, string Repository, string Reference)
{
    public bool HasValidName => Target == DistributionTarget.Ping || (Repository.Length is >= 2 and <= 256 && NamePattern().IsMatch(Repository));

    /// <summary>Reads the path from its end, because a repository may be named <c>tags/list</c> or <c>blobs</c>.</summary>
    /// <returns>Null if there is no such endpoint.</returns>
    public static DistributionRoute? Parse(string path)
    {
        if (path is "/v2" or "/v2/")
        {
            return new DistributionRoute(DistributionTarget.Ping, "", "");
        }

        if (path is "/v2/_catalog")
        {
            return new DistributionRoute(DistributionTarget.Catalog, "", "");
        }

        var parts = Uri.UnescapeDataString(path).Split('/');
        if (parts.Length < 5 || parts[0].Length > 0 || parts[1] != "v2")
        {
            return null;
        }

        return parts switch
        {
            [.., "blobs", "uploads"] => Of(DistributionTarget.Upload, 2, ""),
            [.., "blobs", "uploads", var id] => Of(DistributionTarget.Upload, 3, id),
            [.., "blobs", var digest] => Of(DistributionTarget.Blob, 2, digest),
            [.., "manifests", var reference] => Of(DistributionTarget.Manifest, 2, reference),
            [.., "tags", "list"] => Of(DistributionTarget.TagList, 2, ""),
            [.., "referrers", var digest] => Of(DistributionTarget.Referrers, 2, digest),
            _ => null,
        };

        DistributionRoute Of(DistributionTarget target, int tail, string reference) =>
            new(target, string.Join('/', parts[2..^tail]), reference);
    }

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
