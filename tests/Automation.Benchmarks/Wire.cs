using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.Benchmarks;

/// <summary>An embedded cloud in this process. It is called with complete client requests, without a socket.</summary>
internal static class Wire
{
    public const string Region = "us-east-1";

    public static Cloud NewCloud() => new(new CloudOptions { Region = Region }, new NoFunctions());

    public static JsonObject Ecr(Cloud cloud, string operation, JsonObject input) => Send(
        cloud, "POST", "/", input, "ecr", new Dictionary<string, string> { ["x-amz-target"] = $"AmazonEC2ContainerRegistry_V20150921.{operation}" });

    public static JsonObject StepFunctions(Cloud cloud, string operation, JsonObject input) => Send(
        cloud, "POST", "/", input, "states", new Dictionary<string, string> { ["x-amz-target"] = $"AWSStepFunctions.{operation}" });

    public static JsonObject Ecs(Cloud cloud, string operation, JsonObject input) => Send(
        cloud, "POST", "/", input, "ecs", new Dictionary<string, string> { ["x-amz-target"] = $"AmazonEC2ContainerServiceV20141113.{operation}" });

    public static JsonObject CreateFunction(Cloud cloud, JsonObject input) => Send(cloud, "POST", "/2015-03-31/functions", input, "lambda", []);

    public static JsonObject ImageBuilder(Cloud cloud, string method, string operation, JsonObject input) =>
        Send(cloud, method, $"/{operation}", input, "imagebuilder", []);

    /// <summary>Creates a resource and returns its ARN, the member <paramref name="arn"/> of the response.</summary>
    public static string Create(Cloud cloud, string operation, string arn, JsonObject input, string? token = null)
    {
        input["clientToken"] = token ?? $"{operation}-{input["name"]}";
        return ImageBuilder(cloud, "PUT", operation, input)[arn]!.GetValue<string>();
    }

    /// <summary>The pipeline of that name, which builds into the repository of that name.</summary>
    /// <returns>Its ARN.</returns>
    public static string CreatePipeline(Cloud cloud, string name = "app")
    {
        var recipe = Create(cloud, "CreateContainerRecipe", "containerRecipeArn", new JsonObject
        {
            ["name"] = name,
            ["semanticVersion"] = "1.0.0",
            ["containerType"] = "DOCKER",
            ["parentImage"] = "public.ecr.aws/docker/library/debian:12",
            ["platformOverride"] = "Linux",
            ["dockerfileTemplateData"] = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n",
            ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = name },
        });
        var infrastructure = Create(cloud, "CreateInfrastructureConfiguration", "infrastructureConfigurationArn", new JsonObject
        {
            ["name"] = name,
            ["instanceProfileName"] = "builder",
        });
        return Create(cloud, "CreateImagePipeline", "imagePipelineArn", new JsonObject
        {
            ["name"] = name,
            ["containerRecipeArn"] = recipe,
            ["infrastructureConfigurationArn"] = infrastructure,
        });
    }

    /// <exception cref="InvalidOperationException">The request was refused; a benchmark of refusals would look fast.</exception>
    private static JsonObject Send(Cloud cloud, string method, string path, JsonObject input, string service, Dictionary<string, string> headers)
    {
        var request = new WireRequest(method, path, "", headers, Encoding.UTF8.GetBytes(input.ToJsonString()))
        {
            Scope = new CredentialScope("AKIDBENCHMARK", Region, service),
        };
        var response = cloud.Handle(request);
        return response.Status is 200 or 201
            ? JsonNode.Parse(response.Body.Span)!.AsObject()
            : throw new InvalidOperationException($"{path}: {response.Status} {Encoding.UTF8.GetString(response.Body.Span)}");
    }

    private sealed class NoFunctions : IFunctionHost
    {
        public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => throw new NotSupportedException("No functions here.");
    }
}
