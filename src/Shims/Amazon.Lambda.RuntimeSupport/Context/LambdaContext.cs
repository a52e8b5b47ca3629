using System.Globalization;
using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The context of one invocation, made from the headers of its event and the function's environment.</summary>
internal sealed class LambdaContext(InvocationHeaders headers, LambdaEnvironment environment, ILambdaLogger logger, TimeProvider time)
    : ILambdaContext
{
    private readonly DateTimeOffset _deadline = headers.Deadline;
    private readonly Lazy<IClientContext> _clientContext = new(() => MobileClientContext.Parse(headers.ClientContext));
    private readonly Lazy<ICognitoIdentity> _identity = new(() => MobileIdentity.Parse(headers.CognitoIdentity));

    public string AwsRequestId => headers.AwsRequestId;

    public IClientContext ClientContext => _clientContext.Value;

    public string FunctionName => environment.FunctionName;

    public string FunctionVersion => environment.FunctionVersion;

    public ICognitoIdentity Identity => _identity.Value;

    public string InvokedFunctionArn => headers.InvokedFunctionArn;

    public ILambdaLogger Logger => logger;

    public string LogGroupName => environment.LogGroupName;

    public string LogStreamName => environment.LogStreamName;

    public int MemoryLimitInMB =>
        int.TryParse(environment.FunctionMemorySize, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0;

    public TimeSpan RemainingTime => _deadline - time.GetUtcNow();

    public string TenantId => headers.TenantId;

    public string TraceId => headers.TraceId;

    public ILambdaSerializer Serializer { get; internal set; }
}
