using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>One API call. Its input has passed the validator, so its members have the types of the model.</summary>
internal sealed record EcrCall(CallContext Context, JsonObject Input)
{
    public string Region => Context.Region;

    public string? Text(string name) => Input[name]?.GetValue<string>();

    public int? Number(string name) => Input[name]?.GetValue<int>();

    public bool Flag(string name) => Input[name]?.GetValue<bool>() ?? false;

    public IReadOnlyList<string> Texts(string name) =>
        Input[name] is JsonArray list ? [.. list.Select(item => item!.GetValue<string>())] : [];

    public EcrCall? Nested(string name) => Input[name] is JsonObject nested ? new EcrCall(Context, nested) : null;

    public IReadOnlyList<EcrCall> NestedList(string name) =>
        Input[name] is JsonArray list ? [.. list.Select(item => new EcrCall(Context, (JsonObject)item!))] : [];

    public ImageId ImageId() => new(Text("imageDigest"), Text("imageTag"));

    /// <summary>Whether the request includes images of a tag status: TAGGED, UNTAGGED or (the default) ANY.</summary>
    public Func<ImageRow, bool> ImageFilter()
    {
        var filter = Nested("filter");
        var status = filter?.Text("tagStatus");

        // All images here are active, because the embedded cloud has no archive storage class.
        var none = filter?.Text("imageStatus") is "ARCHIVED" or "ACTIVATING";
        return image => !none && status switch
        {
            "TAGGED" => image.Tags.Count > 0,
            "UNTAGGED" => image.Tags.Count == 0,
            _ => true,
        };
    }
}

/// <summary>
/// One page of a list. The token contains the last position and identifies its list; a token of another list is refused.
/// </summary>
internal static class Paging
{
    private const int DefaultSize = 100;

    public static int Size(EcrCall call) => call.Number("maxResults") ?? DefaultSize;

    /// <returns>The position in the token, or null for the first page.</returns>
    /// <exception cref="AwsException">InvalidParameterException: the token belongs to another list or was not issued here.</exception>
    public static string? Position(EcrCall call, string list)
    {
        if (call.Text("nextToken") is not { Length: > 0 } token)
        {
            return null;
        }

        try
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(token));
            if (text.StartsWith(list + "\n", StringComparison.Ordinal))
            {
                return text[(list.Length + 1)..];
            }
        }
        catch (FormatException)
        {
            // Fall through: the token was not issued here.
        }

        throw EcrErrors.InvalidToken();
    }

    public static string Token(string list, string position) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{list}\n{position}"));

    public static long Sequence(EcrCall call, string list) =>
        Position(call, list) is not { } position ? 0
        : long.TryParse(position, System.Globalization.CultureInfo.InvariantCulture, out var sequence) ? sequence
        : throw EcrErrors.InvalidToken();
}
