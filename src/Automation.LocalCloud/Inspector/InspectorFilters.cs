using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Inspector;

/// <summary>
/// Filter criteria of ListCoverage and ListFindings: every criterion must match, and of the filters of a criterion at least one.
/// <code>
/// { "ecrRepositoryName": [ { "comparison": "EQUALS", "value": "team/app" } ], "ecrImageInUseCount": [ { "lowerInclusive": 1 } ] }
/// </code>
/// https://docs.aws.amazon.com/inspector/v2/APIReference/API_FilterCriteria.html,
/// https://docs.aws.amazon.com/inspector/v2/APIReference/API_CoverageFilterCriteria.html
/// </summary>
internal static class InspectorFilters
{
    /// <param name="texts">The criteria that compare text; an item may have several values, such as the tags of an image.</param>
    /// <param name="numbers">The criteria that compare numbers and instants; an instant is in epoch seconds.</param>
    /// <exception cref="AwsException">ValidationException: the embedded cloud does not serve a criterion.</exception>
    public static Func<T, bool> Read<T>(
        JsonObject? criteria, IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> texts, IReadOnlyDictionary<string, Func<T, double?>> numbers)
    {
        var all = new List<Func<T, bool>>();
        foreach (var name in (criteria ?? []).Where(criterion => criterion.Value is not null).Select(criterion => criterion.Key))
        {
            var filters = criteria!.Objects(name).ToList();
            if (texts.TryGetValue(name, out var values))
            {
                all.Add(item => values(item).ToList() is var found && filters.Exists(filter => MatchesText(filter, found)));
            }
            else if (numbers.TryGetValue(name, out var value))
            {
                all.Add(item => value(item) is { } found && filters.Exists(filter => MatchesNumber(filter, found)));
            }
            else
            {
                throw new AwsException("ValidationException",
                    $"The embedded cloud does not filter by {name}; it filters by {string.Join(", ", texts.Keys.Concat(numbers.Keys).Order(StringComparer.Ordinal))}.");
            }
        }

        return item => all.TrueForAll(matches => matches(item));
    }

    private static bool MatchesText(JsonObject filter, List<string> found) => (filter.Text("comparison"), filter.Text("value") ?? "") switch
    {
        ("NOT_EQUALS", var value) => !found.Contains(value, StringComparer.Ordinal),
        ("PREFIX", var value) => found.Exists(each => each.StartsWith(value, StringComparison.Ordinal)),
        var (_, value) => found.Contains(value, StringComparer.Ordinal),
    };

    private static bool MatchesNumber(JsonObject filter, double found) =>
        !(found < Bound(filter, "lowerInclusive", "startInclusive")) && !(found > Bound(filter, "upperInclusive", "endInclusive"));

    private static double? Bound(JsonObject filter, string number, string instant) =>
        (filter[number] ?? filter[instant]) is JsonValue value && value.TryGetValue<double>(out var bound) ? bound : null;
}
