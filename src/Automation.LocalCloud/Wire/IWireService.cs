using Automation.LocalCloud.Iam;

namespace Automation.LocalCloud.Wire;

/// <summary>One service behind the cloud's port: reads the wire, calls its state, writes the wire. Called under the gate.</summary>
public interface IWireService
{
    /// <summary>The service's name in the credential scope.</summary>
    string SigningName { get; }

    /// <summary>The API operation that the request asks for, for faults, permissions and the journal; null when there is no such operation.</summary>
    string? OperationOf(WireRequest request);

    /// <summary>
    /// The permissions that a request needs. Null: the embedded cloud does not know them, so only administrators may make it.
    /// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    /// </summary>
    IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) => null;

    /// <exception cref="AwsException">What the service would answer; the cloud renders it with <see cref="Error"/>.</exception>
    WireResponse Handle(WireRequest request, CallContext context);

    WireResponse Error(WireRequest request, AwsException error);
}
