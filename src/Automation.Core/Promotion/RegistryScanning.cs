using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>How the registry of one Region scans images, as GetRegistryScanningConfiguration answers it.</summary>
/// <param name="IsEnhanced">Scanned by Amazon Inspector; otherwise by ECR itself (basic scanning).</param>
/// <param name="Rules">As soon as there is one, they decide alone: a repository's own scan on push no longer counts.</param>
/// <remarks>https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html</remarks>
public sealed record RegistryScanning(bool IsEnhanced, IReadOnlyList<ScanningRule> Rules)
{
    /// <summary>What new accounts have: basic scanning, each repository decides for itself.</summary>
    public static RegistryScanning Default { get; } = new(false, []);

    /// <summary>What this means for the images of a repository, as one clause for people.</summary>
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

    /// <summary>Of the rules that include the repository: CONTINUOUS_SCAN wins over SCAN_ON_PUSH. Null when none does.</summary>
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

/// <param name="Frequency">SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL.</param>
/// <param name="Filters">Names or parts of names of repositories, <c>*</c> for any characters.</param>
public sealed record ScanningRule(string Frequency, IReadOnlyList<string> Filters)
{
    public const string OnPush = "SCAN_ON_PUSH";
}

/// <summary>What came of asking ECR to scan an image.</summary>
public enum ScanStart
{
    Started,

    /// <summary>An image is scanned at most once in 24 hours, the scan on push included, and a registry scans at most 100,000 images in that time.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html</summary>
    LimitExceeded,

    /// <summary>ECR cannot scan this kind of image.</summary>
    Unsupported,

    /// <summary>The image must be restored before it can be scanned.</summary>
    Archived,

    /// <summary>The registry uses enhanced scanning, in which no scan can be started.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html</summary>
    Disabled,
}
