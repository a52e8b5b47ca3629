using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Automation.Infra;

/// <summary>
/// Reads values of the CDK context and collects their faults. cdk.json holds strings, numbers, booleans, lists and objects;
/// <c>-c key=value</c> holds strings only: lists with commas, objects as JSON.
/// </summary>
/// <param name="context">The value of a key, or null if the key is not set.</param>
internal sealed class ContextReader(Func<string, object?> context)
{
    private readonly List<string> _faults = [];

    /// <summary>The faults so far. Each begins with its key.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public void Fault(string key, string fault) => _faults.Add($"{key}: {fault}");

    /// <returns>Null if the key is not set or empty.</returns>
    public string? Text(string key, Regex? pattern = null, string expected = "")
    {
        var text = AsText(context(key));
        if (text.Length == 0 || pattern is null || pattern.IsMatch(text))
        {
            return text.Length == 0 ? null : text;
        }

        Fault(key, $"'{text}' must be {expected}");
        return null;
    }

    public bool? Boolean(string key)
    {
        var text = AsText(context(key));
        if (text.Length == 0 || bool.TryParse(text, out _))
        {
            return text.Length == 0 ? null : bool.Parse(text);
        }

        Fault(key, $"'{text}' must be true or false");
        return null;
    }

    public int Number(string key, int otherwise, Func<int, bool> taken, string expected)
    {
        var text = AsText(context(key));
        if (text.Length == 0)
        {
            return otherwise;
        }

        if (WholeNumber(text) is { } number && taken(number))
        {
            return number;
        }

        Fault(key, $"'{text}' must be {expected}");
        return otherwise;
    }

    public IReadOnlyList<string> List(string key, Regex pattern, string expected)
    {
        var items = context(key) switch
        {
            null => [],
            string text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            IEnumerable list => list.Cast<object>().Select(AsText).ToArray(),
            var other => [AsText(other)],
        };
        foreach (var item in items.Where(item => !pattern.IsMatch(item)))
        {
            Fault(key, $"'{item}' is not valid; expected {expected}");
        }

        return items;
    }

    // {"Prune":512,"Reconcile":1024}
    public IntegerSettings Numbers(string key, IntegerSettings defaults)
    {
        switch (context(key))
        {
            case null:
                return defaults;
            case IDictionary<string, object> members:
                return defaults.With(members.Select(member => KeyValuePair.Create(member.Key, WholeNumber(AsText(member.Value)))), fault => Fault(key, fault));
            case var other:
                var text = AsText(other);
                try
                {
                    return text.Length == 0 ? defaults : defaults.With(
                        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(text)
                            ?.Select(member => KeyValuePair.Create(member.Key, WholeNumber(member.Value.ToString()))) ?? throw new JsonException(),
                        fault => Fault(key, fault));
                }
                catch (JsonException)
                {
                    Fault(key, $$"""'{{text}}' must be an object such as {"{{defaults.Values.First().Key}}":{{defaults.Values.First().Value}}}""");
                    return defaults;
                }
        }
    }

    private static int? WholeNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string AsText(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
