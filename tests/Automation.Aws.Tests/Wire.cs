using System.Net;
using System.Text;
using System.Text.Json;
using Amazon;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.SimpleSystemsManagement;
using Amazon.StepFunctions;
using Automation.Aws.Sdk.Json;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Aws.Tests;

/// <summary>A request as it was sent.</summary>
/// <param name="Operation">The operation of the target header, or the path of a REST service.</param>
internal sealed record Sent(string Operation, string Host, string Query, JsonElement Body)
{
    public string? Text(string member) => Body.TryGetProperty(member, out var value) ? value.ToString() : null;

    public string[] Texts(string member) => [.. Body.GetProperty(member).EnumerateArray().Select(item => item.ToString())];
}

/// <summary>Plays the services: it returns the scripted responses in order and records the requests. It opens no socket and retries nothing.</summary>
internal sealed class Wire
{
    private readonly Queue<Func<HttpResponseMessage>> _answers = new();

    public List<Sent> Sent { get; } = [];

    public IEnumerable<string> Operations => Sent.Select(sent => sent.Operation);

    public EcrRegistry Registry => new(
        region => new AmazonECRClient(Credentials, Configure(new AmazonECRConfig(), region)), (api, region) => Json.Of(api, region, account: null));

    public ImageBuilderGateway ImageBuilder => new(
        region => new AmazonImagebuilderClient(Credentials, Configure(new AmazonImagebuilderConfig(), region)),
        new AwsScope("aws", "eu-central-1", "123456789012"));

    public StepFunctionsWorkflow Workflow => new(
        () => new AmazonStepFunctionsClient(Credentials, Configure(new AmazonStepFunctionsConfig())),
        "arn:aws:states:eu-central-1:123456789012:stateMachine:image-lifecycle");

    public StepFunctionsIncidents Incidents => new(
        () => new AmazonStepFunctionsClient(Credentials, Configure(new AmazonStepFunctionsConfig())),
        "arn:aws:states:eu-central-1:123456789012:stateMachine:incidents");

    public StepFunctionsScanWaits ScanWaits => new(
        () => new AmazonStepFunctionsClient(Credentials, Configure(new AmazonStepFunctionsConfig())),
        "arn:aws:states:eu-central-1:123456789012:stateMachine:scan-waits");

    public ParameterStore Parameters => new(() => new AmazonSimpleSystemsManagementClient(Credentials, Configure(new AmazonSimpleSystemsManagementConfig())));

    public JsonClients Json => new(new AwsScope("aws", "eu-central-1", "123456789012"), Credentials, (config, region) => Configure(config, region));

    private static BasicAWSCredentials Credentials => new("AKID", "secret");

    public Wire Answer(string body, HttpStatusCode status = HttpStatusCode.OK, string? errorType = null)
    {
        _answers.Enqueue(() =>
        {
            var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            if (errorType is not null)
            {
                response.Headers.Add("x-amzn-ErrorType", errorType);
            }

            return response;
        });
        return this;
    }

    public Wire Refuse(string errorType, int status = 400) => Answer("""{"message":"because"}""", (HttpStatusCode)status, errorType);

    /// <summary>Scripts a call without a response.</summary>
    public Wire Break(Func<Exception> fault)
    {
        _answers.Enqueue(() => throw fault());
        return this;
    }

    private T Configure<T>(T config, string region = "eu-central-1")
        where T : ClientConfig
    {
        config.HttpClientFactory = new Factory(this);
        config.IgnoreConfiguredEndpointUrls = true;
        config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        config.MaxErrorRetry = 0;
        return config;
    }

    private sealed class Factory(Wire wire) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new Handler(wire));

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }

    private sealed class Handler(Wire wire) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            var operation = request.Headers.TryGetValues("X-Amz-Target", out var target)
                ? target.Single().Split('.')[^1]
                : request.Method + " " + request.RequestUri!.AbsolutePath;
            wire.Sent.Add(new Sent(
                operation,
                request.RequestUri!.Host,
                Uri.UnescapeDataString(request.RequestUri.Query),
                JsonDocument.Parse(body.Length == 0 ? "{}" : body).RootElement));
            Assert.True(wire._answers.Count > 0, $"Nothing was scripted for the call {operation}.");
            return wire._answers.Dequeue()();
        }
    }
}

/// <summary>Short names for the values that tests use.</summary>
internal static class Sample
{
    public const string Region = "eu-central-1";
    public const string Repository = "images/app";

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string DigestText(string of) =>
        "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    public static Digest Digest(string of) => Core.Images.Digest.Parse(DigestText(of));

    /// <summary>A text as a JSON string with its quotes.</summary>
    public static string Json(string text) => JsonSerializer.Serialize(text);
}

internal static class RegistryExtensions
{
    /// <summary>Deletes, and returns the reasons for what remains.</summary>
    public static async Task<IReadOnlyList<Deletion>> LeftAsync(this EcrRegistry registry, DeletionTarget[] targets)
    {
        var left = new List<Deletion>();
        await foreach (var deletion in registry.DeleteAsync(Sample.Region, Sample.Repository, [targets], Sample.Cancel))
        {
            if (deletion.StillThere is not null)
            {
                left.Add(deletion);
            }
        }

        return left;
    }
}
