using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Core.Incidents;

/// <summary>
/// Which incident it is. People hear of each once. As the name of an execution of the incidents' state machine:
/// <code>
/// build-stuck_app_1-0-0-3_20260105T09        kind, image, what it is about, hour
/// pipeline-missing_app__20260105T09          about nothing in particular
/// </code>
/// Letters, digits, '-' and '_' only, as for all executions (<see cref="Builds.ExecutionNames"/>).
/// </summary>
/// <param name="Image">Its name in the catalog; of a <see cref="IncidentKind.RegionUnreadable"/> the Region.</param>
/// <param name="About">What of the image, such as a build version: another one is another incident. Empty: the image as a whole.</param>
public sealed record IncidentId(string Image, IncidentKind Kind, string About)
{
    private const int MaxAboutLength = 17;

    /// <summary>Such as <c>1-0-0-3</c>: what a name may contain, at most 17 characters; a hash keeps longer ones distinct.</summary>
    public string About { get; } = Token(About);

    /// <summary>The same for all who begin this incident within an hour, so that Step Functions removes duplicates.</summary>
    public string NameAt(DateTimeOffset now) =>
        $"{Kind.Word()}_{Image}_{About}_{now.UtcDateTime.ToString("yyyyMMdd'T'HH", CultureInfo.InvariantCulture)}";

    /// <summary>The name for an incident that begins once more within an hour: a name serves once, also after its execution has ended.</summary>
    public string NameAgainAt(DateTimeOffset now) =>
        $"{Kind.Word()}_{Image}_{About}_{now.UtcDateTime.ToString("MMdd'T'HHmmss", CultureInfo.InvariantCulture)}";

    /// <summary>Reads what <see cref="NameAt"/> and <see cref="NameAgainAt"/> write; null for a name of another form.</summary>
    public static IncidentId? Parse(string name) =>
        name.Split('_') is [var word, var image, var about, _] && IncidentKinds.Parse(word) is { } kind ? new IncidentId(image, kind, about) : null;

    private static string Token(string about)
    {
        var token = string.Concat(about.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        return token.Length <= MaxAboutLength ? token
            : $"{token[..8]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(about)).AsSpan(0, 4))}";
    }
}

/// <summary>Something that is wrong, with what people are told about it.</summary>
/// <param name="Headline">The subject of the mail, such as <c>build-stuck: app 1.0.0/3</c>.</param>
/// <param name="Reasons">At least one; the deciding one first, then what to do.</param>
public sealed record Incident(IncidentId Id, string Headline, IReadOnlyList<Reason> Reasons);

/// <summary>An incident that people were told of, and whose end they were not.</summary>
/// <param name="Name">Of the execution that keeps it open.</param>
public sealed record OpenIncident(IncidentId Id, string Name, DateTimeOffset Since);
