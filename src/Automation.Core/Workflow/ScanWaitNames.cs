using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Core.Workflow;

/// <summary>
/// Names of the executions in which releases wait for a scan. A name begins with the repository, so the event about a finished scan finds the
/// waits that it concerns without reading anything else.
/// <code>
/// images-app-1f0c95f3_5b1c3d0e9a7f4c21        repository, release and time of the check
/// </code>
/// The repository and not the digest, because ECR scans the children of an index and their events do not name the index.
/// </summary>
public static class ScanWaitNames
{
    private const int MaxReadable = 40;

    /// <param name="execution">The execution of the release.</param>
    /// <param name="now">The time of the check after which the release waits.</param>
    public static string Of(string repository, string execution, DateTimeOffset now) =>
        PrefixOf(repository) + Hash(string.Create(CultureInfo.InvariantCulture, $"{execution} {now.UtcDateTime:O}"), 8);

    /// <summary>How the names of all waits for scans in the repository begin.</summary>
    public static string PrefixOf(string repository)
    {
        var readable = string.Concat(repository.Take(MaxReadable).Select(each => char.IsAsciiLetterOrDigit(each) ? each : '-'));
        return $"{readable}-{Hash(repository, 4)}_";
    }

    private static string Hash(string text, int bytes) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, bytes));
}
