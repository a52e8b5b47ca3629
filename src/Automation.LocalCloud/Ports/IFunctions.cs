namespace Automation.LocalCloud.Ports;

/// <summary>Lambda functions.</summary>
internal interface IFunctions
{
    /// <summary>Invokes synchronously, by name or (qualified) ARN; <paramref name="completed"/> gets the outcome, under the gate.</summary>
    /// <exception cref="Wire.AwsException">ResourceNotFoundException; RequestTooLargeException.</exception>
    void Invoke(string functionNameOrArn, string region, ReadOnlyMemory<byte> payload, Action<FunctionOutcome> completed);

    /// <summary>Invokes asynchronously.</summary>
    /// <exception cref="Wire.AwsException">ResourceNotFoundException; RequestTooLargeException.</exception>
    void InvokeEvent(string functionNameOrArn, string region, ReadOnlyMemory<byte> payload);

    /// <summary>The function whose process signs with the key; null if there is none.</summary>
    Caller? CallerOf(string accessKeyId);

    /// <summary>Null if there is no such function.</summary>
    ResourceGuard? Guard(string arn);
}
