using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

public sealed class SqsService(Cloud cloud) : IWireService
{
    public string SigningName => "sqs";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);

    /// <summary>Puts a message into a queue (dead letters, rule and subscription targets).</summary>
    public string Send(string queueArn, string body, IReadOnlyDictionary<string, string>? attributes = null) => throw new NotImplementedException();
}
