using System.Net;
using System.Text;
using Amazon;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.StepFunctions;

namespace Automation.Shims.Sdk.Tests;

/// <summary>A request as it would be sent. Header names are in lower case; the body is null if there is none.</summary>
internal sealed record Sent(string Method, string Host, string PathAndQuery, IReadOnlyDictionary<string, string> Headers, string? Body)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>Plays the service: it returns the scripted responses in order and records the requests. It opens no socket.</summary>
internal sealed class Wire
{
    private readonly Queue<Func<HttpResponseMessage>> _answers = new();

    public List<Sent> Sent { get; } = [];

    public Sent Only => Assert.Single(Sent);

    public Wire Answer(string body, HttpStatusCode status = HttpStatusCode.OK, string? errorType = null)
    {
        _answers.Enqueue(() =>
        {
            var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            response.Headers.Add("x-amzn-RequestId", "request-1");
            if (errorType is not null)
            {
                response.Headers.Add("x-amzn-ErrorType", errorType);
            }

            return response;
        });
        return this;
    }

    public Wire Refuse(string errorType, string body = """{"message":"no"}""", HttpStatusCode status = HttpStatusCode.BadRequest) =>
        Answer(body, status, errorType);

    public AmazonECRClient Ecr(int retries = 0) =>
        new(new BasicAWSCredentials("AKID", "secret"), Configure(new AmazonECRConfig(), retries));

    public AmazonImagebuilderClient ImageBuilder(int retries = 0) =>
        new(new BasicAWSCredentials("AKID", "secret"), Configure(new AmazonImagebuilderConfig(), retries));

    public AmazonStepFunctionsClient StepFunctions(int retries = 0) =>
        new(new BasicAWSCredentials("AKID", "secret"), Configure(new AmazonStepFunctionsConfig(), retries));

    public T Configure<T>(T config, int retries = 0)
        where T : ClientConfig
    {
        config.HttpClientFactory = new Factory(this);
        config.IgnoreConfiguredEndpointUrls = true;
        config.RegionEndpoint = RegionEndpoint.EUCentral1;
        config.MaxErrorRetry = retries;
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
            var headers = request.Headers
                .Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
                .ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(",", header.Value));
            var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
            wire.Sent.Add(new Sent(
                request.Method.Method,
                request.RequestUri!.Host,
                request.RequestUri.PathAndQuery,
                headers,
                string.IsNullOrEmpty(body) ? null : body));
            return wire._answers.Dequeue()();
        }
    }
}
