namespace Amazon.Lambda.Core;

/// <summary>What the Lambda runtime tells a handler about the function and the current invocation.</summary>
/// <remarks>The last three members have default implementations, so a context written for a test can omit them.</remarks>
public interface ILambdaContext
{
    string AwsRequestId { get; }

    /// <summary>The client of a mobile SDK invocation; null for every other caller.</summary>
    IClientContext ClientContext { get; }

    string FunctionName { get; }

    string FunctionVersion { get; }

    /// <summary>The Cognito identity of a mobile SDK invocation; null for every other caller.</summary>
    ICognitoIdentity Identity { get; }

    /// <summary>The ARN that the caller used; it may name a version or an alias.</summary>
    string InvokedFunctionArn { get; }

    ILambdaLogger Logger { get; }

    string LogGroupName { get; }

    string LogStreamName { get; }

    int MemoryLimitInMB { get; }

    /// <summary>The time until Lambda ends the invocation, measured at each read; negative after the deadline.</summary>
    TimeSpan RemainingTime { get; }

    /// <summary>The tenant of a tenant-isolated function; empty otherwise.</summary>
    string TenantId => string.Empty;

    /// <summary>The X-Ray trace header of the invocation; empty if it has none.</summary>
    string TraceId => string.Empty;

    /// <summary>The serializer that the handler was registered with; null for a handler that uses only streams.</summary>
    ILambdaSerializer Serializer => null;
}
