using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Wire;

namespace Automation.Benchmarks;

/// <summary>An embedded cloud in process, called with whole requests as a client sends them, without a socket.</summary>
internal static class Wire
{
    public const string Region = "us-east-1";

    public static Cloud NewCloud() => new(new CloudOptions { Region = Region }, new NoFunctions());

    public static JsonObject Ecr(Cloud cloud, string operation, JsonObject input) => Send(
        cloud, "POST", "/", input, "ecr", new Dictionary<string, string> { ["x-amz-target"] = $"AmazonEC2ContainerRegistry_V20150921.{operation}" });

    public static JsonObject ImageBuilder(Cloud cloud, string method, string operation, JsonObject input) =>
        Send(cloud, method, $"/{operation}", input, "imagebuilder", []);

    /// <exception cref="InvalidOperationException">A refused request: a benchmark of refusals would look fast.</exception>
    private static JsonObject Send(Cloud cloud, string method, string path, JsonObject input, string service, Dictionary<string, string> headers)
    {
        var request = new WireRequest(method, path, "", headers, Encoding.UTF8.GetBytes(input.ToJsonString()))
        {
            Scope = new CredentialScope("AKIDBENCHMARK", Region, service),
        };
        var response = cloud.Handle(request);
        return response.Status == 200
            ? JsonNode.Parse(response.Body.Span)!.AsObject()
            : throw new InvalidOperationException($"{path}: {response.Status} {Encoding.UTF8.GetString(response.Body.Span)}");
    }

    private sealed class NoFunctions : IFunctionHost
    {
        public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => throw new NotSupportedException("No functions here.");
    }
}
