using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>Pages of a list in a stable order; the token is the position of the next item.</summary>
internal static class Paging
{
    /// <exception cref="AwsException">ValidationException, or the given code: the token was not issued here, or the size is below one.</exception>
    public static (IReadOnlyList<T> Page, string? Next) Take<T>(IReadOnlyList<T> all, int size, string? token, string code = "ValidationException")
    {
        var start = 0;
        if (size < 1 || (token is not null && (!int.TryParse(token, CultureInfo.InvariantCulture, out start) || start < 0)))
        {
            throw new AwsException(code, size < 1 ? "The page size must be at least 1." : "The next token is not valid.");
        }

        var page = all.Skip(start).Take(size).ToArray();
        var end = start + page.Length;
        return (page, end < all.Count ? end.ToString(CultureInfo.InvariantCulture) : null);
    }

    /// <param name="member">The name of the token in the service's answers.</param>
    public static JsonObject With(JsonObject answer, string? next, string member = "NextToken")
    {
        if (next is not null)
        {
            answer[member] = next;
        }

        return answer;
    }
}
