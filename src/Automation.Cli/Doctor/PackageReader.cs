using System.Text.Json.Nodes;
using Automation.Cli.Reports;

namespace Automation.Cli.Doctor;

/// <summary>
/// Compares the packages of two builds. Image Builder records them when it builds, as Systems Manager Inventory found them.
/// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ListImagePackages.html
/// </summary>
internal sealed class PackageReader(SignedCalls calls, string region)
{
    private const int PageSize = 25;

    /// <returns>The changes by package name, or why they are unknown.</returns>
    public async Task<(IReadOnlyList<PackageChange>? Changes, string? Unknown)> ChangesAsync(
        string oldBuild, string newBuild, CancellationToken cancellationToken)
    {
        try
        {
            var (before, after) = (await ReadAsync(oldBuild, cancellationToken), await ReadAsync(newBuild, cancellationToken));
            if (before.Count == 0 || after.Count == 0)
            {
                return (null, "not known: Image Builder recorded none, as for every pipeline without enhanced image metadata");
            }

            return ([.. before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(name => new PackageChange(name, before.GetValueOrDefault(name), after.GetValueOrDefault(name)))
                .Where(change => change.Old != change.New)], null);
        }
        catch (CallException e) when (Deployment.Profiles.Expired(e, profile: null) is null)
        {
            return (null, $"not known: {e.Message}");
        }
    }

    // {"imagePackageList":[{"packageName":"openssl-libs","packageVersion":"3.2.2-1.amzn2023"}],"nextToken":"…"}
    private async Task<Dictionary<string, string>> ReadAsync(string build, CancellationToken cancellationToken)
    {
        var packages = new Dictionary<string, string>(StringComparer.Ordinal);
        string? next = null;
        do
        {
            var input = new JsonObject { ["imageBuildVersionArn"] = build, ["maxResults"] = PageSize };
            if (next is not null)
            {
                input["nextToken"] = next;
            }

            var answer = await calls.PostAsync(region, AwsApi.ImageBuilder, "/ListImagePackages", input, cancellationToken);
            foreach (var package in answer["imagePackageList"] as JsonArray ?? [])
            {
                if (package?["packageName"]?.ToString() is { } name)
                {
                    packages[name] = package["packageVersion"]?.ToString() ?? "";
                }
            }

            next = answer["nextToken"]?.ToString();
        }
        while (!string.IsNullOrEmpty(next));

        return packages;
    }
}
