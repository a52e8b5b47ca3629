using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>A successful request with a client token, and its response.</summary>
internal sealed record RememberedCall(string RequestHash, string Answer);

/// <summary>
/// Idempotency: repeating a request with the same token returns the first response; another request with the token is refused.
/// A token is valid for one operation in one Region and never expires. Failed requests are not remembered.
/// </summary>
internal sealed class ClientTokens(ICloudStore store)
{
    private readonly Table<RememberedCall> _calls = new("imagebuilder.client-tokens", store, () => ImageBuilderJson.Default.RememberedCall);

    public JsonObject Once(string operation, CallContext context, JsonObject input, Func<JsonObject> call)
    {
        if (input["clientToken"]?.GetValue<string>() is not { } token)
        {
            return call();
        }

        var key = $"{context.Region}/{operation}/{token}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(input).ToJsonString())));
        if (_calls.Find(key) is { } earlier)
        {
            return earlier.RequestHash == hash
                ? JsonNode.Parse(earlier.Answer, documentOptions: ClientJson.Deep)!.AsObject()
                : throw new AwsException(
                    "IdempotentParameterMismatchException",
                    $"The client token '{token}' was used before for a {operation} request with other parameters.");
        }

        var answer = call();
        _calls.Set(key, new RememberedCall(hash, answer.ToJsonString()));
        return answer;
    }

    // The order of members does not make two requests different.
    private static JsonNode Canonical(JsonNode node) => node switch
    {
        JsonObject map => new JsonObject(map
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value is null ? null : Canonical(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(item => item is null ? null : Canonical(item))]),
        _ => node.DeepClone(),
    };
}
