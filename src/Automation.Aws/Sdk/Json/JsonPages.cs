using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Automation.Aws.Sdk.Json;

/// <summary>The pages of a list operation of a JSON service.</summary>
internal static class JsonPages
{
    /// <param name="path">For a REST service.</param>
    /// <param name="input">Writes the members of the request apart from the token.</param>
    /// <param name="token">The member with the token, in request and answer.</param>
    /// <returns>Each page, valid until the next one is read.</returns>
    public static async IAsyncEnumerable<JsonElement> ReadAsync(
        Func<JsonCall, CancellationToken, Task<JsonAnswer>> call, string operation, string path, Action<Utf8JsonWriter>? input, string token,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var from = next;
            using var page = await call(
                new JsonCall(operation)
                {
                    Path = path,
                    Body = writer =>
                    {
                        input?.Invoke(writer);
                        if (from is not null)
                        {
                            writer.WriteString(token, from);
                        }
                    },
                }, cancellationToken);
            yield return page.Root;
            next = page.Root.Text(token);
        }
        while (next is { Length: > 0 });
    }
}
