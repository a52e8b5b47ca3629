using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

public sealed class StackService(Cloud cloud, IReadOnlyList<IResourceType> types) : IWireService
{
    public string SigningName => "cloudformation";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId+types);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);
}
