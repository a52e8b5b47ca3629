using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Cli.Doctor;

/// <summary>
/// Finds manual changes: compares the values that a resource's service returns with the template that the stack was deployed from.
/// A value that the template does not set, or that the service does not return, is not compared.
/// </summary>
internal sealed class Drift(DeployedTemplate? template, string logicalId)
{
    /// <summary>Longer values are not printed.</summary>
    private const int MaxShown = 60;

    private readonly List<string> _found = [];

    /// <summary>The text that follows the name of the resource; null if everything is as deployed.</summary>
    public string? Defect => _found.Count == 0 ? null : $"{Prefix} {string.Join("; ", _found)}";

    /// <summary>The beginning of the text.</summary>
    public string Prefix { get; init; } = "was changed by hand:";

    /// <param name="what">The name that people read, such as <c>timeout</c>.</param>
    /// <param name="path">The path of the template's property.</param>
    public Drift Compare(string what, string path, JsonNode? actual)
    {
        if (actual is not null && template?.Property(logicalId, path) is { } expected && !DeployedTemplate.Agree(expected, actual))
        {
            var (before, now) = (DeployedTemplate.Text(expected), DeployedTemplate.Text(actual));
            _found.Add(before.Length > MaxShown || now.Length > MaxShown ? Differs(what) : $"{what} {now} instead of {before}");
        }

        return this;
    }

    /// <summary>Compares JSON documents. The template has an object or its text; the service returns text.</summary>
    public Drift CompareDocument(string what, string path, string? actual)
    {
        if (actual is not null && template?.Property(logicalId, path) is { } expected
            && !DeployedTemplate.Agree(Document(expected), Document(JsonValue.Create(actual))))
        {
            _found.Add(Differs(what));
        }

        return this;
    }

    /// <summary>Whether a value is set: in the template and not in the service, or the reverse.</summary>
    public Drift ComparePresence(string what, string path, bool isPresent)
    {
        if (template is not null && template.Property(logicalId, path) is not null != isPresent)
        {
            _found.Add(isPresent ? $"a {what} that the template does not have" : $"no {what}");
        }

        return this;
    }

    /// <summary>Compares lists. A list that the template does not set counts as empty.</summary>
    public Drift CompareList(string what, string path, JsonArray actual)
    {
        if (template is not null && !DeployedTemplate.Agree(template.Property(logicalId, path) ?? new JsonArray(), actual))
        {
            _found.Add(Differs(what));
        }

        return this;
    }

    /// <summary>Compares the items that are attached to a resource with those in the template.</summary>
    /// <param name="name">The name of an item in the message.</param>
    /// <param name="onlyMore">Whether to report only additional items, because another check reports missing ones.</param>
    public Drift CompareSet(string what, IEnumerable<string> expected, IReadOnlyList<string> actual, Func<string, string> name, bool onlyMore = false)
    {
        var all = expected.ToList();
        if (actual.Except(all, StringComparer.Ordinal).Select(name).ToList() is { Count: > 0 } more)
        {
            _found.Add($"the template does not have its {what} {string.Join(", ", more)}");
        }

        if (!onlyMore && all.Except(actual, StringComparer.Ordinal).Select(name).ToList() is { Count: > 0 } missing)
        {
            _found.Add($"no {what} {string.Join(", ", missing)}");
        }

        return this;
    }

    private static string Differs(string what) => $"not the template's {what}";

    private static JsonNode? Document(JsonNode value)
    {
        if (value is not JsonValue text)
        {
            return value;
        }

        try
        {
            return JsonNode.Parse(text.ToString());
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
