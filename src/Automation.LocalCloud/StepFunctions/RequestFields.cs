using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>Reads the members that many operations share.</summary>
internal static class RequestFields
{
    private const int DefaultPage = 100;
    private const int MaxPageSize = 1000;

    // These members have their own errors if they are too long or empty: InvalidDefinition, InvalidExecutionInput, InvalidOutput.
    private static readonly string[] NamedErrors = ["definition", "input", "output"];

    private static readonly RequestValidator Validator = RequestValidator.Of("states", "states.more");

    /// <summary>Checks a request against the service's API tables.</summary>
    /// <exception cref="AwsException">ValidationException, or SerializationException for JSON of the wrong type.</exception>
    public static void Check(string operation, JsonObject input)
    {
        if (!Validator.Model.Operations.ContainsKey(operation))
        {
            return;
        }

        var violations = Validator.Check(operation, input)
            .Where(violation => violation.Kind != ViolationKind.Length || !NamedErrors.Contains(violation.Path))
            .ToArray();
        if (violations.FirstOrDefault(violation => violation.Kind == ViolationKind.Type) is { } wrongType)
        {
            throw new AwsException("SerializationException", wrongType.ToString());
        }

        if (violations.Length > 0)
        {
            throw new AwsException("ValidationException", Violation.Describe(violations));
        }
    }

    public static string Required(JsonObject input, string name, int longest = 3000) =>
        Limited(input, name, longest) is { Length: > 0 } text ? text : throw Missing(name);

    public static string? Limited(JsonObject input, string name, int longest) =>
        input[name].AsText() is not { } text ? null
        : text.Length <= longest ? text
        : throw new AwsException("ValidationException",
            $"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length less than or equal to {longest}");

    public static AwsException Missing(string name) =>
        new("ValidationException", $"1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null");

    public static int PageSize(JsonObject input) => input["maxResults"].AsNumber() switch
    {
        null or 0 => DefaultPage,
        > 0 and <= MaxPageSize and var size => (int)size,
        var wrong => throw new AwsException("ValidationException",
            $"1 validation error detected: Value '{wrong}' at 'maxResults' failed to satisfy constraint: Member must have value between 0 and {MaxPageSize}"),
    };

    public static string TokenOf(long position) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"page/{position.ToString(CultureInfo.InvariantCulture)}"));

    public static long? Token(JsonObject input)
    {
        if (input["nextToken"].AsText() is not { } token)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[64];
        return Convert.TryFromBase64String(token, bytes, out var length)
            && Encoding.UTF8.GetString(bytes[..length]) is var text
            && text.StartsWith("page/", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                ? position
                : throw new AwsException("InvalidToken", "Invalid Token: 'Invalid token'");
    }

    /// <summary>The page of a list that the request wants, with the token of the next one.</summary>
    public static JsonObject Page<T>(JsonObject input, string member, T[] all, Func<T, JsonObject> item)
    {
        var skip = (int)Math.Clamp(Token(input) ?? 0, 0, all.Length);
        var size = PageSize(input);
        var answer = new JsonObject { [member] = new JsonArray([.. all.Skip(skip).Take(size).Select(item)]) };
        Put(answer, "nextToken", skip + size < all.Length ? TokenOf(skip + size) : null);
        return answer;
    }

    /// <summary>Adds a member to a response if it has a value.</summary>
    public static void Put(JsonObject answer, string name, JsonNode? value)
    {
        if (value is not null)
        {
            answer[name] = value;
        }
    }
}
