using System.Globalization;
using System.Text.Json;

namespace Automation.LocalCloud.EventBridge;

/// <summary>
/// The part of JSON path that input paths support: <c>$</c>, <c>.name</c>, <c>['name']</c>, <c>[0]</c>, <c>[*]</c>.
/// A path with a wildcard gives an array.
/// </summary>
internal static class JsonPath
{
    /// <summary>False if the text is not such a path.</summary>
    public static bool IsValid(string path) => TryParse(path, out _);

    /// <summary>The JSON text at the path, or null if the event has no value there.</summary>
    public static string? Find(JsonElement root, string path)
    {
        if (!TryParse(path, out var steps))
        {
            return null;
        }

        IReadOnlyList<JsonElement> found = [root];
        foreach (var step in steps)
        {
            found = [.. found.SelectMany(element => Follow(element, step))];
        }

        if (steps.Contains("*"))
        {
            return "[" + string.Join(',', found.Select(element => element.GetRawText())) + "]";
        }

        return found.Count > 0 ? found[0].GetRawText() : null;
    }

    private static IEnumerable<JsonElement> Follow(JsonElement element, string step)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array when step == "*":
                return element.EnumerateArray();
            case JsonValueKind.Object when step == "*":
                return element.EnumerateObject().Select(property => property.Value);
            case JsonValueKind.Array when int.TryParse(step, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < element.GetArrayLength():
                return [element[index]];
            case JsonValueKind.Object when element.TryGetProperty(step, out var value):
                return [value];
            default:
                return [];
        }
    }

    private static bool TryParse(string path, out List<string> steps)
    {
        steps = [];
        if (!path.StartsWith('$'))
        {
            return false;
        }

        var i = 1;
        while (i < path.Length)
        {
            if (path[i] == '.')
            {
                var end = path.IndexOfAny(['.', '['], i + 1);
                end = end < 0 ? path.Length : end;
                steps.Add(path[(i + 1)..end]);
                i = end;
            }
            else if (path[i] == '[' && path.IndexOf(']', i) is > 0 and var close)
            {
                steps.Add(path[(i + 1)..close].Trim('\'', '"'));
                i = close + 1;
            }
            else
            {
                return false;
            }

            if (steps[^1].Length == 0)
            {
                return false;
            }
        }

        return true;
    }
}
