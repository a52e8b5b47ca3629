using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Core.Incidents;

/// <summary>
/// Identifies an incident, which is announced once. It is also the name of an execution of the incidents' state machine:
/// <code>
/// build-stuck_app_1-0-0-3_20260105T09        kind, image, subject, hour
/// pipeline-missing_app__20260105T09          no particular subject
/// </code>
/// A name has only letters, digits, '-' and '_', like all execution names (<see cref="Builds.ExecutionNames"/>).
/// </summary>
/// <param name="Image">Its name in the catalog; of a <see cref="IncidentKind.RegionUnreadable"/> the Region.</param>
/// <param name="About">The subject, such as a build version. Another subject is another incident. Empty means the image as a whole.</param>
public sealed record IncidentId(string Image, IncidentKind Kind, string About)
{
    private const int MaxAboutLength = 17;

    /// <summary>Such as <c>1-0-0-3</c>: at most 17 characters that a name may contain. A longer subject ends with a hash to stay distinct.</summary>
    public string About { get; } = Token(About);

    /// <summary>All callers that begin this incident within an hour get the same name, so that Step Functions rejects duplicates.</summary>
    public string NameAt(DateTimeOffset now) =>
        $"{Kind.Code()}_{Image}_{About}_{now.UtcDateTime.ToString("yyyyMMdd'T'HH", CultureInfo.InvariantCulture)}";

    /// <summary>The name for an incident that begins again within an hour. A name can be used only once, even after its execution has ended.</summary>
    public string NameAgainAt(DateTimeOffset now) =>
        $"{Kind.Code()}_{Image}_{About}_{now.UtcDateTime.ToString("MMdd'T'HHmmss", CultureInfo.InvariantCulture)}";

    /// <summary>Reads what <see cref="NameAt"/> and <see cref="NameAgainAt"/> write; null for a name of another form.</summary>
    public static IncidentId? Parse(string name) =>
        name.Split('_') is [var code, var image, var about, _] && IncidentKinds.Parse(code) is { } kind ? new IncidentId(image, kind, about) : null;

    private static string Token(string about)
    {
        var token = string.Concat(about.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        return token.Length <= MaxAboutLength ? token
            : $"{token[..8]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(about)).AsSpan(0, 4))}";
    }
}
