using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

public sealed class SnsService(Cloud cloud) : IWireService
{
    public string SigningName => "sns";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);

    /// <summary>Publishes a message to a topic.</summary>
    /// <exception cref="AwsException">NotFound: there is no such topic.</exception>
    public string Publish(string topicArn, string? subject, string message, IReadOnlyDictionary<string, (string Type, string Value)>? attributes = null) => throw new NotImplementedException();
}
