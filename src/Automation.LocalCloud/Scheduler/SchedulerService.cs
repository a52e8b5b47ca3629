using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Scheduler;

public sealed class SchedulerService(Cloud cloud) : IWireService
{
    public string SigningName => "scheduler";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);
}
