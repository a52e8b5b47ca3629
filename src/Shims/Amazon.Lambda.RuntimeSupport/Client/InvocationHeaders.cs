using System.Globalization;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>
/// The headers of the response to <c>next</c>:
/// <code>
/// Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd
/// Lambda-Runtime-Deadline-Ms: 1542409706888
/// Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:name
/// Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1
/// </code>
/// </summary>
internal sealed class InvocationHeaders
{
    private readonly IReadOnlyDictionary<string, string> _values;

    /// <param name="headers">By name in any case.</param>
    public InvocationHeaders(IReadOnlyDictionary<string, string> headers)
    {
        _values = headers;
        AwsRequestId = headers.TryGetValue("Lambda-Runtime-Aws-Request-Id", out var id)
            ? id
            : throw new KeyNotFoundException("The Runtime API's answer to next has no Lambda-Runtime-Aws-Request-Id header.");
    }

    public string AwsRequestId { get; }

    public string InvokedFunctionArn => _values.GetValueOrDefault("Lambda-Runtime-Invoked-Function-Arn");

    public string TraceId => _values.GetValueOrDefault("Lambda-Runtime-Trace-Id");

    public string ClientContext => _values.GetValueOrDefault("Lambda-Runtime-Client-Context");

    public string CognitoIdentity => _values.GetValueOrDefault("Lambda-Runtime-Cognito-Identity");

    public string TenantId => _values.GetValueOrDefault("Lambda-Runtime-Aws-Tenant-Id");

    /// <summary>The year 1970 if the header is missing or not a number, so that the remaining time is negative.</summary>
    public DateTimeOffset Deadline =>
        long.TryParse(_values.GetValueOrDefault("Lambda-Runtime-Deadline-Ms"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()))
            : DateTimeOffset.UnixEpoch;
}
