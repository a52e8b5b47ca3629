using System.Globalization;
using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Util;
using Automation.LocalCloud.Wire;

namespace Automation.Local.InProcess;

/// <summary>
/// Calls a cloud in this process in place of the SDK's own pipeline, for clients with a <see cref="CloudTarget"/>. It uses the parts of the SDK that write
/// requests and read answers, and raises the client's events. It leaves out what only a network needs: HTTP, endpoints, signatures and retries. Retries
/// would wait in real time and hide injected faults. An error passes through no layer of the SDK, because each layer would throw it again.
/// </summary>
internal sealed class InProcessCalls(IReadOnlyList<CallbackHandler> callbacks) : PipelineHandler
{
    /// <summary>Completes the addresses of requests; no client connects to it.</summary>
    public static readonly Uri Endpoint = new("http://cloud.test");

    /// <summary>Applies to all clients that are created later.</summary>
    public static void Register() => RuntimePipelineCustomizerRegistry.Instance.Register(new Customizer());

    public override Task<T> InvokeAsync<T>(IExecutionContext executionContext) =>
        executionContext.RequestContext.ClientConfig.HttpClientFactory is CloudTarget target
            ? CallAsync<T>(target, executionContext)
            : base.InvokeAsync<T>(executionContext);

    private async Task<T> CallAsync<T>(CloudTarget target, IExecutionContext executionContext)
        where T : AmazonWebServiceResponse
    {
        var call = executionContext.RequestContext;
        call.Request = call.Marshaller.Marshall(call.OriginalRequest);
        foreach (var callback in callbacks)
        {
            callback.OnPreInvoke?.Invoke(executionContext);
        }

        var caller = (await call.ExplicitAWSCredentials.GetCredentialsAsync()).AccessKey;
        (string Key, long Number)? revision = null;
        if (target.Known?.Find(call, caller, out revision) is T known)
        {
            if (call.Request.ContentStream is { } unsent)
            {
                await unsent.DisposeAsync();
            }

            return known;
        }

        var read = Read(call, await target.Cloud(RequestOf(call, caller), call.CancellationToken));
        executionContext.ResponseContext.Response = read;
        foreach (var callback in callbacks)
        {
            callback.OnPostInvoke?.Invoke(executionContext);
        }

        if (revision is { } current)
        {
            target.Known!.Keep(call, current, read);
        }

        return (T)read;
    }

    private static WireRequest RequestOf(IRequestContext call, string accessKeyId)
    {
        var request = call.Request;
        var headers = new Dictionary<string, string>(request.Headers.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in request.Headers)
        {
            headers[name.ToLowerInvariant()] = value;
        }

        // The caller's time, as in a signature. The cloud answers in it, so that no client takes credentials for expired.
        headers["x-amz-date"] = AWSSDKUtils.CorrectedUtcNow.ToString(AWSSDKUtils.ISO8601BasicDateTimeFormat, CultureInfo.InvariantCulture);
        var body = BodyOf(request);
        if (body.Length > 0)
        {
            headers.TryAdd("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        }

        request.Endpoint = Endpoint;
        var url = request is { ResourcePath: null or "" or "/", UseQueryString: false } ? Endpoint : AmazonServiceClient.ComposeUrl(request);
        return new WireRequest(request.HttpMethod, url.AbsolutePath, url.Query.TrimStart('?'), headers, body)
        {
            Scope = new CredentialScope(accessKeyId, call.ClientConfig.AuthenticationRegion, call.ClientConfig.AuthenticationServiceName),
        };
    }

    private static byte[] BodyOf(IRequest request)
    {
        if (request.ContentStream is not { } stream)
        {
            // The parameters of a query service, such as STS, are its body.
            return request.Content ?? (request.UseQueryString ? [] : Encoding.UTF8.GetBytes(string.Join(
                '&', request.ParameterCollection.GetSortedParametersList().Select(each => $"{each.Key}={Uri.EscapeDataString(each.Value)}"))));
        }

        using (stream)
        {
            var body = new byte[stream.Length - stream.Position];
            stream.ReadExactly(body);
            return body;
        }
    }

    /// <exception cref="AmazonServiceException">The cloud refused the call.</exception>
    /// <exception cref="AmazonUnmarshallingException">The answer cannot be read.</exception>
    private static AmazonWebServiceResponse Read(IRequestContext call, WireResponse answer)
    {
        using var data = new InProcessResponse(answer);
        AmazonServiceException refusal;
        try
        {
            var context = call.Unmarshaller.CreateContext(data, !data.IsSuccessStatusCode, data.OpenResponse(), call.Metrics, !data.IsSuccessStatusCode, call);
            if (data.IsSuccessStatusCode)
            {
                return call.Unmarshaller.UnmarshallResponse(context);
            }

            refusal = call.Unmarshaller.UnmarshallException(context, null, data.StatusCode);
        }
        catch (Exception e) when (e is not (AmazonServiceException or AmazonClientException))
        {
            throw new AmazonUnmarshallingException(
                data.GetHeaderValue("x-amzn-RequestId"), null, Encoding.UTF8.GetString(answer.Body.Span), e, data.StatusCode);
        }

        throw refusal;
    }

    private sealed class Customizer : IRuntimePipelineCustomizer
    {
        // Two programs of one test process contain this class.
        public string UniqueName { get; } = typeof(InProcessCalls).AssemblyQualifiedName!;

        public void Customize(Type type, RuntimePipeline pipeline) =>
            pipeline.AddHandler(new InProcessCalls([.. pipeline.Handlers.OfType<CallbackHandler>()]));
    }
}
