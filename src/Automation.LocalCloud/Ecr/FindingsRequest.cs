using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// A request of the control endpoint that sets what scans find. The newest rule that matches an image applies:
/// <code>
/// {"repository":"team/*","image":"v1*","region":"us-east-1","status":"COMPLETE","delay":"PT10M","rescan":true,
///  "findings":[{"name":"CVE-2026-0001","severity":"HIGH","package":"openssl","packageVersion":"3.0.1","description":"…",
///               "fixedInVersion":"3.0.2","cvss":7.5,"epss":0.02,"publishedAt":"2026-01-05T08:00:00Z"}]}
/// {"clear":true}
/// </code>
/// Everything except <c>findings</c> is optional. <c>delay</c> is how long a finished scan does not show its findings. <c>rescan</c> scans matching images
/// again at once.
/// </summary>
internal static class FindingsRequest
{
    private static readonly string[] Statuses = ["COMPLETE", "FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED", "FINDINGS_UNAVAILABLE"];
    private static readonly string[] Known = ["region", "repository", "image", "status", "findings", "delay", "rescan", "clear"];
    private static readonly string[] KnownOfFinding =
        ["name", "severity", "package", "packageVersion", "description", "fixedInVersion", "cvss", "epss", "publishedAt"];

    /// <exception cref="AwsException">ValidationException: says what is wrong with the request.</exception>
    public static FindingsRule Parse(JsonObject input)
    {
        Refuse(input, Known);
        if (input["findings"] is not JsonArray list)
        {
            throw Invalid("findings must be a list; it may be empty");
        }

        return new FindingsRule(
            Text(input, "region"), Text(input, "repository"), Text(input, "image"), [.. list.Select(Finding)],
            OneOf(Text(input, "status") ?? "COMPLETE", Statuses), Duration(input, "delay"));
    }

    public static JsonObject Describe(IEnumerable<FindingsRule> rules) => new()
    {
        ["rules"] = new JsonArray([.. rules.Select(rule => new JsonObject
        {
            ["region"] = rule.Region,
            ["repository"] = rule.Repository,
            ["image"] = rule.Image,
            ["status"] = rule.Status,
            ["findings"] = rule.Findings.Count,
            ["delay"] = rule.Delay is { } delay ? XmlConvert.ToString(delay) : null,
        })]),
    };

    public static bool IsTrue(JsonObject input, string name) => input[name] is { } flag
        && (flag.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False
            ? flag.GetValue<bool>()
            : throw Invalid($"{name} must be true or false"));

    private static Finding Finding(JsonNode? node)
    {
        if (node is not JsonObject finding)
        {
            throw Invalid("a finding must be an object");
        }

        Refuse(finding, KnownOfFinding);
        return new Finding(
            Text(finding, "name") ?? throw Invalid("a finding needs a name"),
            OneOf(Text(finding, "severity") ?? throw Invalid("a finding needs a severity"), Scanning.Severities),
            Text(finding, "package"),
            Text(finding, "packageVersion"),
            Text(finding, "description"))
        {
            FixedInVersion = Text(finding, "fixedInVersion"),
            Cvss = Score(finding, "cvss", 10),
            Epss = Score(finding, "epss", 1),
            PublishedAt = Time(finding, "publishedAt"),
        };
    }

    private static double? Score(JsonObject given, string name, int max) => given[name] switch
    {
        null => null,
        var node when node.GetValueKind() == System.Text.Json.JsonValueKind.Number && node.GetValue<double>() is >= 0 and var score && score <= max => score,
        _ => throw Invalid($"{name} must be a number from 0 to {max}"),
    };

    private static DateTimeOffset? Time(JsonObject given, string name) => Text(given, name) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw Invalid($"{name} must be a time such as 2026-01-05T08:00:00Z");

    private static void Refuse(JsonObject given, string[] known)
    {
        if (given.UnknownMember(known) is { } fault)
        {
            throw Invalid(fault);
        }
    }

    private static string OneOf(string value, IReadOnlyList<string> allowed) =>
        allowed.Contains(value, StringComparer.Ordinal) ? value : throw Invalid($"'{value}' must be one of {string.Join(", ", allowed)}");

    private static string? Text(JsonObject given, string name) => given[name] switch
    {
        null => null,
        var node when node.GetValueKind() == System.Text.Json.JsonValueKind.String => node.GetValue<string>(),
        _ => throw Invalid($"{name} must be a string"),
    };

    private static TimeSpan? Duration(JsonObject given, string name)
    {
        if (Text(given, name) is not { } text)
        {
            return null;
        }

        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (FormatException)
        {
            throw Invalid($"{name} must be an ISO 8601 duration such as PT10M");
        }
    }

    private static AwsException Invalid(string what) => new("ValidationException", $"Findings: {what}.");
}
