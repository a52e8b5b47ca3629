using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

public sealed class ImageBuilderService(Cloud cloud) : IWireService
{
    public string SigningName => "imagebuilder";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);
}
