using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>How the registry of one Region scans images, as GetRegistryScanningConfiguration reports it.</summary>
/// <param name="IsEnhanced">Whether Amazon Inspector scans (enhanced scanning), rather than ECR itself (basic scanning).</param>
/// <param name="Rules">If there is any rule, only the rules decide, and a repository's own scan-on-push setting no longer counts.</param>
/// <remarks>https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html</remarks>
public sealed record RegistryScanning(bool IsEnhanced, IReadOnlyList<ScanningRule> Rules)
{
    /// <summary>The setting of new accounts: basic scanning, as each repository decides.</summary>
    public static RegistryScanning Default { get; } = new(false, []);

    /// <summary>What the setting means for the images of a repository, as a clause for people.</summary>
    public string Describe(string repository)
    {
        var frequency = FrequencyOf(repository);
        if (IsEnhanced)
        {
            return frequency is null
                ? $"the registry uses enhanced scanning and none of its rules includes {repository}, so its images are never scanned"
                : $"the registry uses enhanced scanning and scans {repository} ({frequency})";
        }

        return Rules.Count == 0 ? $"the registry uses basic scanning without rules, so the repository's own scan on push applies to {repository}"
            : frequency == ScanningRule.OnPush ? $"the registry uses basic scanning and scans {repository} on push"
            : $"the registry uses basic scanning, its rules override the scan on push of repositories, and none of them scans {repository} on push";
    }

    /// <summary>The frequency from the rules that include the repository: CONTINUOUS_SCAN wins over SCAN_ON_PUSH. Null if none does.</summary>
    public string? FrequencyOf(string repository) => Rules
        .Where(rule => rule.Filters.Any(filter => Includes(filter, repository)))
        .Select(rule => rule.Frequency)
        .Order(StringComparer.Ordinal)
        .FirstOrDefault();

    // A filter without a wildcard includes every repository whose name contains it.
    private static bool Includes(string filter, string repository) => filter.Contains('*', StringComparison.Ordinal)
        ? Wildcards.Match(filter, repository)
        : repository.Contains(filter, StringComparison.Ordinal);
}
