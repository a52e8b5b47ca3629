using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

public sealed class StepFunctionsService(Cloud cloud) : IWireService
{
    public string SigningName => "states";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);

    /// <summary>Starts an execution (target of rules and schedules). Same name and input again is the same execution.</summary>
    public string StartExecution(string stateMachineArn, string? name, string input) => throw new NotImplementedException();
}
