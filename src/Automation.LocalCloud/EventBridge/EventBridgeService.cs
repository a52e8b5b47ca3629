using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

public sealed class EventBridgeService(Cloud cloud) : IWireService
{
    public string SigningName => "events";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);

    /// <summary>Puts an event that a service of the cloud itself emits on the default bus of its Region.</summary>
    /// <param name="detail">The detail object.</param>
    public void Publish(string region, string source, string detailType, IReadOnlyList<string> resources, System.Text.Json.Nodes.JsonObject detail) => throw new NotImplementedException();
}
