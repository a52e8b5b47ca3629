using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>Responses of the Runtime API. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html</summary>
internal static class RuntimeAnswer
{
    /// <summary>An invocation for the process that polled: the payload as body, its metadata as headers.</summary>
    public static WireResponse Event(QueuedInvocation queued) => new(200, queued.Invocation.Payload, "application/json")
    {
        Headers = new Dictionary<string, string>
        {
            ["Lambda-Runtime-Aws-Request-Id"] = queued.Invocation.RequestId,
            ["Lambda-Runtime-Deadline-Ms"] = queued.Deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            ["Lambda-Runtime-Invoked-Function-Arn"] = queued.Invocation.Function.Arn,
            ["Lambda-Runtime-Trace-Id"] = queued.Invocation.TraceId,
        },
    };

    public static WireResponse Accepted() => WireResponse.Json(new JsonObject { ["status"] = "OK" }, status: 202);

    public static WireResponse Error(int status, string type, string message) =>
        WireResponse.Json(new JsonObject { ["errorMessage"] = message, ["errorType"] = type }, status: status);
}
