namespace Amazon.Lambda.Core;

/// <summary>What the Lambda runtime tells a handler about itself and the invocation at hand.</summary>
/// <remarks>The last three members are default-implemented, so an own context in a test need not know them.</remarks>
public interface ILambdaContext
{
    string AwsRequestId { get; }

    /// <summary>Client of a mobile SDK invocation; null for every other caller.</summary>
    IClientContext ClientContext { get; }

    string FunctionName { get; }

    string FunctionVersion { get; }

    /// <summary>Cognito identity of a mobile SDK invocation; null for every other caller.</summary>
    ICognitoIdentity Identity { get; }

    /// <summary>ARN the caller used; may name a version or an alias.</summary>
    string InvokedFunctionArn { get; }

    ILambdaLogger Logger { get; }

    string LogGroupName { get; }

    string LogStreamName { get; }

    int MemoryLimitInMB { get; }

    /// <summary>Time until the invocation is ended by force, measured at each read; negative after the deadline.</summary>
    TimeSpan RemainingTime { get; }

    /// <summary>Tenant of a tenant-isolated function; empty otherwise.</summary>
    string TenantId => string.Empty;

    /// <summary>X-Ray trace header of the invocation; empty when there is none.</summary>
    string TraceId => string.Empty;

    /// <summary>The serializer the handler was registered with; null for a handler on streams only.</summary>
    ILambdaSerializer Serializer => null;
}
