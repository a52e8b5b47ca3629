using System.Text.Json.Nodes;
using System.Xml;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// Findings as people order them at the control endpoint; the newest rule that fits an image counts:
/// <code>
/// {"repository":"team/*","image":"v1*","region":"us-east-1","status":"COMPLETE","delay":"PT10M","rescan":true,
///  "findings":[{"name":"CVE-2026-0001","severity":"HIGH","package":"openssl","packageVersion":"3.0.1","description":"…"}]}
/// {"clear":true}
/// </code>
/// Everything but <c>findings</c> may be left out. <c>delay</c> is how long a finished scan does not show its findings. <c>rescan</c> scans the images that fit again at once.
/// </summary>
internal static class FindingsOrder
{
    private static readonly string[] Statuses = ["COMPLETE", "FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED", "FINDINGS_UNAVAILABLE"];
    private static readonly string[] Known = ["region", "repository", "image", "status", "findings", "delay", "rescan", "clear"];
    private static readonly string[] KnownOfFinding = ["name", "severity", "package", "packageVersion", "description"];

    /// <exception cref="AwsException">ValidationException: says what is wrong with the order.</exception>
    public static FindingsRule Parse(JsonObject order)
    {
        Refuse(order, Known);
        if (order["findings"] is not JsonArray list)
        {
            throw Invalid("an order has findings, a list that may be empty");
        }

        return new FindingsRule(
            Text(order, "region"), Text(order, "repository"), Text(order, "image"), [.. list.Select(Finding)], OneOf(Text(order, "status") ?? "COMPLETE", Statuses), Duration(order, "delay"));
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

    public static bool IsTrue(JsonObject order, string name) => order[name] is { } flag
        && (flag.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False
            ? flag.GetValue<bool>()
            : throw Invalid($"{name} must be true or false"));

    private static Finding Finding(JsonNode? node)
    {
        if (node is not JsonObject finding)
        {
            throw Invalid("a finding is an object");
        }

        Refuse(finding, KnownOfFinding);
        return new Finding(
            Text(finding, "name") ?? throw Invalid("a finding has a name"),
            OneOf(Text(finding, "severity") ?? throw Invalid("a finding has a severity"), Scanning.Severities),
            Text(finding, "package"),
            Text(finding, "packageVersion"),
            Text(finding, "description"));
    }

    private static void Refuse(JsonObject given, string[] known)
    {
        if (given.FirstOrDefault(pair => !known.Contains(pair.Key, StringComparer.Ordinal)).Key is { } unknown)
        {
            throw Invalid($"'{unknown}' is not known; there are {string.Join(", ", known)}");
        }
    }

    private static string OneOf(string value, IReadOnlyList<string> allowed) =>
        allowed.Contains(value, StringComparer.Ordinal) ? value : throw Invalid($"'{value}' is none of {string.Join(", ", allowed)}");

    private static string? Text(JsonObject given, string name) => given[name] switch
    {
        null => null,
        var node when node.GetValueKind() == System.Text.Json.JsonValueKind.String => node.GetValue<string>(),
        _ => throw Invalid($"{name} must be a text"),
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
