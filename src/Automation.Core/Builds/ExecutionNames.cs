using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>
/// Names of workflow executions, derived from facts so that Step Functions itself rejects duplicates.
/// <code>
/// build-app_3f2a9c01d4e5_1        action, image, cause, attempt
/// release-app_1-0-0-3_2           action, image, build version, attempt
/// build-app_3f2a9c01d4e5_1_again-2   the second execution for the same work
/// </code>
/// An underscore separates the parts. No image name contains one, so two images never share a name. A name has at most 80 characters, and only
/// letters, digits, '-' and '_': Step Functions does not log executions with other characters to CloudWatch Logs.
/// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
/// </summary>
public static class ExecutionNames
{
    private const int MaxLength = 80;
    private const char Separator = '_';

    private static readonly SearchValues<char> Allowed = SearchValues.Create("-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <param name="action">What the execution does, such as <c>build</c>. Has no '-'.</param>
    public static string Of(string action, string image, params ReadOnlySpan<string> parts) =>
        Fit($"{action}-{image}{Separator}{string.Join(Separator, parts!)}");

    /// <summary>The name of another execution for work that an ended execution of that name did not finish. A closed execution keeps its name for
    /// 90 days, so the same work needs another name.</summary>
    /// <param name="round">Counts from 2; 1 gives the name itself.</param>
    public static string Again(string name, int round) =>
        round <= 1 ? Fit(name) : Fit(string.Create(CultureInfo.InvariantCulture, $"{name}{Separator}again-{round}"));

    /// <summary>The image in a name made by <see cref="Of"/>; null for a name of another form.</summary>
    public static string? ImageIn(string name) =>
        name.IndexOf('-', StringComparison.Ordinal) is var start and > 0 && name.IndexOf(Separator, start) is var end and > 0 ? name[(start + 1)..end] : null;

    /// <summary>A build version as a part of a name: <c>1-0-0-3</c>.</summary>
    public static string Part(ImageVersion version) => version.Tag.Replace('.', '-');

    /// <summary>Whether <see cref="Fit"/> may have shortened the name, so that its last parts are lost.</summary>
    public static bool IsShortened(string name) => name.Length == MaxLength;

    /// <summary>Replaces invalid characters by '-' and shortens the name to 80 characters. A changed name ends with a hash of the original, to stay
    /// distinct.</summary>
    public static string Fit(string name)
    {
        if (name.Length <= MaxLength && !name.AsSpan().ContainsAnyExcept(Allowed))
        {
            return name;
        }

        var allowed = string.Concat(name.Select(c => Allowed.Contains(c) ? c : '-'));
        var suffix = "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4));
        return allowed[..Math.Min(allowed.Length, MaxLength - suffix.Length)] + suffix;
    }
}
