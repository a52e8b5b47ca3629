using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// AWS JSON 1.0 and 1.1: <c>POST /</c>, the operation in <c>X-Amz-Target: Prefix.Operation</c>, errors as
/// <c>{"__type":"Code","message":"…"}</c>. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
/// </summary>
/// <param name="version">1.0 or 1.1.</param>
public abstract class JsonRpcService(string signingName, string targetPrefix, string version) : IWireService
{
    private readonly string _contentType = $"application/x-amz-json-{version}";

    public string SigningName => signingName;

    public string? OperationOf(WireRequest request)
    {
        var target = request.Header("x-amz-target");
        return target is not null && target.StartsWith(targetPrefix + ".", StringComparison.Ordinal)
            ? target[(targetPrefix.Length + 1)..]
            : null;
    }

    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) =>
        Needs(operation, context, WireJson.ParseObject(request));

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var operation = OperationOf(request) ?? throw new AwsException("UnknownOperationException", "The request names no operation of this service.");
        return WireResponse.Json(Call(operation, context, WireJson.ParseObject(request)), _contentType);
    }

    public WireResponse Error(WireRequest request, AwsException error)
    {
        var body = new JsonObject { ["__type"] = error.Code, ["message"] = error.Message };
        foreach (var (name, value) in error.Members ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return WireResponse.Json(body, _contentType, error.Status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = error.Code },
        };
    }

    /// <summary>See <see cref="IWireService.Needs"/>.</summary>
    protected virtual IReadOnlyList<Need>? Needs(string operation, CallContext context, JsonObject input) => null;

    /// <summary>Handles one operation; an operation that is not served throws <see cref="WireJson.UnknownOperation"/>.</summary>
    protected abstract JsonObject Call(string operation, CallContext context, JsonObject input);
}
