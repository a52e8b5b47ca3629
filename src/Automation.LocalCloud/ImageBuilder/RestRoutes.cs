using System.Text.Json.Nodes;
using Automation.ApiTables;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// Finds the operation of a rest-json request by method and path, and collects its members from body, query and path:
/// <c>GET /GetImage?imageBuildVersionArn=arn%3Aaws%3A…</c>, <c>DELETE /tags/arn%3Aaws%3A…%2F1.0.0?tagKeys=a&amp;tagKeys=b</c>.
/// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
/// </summary>
internal sealed class RestRoutes
{
    private readonly Dictionary<(string Method, string Path), ApiOperation> _exact = [];
    private readonly List<(ApiOperation Operation, string Prefix, string Member)> _prefixed = [];

    public RestRoutes(ApiModel model)
    {
        foreach (var operation in model.Operations.Values)
        {
            var hole = operation.Path.IndexOf('{', StringComparison.Ordinal);
            if (hole < 0)
            {
                _exact.Add((operation.Method, operation.Path), operation);
            }
            else
            {
                _prefixed.Add((operation, operation.Path[..hole], operation.Path[(hole + 1)..^1]));
            }
        }
    }

    public ApiOperation? Find(WireRequest request) =>
        _exact.GetValueOrDefault((request.Method, request.Path))
        ?? _prefixed.Find(route => route.Operation.Method == request.Method && IsBelow(request.Path, route.Prefix)).Operation;

    public JsonObject Read(ApiOperation operation, WireRequest request)
    {
        var input = WireJson.ParseObject(request);
        var query = ParseQuery(request.Query);
        foreach (var member in operation.Input.Members)
        {
            if (member.Location == ApiLocation.Query)
            {
                input.Remove(member.WireName);
                var values = query.Where(pair => pair.Name == member.WireName).Select(pair => pair.Value).ToList();
                if (values.Count > 0)
                {
                    input[member.WireName] = member.Type.Kind == ApiTypeKind.List
                        ? new JsonArray([.. values.Select(value => JsonValue.Create(value))])
                        : JsonValue.Create(values[0]);
                }
            }
            else if (member.Location == ApiLocation.Path)
            {
                var prefix = _prefixed.Find(route => route.Operation == operation).Prefix;
                input[member.WireName] = Uri.UnescapeDataString(request.Path[prefix.Length..]);
            }
        }

        return input;
    }

    private static bool IsBelow(string path, string prefix) => path.Length > prefix.Length && path.StartsWith(prefix, StringComparison.Ordinal);

    private static List<(string Name, string Value)> ParseQuery(string query) =>
        [.. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair =>
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            return equals < 0
                ? (Decode(pair), "")
                : (Decode(pair[..equals]), Decode(pair[(equals + 1)..]));
        })];

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
