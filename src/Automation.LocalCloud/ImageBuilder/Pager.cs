using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The pages of a list. A token contains the position after which the next page begins. It is bound to the operation, the Region and
/// all parameters that select the list. A token of another list, a modified one, or one older than a day is refused.
/// </summary>
/// <param name="revision">Changes whenever a listed resource changes.</param>
internal sealed class Pager(Engine engine, Func<long> revision)
{
    private const int MaxPageSize = 25;
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(24);

    // A client that requests a page will probably request the next one, so the sorted list is kept. Otherwise every page of a long list
    // would sort it again.
    private (string Binding, long Revision, Array Entries)? _latest;

    /// <summary>Puts one page of <paramref name="items"/> and, if there are more, a token into <paramref name="answer"/>.</summary>
    /// <param name="order">A unique sort key that does not change while the item exists.</param>
    public void Page<T>(
        string operation, CallContext context, JsonObject input, IEnumerable<T> items, Func<T, string> order, Func<T, JsonNode> show, string member,
        JsonObject answer)
    {
        var binding = Binding(operation, context, input);
        var after = input["nextToken"] is { } token ? Open(token.GetValue<string>(), binding) : null;
        var size = input["maxResults"]?.GetValue<int>() ?? MaxPageSize;
        var entries = Ordered(binding, items, order);
        var start = 0;
        if (after is not null)
        {
            // If the last item of the previous page was deleted, the search returns its former position.
            var found = Array.BinarySearch(
                entries, (after, default!), Comparer<(string Key, T)>.Create((left, right) => string.CompareOrdinal(left.Key, right.Key)));
            start = found < 0 ? ~found : found + 1;
        }

        var end = Math.Min(start + size, entries.Length);
        answer[member] = new JsonArray([.. entries[start..end].Select(entry => show(entry.Item))]);
        if (end < entries.Length)
        {
            answer["nextToken"] = Seal(entries[end - 1].Key, binding);
        }
    }

    private (string Key, T Item)[] Ordered<T>(string binding, IEnumerable<T> items, Func<T, string> order)
    {
        var now = revision();
        if (_latest is { } latest && latest.Binding == binding && latest.Revision == now)
        {
            return ((string, T)[])latest.Entries;
        }

        (string Key, T Item)[] entries = [.. items.Select(item => (Key: order(item), Item: item)).OrderBy(entry => entry.Key, StringComparer.Ordinal)];
        _latest = (binding, now, entries);
        return entries;
    }

    private static string Binding(string operation, CallContext context, JsonObject input)
    {
        var rest = input.DeepClone().AsObject();
        rest.Remove("nextToken");
        rest.Remove("maxResults");
        return Hash($"{operation}\n{context.AccountId}\n{context.Region}\n{rest.ToJsonString()}");
    }

    // base64url of ["key of the last item","issued, unix seconds","checksum over both and the binding"]
    private string Seal(string key, string binding)
    {
        var issued = engine.Clock.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return Base64Url(JsonSerializer.SerializeToUtf8Bytes([key, issued, Checksum(key, issued, binding)], ImageBuilderJson.Default.StringArray));
    }

    private string Open(string token, string binding)
    {
        try
        {
            var base64 = token.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            if (JsonSerializer.Deserialize(bytes, ImageBuilderJson.Default.StringArray) is [var key, var issued, var checksum]
                && checksum == Checksum(key, issued, binding)
                && engine.Clock.Now - DateTimeOffset.FromUnixTimeSeconds(long.Parse(issued, CultureInfo.InvariantCulture)) <= TokenLifetime)
            {
                return key;
            }
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            // Refused below like every other token that was not issued here.
        }

        throw new AwsException("InvalidPaginationTokenException", "The pagination token is not valid for this request.");
    }

    private string Checksum(string key, string issued, string binding) => Hash($"{engine.Options.Seed}\n{key}\n{issued}\n{binding}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

/// <summary>The filters of a list operation: for each named filter, one of its values must be the item's value.</summary>
internal static class ListFilters
{
    /// <exception cref="AwsException">InvalidRequestException: the operation has no filter of that name.</exception>
    public static IEnumerable<T> Apply<T>(IEnumerable<T> items, JsonObject input, IReadOnlyDictionary<string, Func<T, string?>> known)
    {
        foreach (var filter in input["filters"]?.AsArray() ?? [])
        {
            var name = filter!["name"]?.GetValue<string>() ?? "";
            if (!known.TryGetValue(name, out var read))
            {
                throw Errors.InvalidRequest(
                    $"'{name}' is not a filter of this operation. Filters: {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}.");
            }

            var values = filter["values"]?.AsArray().Select(value => value!.GetValue<string>()).ToHashSet(StringComparer.Ordinal) ?? [];
            items = items.Where(item => read(item) is { } value && values.Contains(value));
        }

        return items;
    }
}
