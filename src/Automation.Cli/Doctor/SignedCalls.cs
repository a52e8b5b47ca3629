using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.ECR;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Automation.Cli.Deployment;

namespace Automation.Cli.Doctor;

/// <summary>
/// Calls read-only operations of AWS services for which the product has no client: the request is signed by the AWS SDK and sent as the
/// service's protocol says (AWS JSON, AWS Query, REST with JSON).
/// </summary>
/// <param name="endpoint">Null means AWS itself.</param>
/// <param name="credentials">Null means the SDK's own chain (environment, profile, container, instance).</param>
/// <param name="time">Times the pauses after a throttled call.</param>
internal sealed class SignedCalls(Uri? endpoint, AWSCredentials? credentials, HttpClient http, TimeProvider time)
{
    /// <summary>The code of a <see cref="CallException"/> if no answer came.</summary>
    public const string NoAnswer = "NoAnswer";

    private const int MaxAttempts = 4;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private ImmutableCredentials? _keys;

    /// <summary>Called with the headers of every response.</summary>
    public Action<HttpResponseHeaders>? Answered { get; init; }

    /// <summary>AWS JSON 1.0 and 1.1: the operation in <c>X-Amz-Target</c>.</summary>
    /// <exception cref="CallException">The service refuses the call, or does not respond.</exception>
    public async Task<JsonObject> JsonAsync(
        string region, AwsApi api, string operation, JsonObject input, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes(input.ToJsonString());
        var answer = await SendAsync(
            region, api, HttpMethod.Post, "/", body, api.JsonVersion, [("X-Amz-Target", $"{api.TargetPrefix}.{operation}")], $"{api.SigningName}:{operation}",
            cancellationToken);
        return Parse(answer, $"{api.SigningName}:{operation}");
    }

    /// <summary>AWS Query: a form in, XML out.</summary>
    /// <returns>The document's root; element names carry the service's namespace, so look for local names.</returns>
    /// <exception cref="CallException">The service refuses the call, or does not respond.</exception>
    public async Task<XElement> QueryAsync(
        string region, AwsApi api, string action, IEnumerable<(string Name, string Value)> parameters, CancellationToken cancellationToken)
    {
        var form = parameters.Prepend(("Version", api.Version)).Prepend(("Action", action))
            .Select(parameter => $"{Uri.EscapeDataString(parameter.Item1)}={Uri.EscapeDataString(parameter.Item2)}");
        var body = Encoding.UTF8.GetBytes(string.Join('&', form));
        var answer = await SendAsync(
            region, api, HttpMethod.Post, "/", body, "application/x-www-form-urlencoded; charset=utf-8", [], $"{api.SigningName}:{action}", cancellationToken);
        try
        {
            return XElement.Parse(answer);
        }
        catch (System.Xml.XmlException e)
        {
            throw new CallException("InvalidAnswer", $"{api.SigningName}:{action} answered with something that is not XML: {e.Message}");
        }
    }

    /// <exception cref="CommandException">There are no credentials.</exception>
    public async Task CheckCredentialsAsync() => _keys ??= await KeysAsync();

    /// <summary>REST with JSON: a resource by its path, percent-encoded.</summary>
    /// <exception cref="CallException">The service refuses the call, or does not respond.</exception>
    public async Task<JsonObject> RestAsync(string region, AwsApi api, string path, CancellationToken cancellationToken)
    {
        var what = $"{api.SigningName}:GET {path}";
        return Parse(await SendAsync(region, api, HttpMethod.Get, path, [], null, [], what, cancellationToken), what);
    }

    /// <summary>REST with JSON: an operation that takes a document.</summary>
    /// <exception cref="CallException">The service refuses the call, or does not respond.</exception>
    public async Task<JsonObject> PostAsync(string region, AwsApi api, string path, JsonObject input, CancellationToken cancellationToken)
    {
        var what = $"{api.SigningName}:{path.TrimStart('/')}";
        return Parse(await SendAsync(
            region, api, HttpMethod.Post, path, Encoding.UTF8.GetBytes(input.ToJsonString()), "application/json", [], what, cancellationToken), what);
    }

    // The account's rate limits are low: IAM and CloudWatch Logs allow about ten calls per second.
    private async Task<string> SendAsync(
        string region, AwsApi api, HttpMethod method, string path, byte[] body, string? contentType, (string Name, string Value)[] headers, string what,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(region, api, method, path, body, contentType, headers, what, cancellationToken);
            }
            catch (CallException e) when (e.IsThrottled && attempt < MaxAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250 << attempt), time, cancellationToken);
            }
        }
    }

    private async Task<string> SendOnceAsync(
        string region, AwsApi api, HttpMethod method, string path, byte[] body, string? contentType, (string Name, string Value)[] headers, string what,
        CancellationToken cancellationToken)
    {
        var keys = _keys ??= await KeysAsync();
        var host = endpoint ?? api.Endpoint(region);
        using var request = new DefaultRequest(new Unmodelled(), api.SigningName)
        {
            HttpMethod = method.Method,
            Endpoint = host,
            ResourcePath = path,
            Content = body,
            AuthenticationRegion = api.SigningRegion(region),
            OverrideSigningServiceName = api.SigningName,
        };
        if (contentType is not null)
        {
            request.Headers["Content-Type"] = contentType;
        }

        foreach (var (name, value) in headers)
        {
            request.Headers[name] = value;
        }

        if (keys.UseToken)
        {
            request.Headers["X-Amz-Security-Token"] = keys.Token;
        }

        var config = new AmazonECRConfig { ServiceURL = host.ToString(), AuthenticationRegion = api.SigningRegion(region) };
        var signed = new AWS4Signer().SignRequest(request, config, null, keys.AccessKey, keys.SecretKey);
        using var message = new HttpRequestMessage(method, new Uri(host, path));
        if (contentType is not null)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        foreach (var (name, value) in request.Headers.Where(header => header.Key is not ("Content-Type" or "Host" or "host")))
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        message.Headers.TryAddWithoutValidation("Authorization", signed.ForAuthorizationHeader);
        return await AnswerAsync(message, what, cancellationToken);
    }

    private async Task<string> AnswerAsync(HttpRequestMessage message, string what, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            using var response = await http.SendAsync(message, limit.Token);
            Answered?.Invoke(response.Headers);
            var text = await response.Content.ReadAsStringAsync(limit.Token);
            return response.IsSuccessStatusCode ? text : throw Refusal(text, response, what);
        }
        catch (HttpRequestException e)
            when (endpoint is not null && e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw new CommandException($"{e.Message}. Nothing responds at {Endpoints.Text(endpoint)}; check that `automation cloud` is running there.");
        }
        catch (HttpRequestException e)
        {
            throw new CallException(NoAnswer, $"{what}: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CallException(NoAnswer, $"{what}: no answer within {Timeout.TotalSeconds:0} seconds");
        }
    }

    // JSON: {"__type":"com.amazonaws.x#Code","message":"…"}; Query: <ErrorResponse><Error><Code/><Message/></Error>…; EC2: <Response><Errors><Error>…
    private static CallException Refusal(string text, HttpResponseMessage response, string what)
    {
        string? code = null;
        string? message = null;
        if (text.StartsWith('<'))
        {
            try
            {
                var error = XElement.Parse(text).Descendants().FirstOrDefault(element => element.Name.LocalName == "Error");
                code = error?.Elements().FirstOrDefault(element => element.Name.LocalName == "Code")?.Value;
                message = error?.Elements().FirstOrDefault(element => element.Name.LocalName == "Message")?.Value;
            }
            catch (System.Xml.XmlException)
            {
                // The answer is not the service's, for example a proxy's page. Only its status is useful.
            }
        }
        else if (text.StartsWith('{'))
        {
            var document = Parse(text, what);
            code = document["__type"]?.ToString().Split('#')[^1];
            message = (document["message"] ?? document["Message"])?.ToString();
        }

        // REST services name the error in a header: ResourceNotFoundException:http://internal.amazon.com/…
        code ??= response.Headers.TryGetValues("x-amzn-ErrorType", out var types) ? types.First().Split(':')[0] : null;

        return new CallException(code ?? $"HTTP {(int)response.StatusCode}", $"{what}: {message ?? code ?? response.ReasonPhrase ?? "refused"}");
    }

    private static JsonObject Parse(string text, string what)
    {
        try
        {
            return text.Length == 0
                ? []
                : JsonNode.Parse(text) as JsonObject ?? throw new CallException("InvalidAnswer", $"{what} answered with something that is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw new CallException("InvalidAnswer", $"{what} answered with something that is not JSON: {e.Message}");
        }
    }

    private async Task<ImmutableCredentials> KeysAsync()
    {
        try
        {
            var found = credentials ?? await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync();
            return await found.GetCredentialsAsync();
        }
        catch (AmazonClientException)
        {
            throw new CommandException(
                "There are no AWS credentials. Use --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for an embedded cloud use --endpoint URL.");
        }
    }

    private sealed class Unmodelled : AmazonWebServiceRequest;
}

/// <summary>The protocol of a service.</summary>
/// <param name="SigningName">The name in the signature; also the action's prefix in IAM policies, except for CloudWatch.</param>
/// <param name="Version">The version of a Query API.</param>
/// <param name="TargetPrefix">The prefix of an AWS JSON API's target.</param>
/// <param name="EndpointPrefix">The first part of the host name.</param>
internal sealed record AwsApi(
    string SigningName, string Version = "", string TargetPrefix = "", string JsonVersion = "application/x-amz-json-1.1", string? EndpointPrefix = null)
{
    public static AwsApi CloudFormation { get; } = new("cloudformation", "2010-05-15");

    public static AwsApi CloudWatch { get; } = new("monitoring", "2010-08-01");

    public static AwsApi Ec2 { get; } = new("ec2", "2016-11-15");

    public static AwsApi Ecr { get; } = new("ecr", TargetPrefix: "AmazonEC2ContainerRegistry_V20150921", EndpointPrefix: "api.ecr");

    public static AwsApi Events { get; } = new("events", TargetPrefix: "AWSEvents");

    public static AwsApi Iam { get; } = new("iam", "2010-05-08");

    public static AwsApi ImageBuilder { get; } = new("imagebuilder");

    public static AwsApi Kms { get; } = new("kms", TargetPrefix: "TrentService");

    public static AwsApi Lambda { get; } = new("lambda");

    public static AwsApi Logs { get; } = new("logs", TargetPrefix: "Logs_20140328");

    public static AwsApi Quotas { get; } = new("servicequotas", TargetPrefix: "ServiceQuotasV20190624");

    public static AwsApi Scheduler { get; } = new("scheduler");

    public static AwsApi Sns { get; } = new("sns", "2010-03-31");

    public static AwsApi Sqs { get; } = new("sqs", TargetPrefix: "AmazonSQS", JsonVersion: "application/x-amz-json-1.0");

    public static AwsApi Ssm { get; } = new("ssm", TargetPrefix: "AmazonSSM");

    public static AwsApi States { get; } = new("states", TargetPrefix: "AWSStepFunctions", JsonVersion: "application/x-amz-json-1.0");

    public static AwsApi Sts { get; } = new("sts", "2011-06-15");

    /// <summary>IAM is one service per partition. https://docs.aws.amazon.com/general/latest/gr/iam-service.html</summary>
    public string SigningRegion(string region) => SigningName != "iam" ? region
        : region.StartsWith("cn-", StringComparison.Ordinal) ? "cn-north-1"
        : region.StartsWith("us-gov-", StringComparison.Ordinal) ? "us-gov-west-1"
        : "us-east-1";

    public Uri Endpoint(string region)
    {
        var suffix = Amazon.RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix;
        return new Uri(SigningName != "iam" ? $"https://{EndpointPrefix ?? SigningName}.{region}.{suffix}/"
            : SigningRegion(region) == "us-east-1" ? $"https://iam.{suffix}/"
            : SigningRegion(region) == "us-gov-west-1" ? $"https://iam.us-gov.{suffix}/"
            : $"https://iam.cn-north-1.{suffix}/");
    }
}

/// <summary>A read that did not succeed.</summary>
/// <param name="code">The service's error code, or NoAnswer, InvalidAnswer.</param>
internal sealed class CallException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    /// <summary>ResourceNotFoundException, NotFoundException (KMS), NotFound (SNS), NoSuchEntity (IAM), StateMachineDoesNotExist, QueueDoesNotExist
    /// and AWS.SimpleQueueService.NonExistentQueue.</summary>
    public bool IsNotFound =>
        Code is "ResourceNotFoundException" or "NotFoundException" or "NotFound" or "NoSuchEntity" or "StateMachineDoesNotExist" or "QueueDoesNotExist"
        || Code.EndsWith("NonExistentQueue", StringComparison.Ordinal);

    public bool IsThrottled =>
        Code.StartsWith("Throttl", StringComparison.Ordinal) || Code is "RequestLimitExceeded" or "RequestThrottled" or "TooManyRequestsException";

    public bool IsDenied =>
        Code is "AccessDenied" or "AccessDeniedException" or "UnauthorizedOperation" or "AuthorizationError" or "AuthorizationErrorException";
}
