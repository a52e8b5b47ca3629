using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

public sealed class LambdaService(Cloud cloud, IFunctionHost host) : IWireService
{
    public string SigningName => "lambda";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId + host);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);

    /// <summary>Invokes synchronously: <paramref name="completed"/> gets the outcome, under the gate. By name or (qualified) ARN.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException: there is no such function.</exception>
    public void Invoke(string functionNameOrArn, string region, ReadOnlyMemory<byte> payload, Action<FunctionOutcome> completed) => throw new NotImplementedException();

    /// <summary>Invokes asynchronously (events): two retries after one and two minutes of virtual time, then the function's dead letter target.</summary>
    public void InvokeEvent(string functionNameOrArn, string region, ReadOnlyMemory<byte> payload) => throw new NotImplementedException();
}
