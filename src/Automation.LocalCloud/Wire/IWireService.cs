using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Wire;

/// <summary>One service behind the cloud's port: reads requests, calls its state, writes responses. Called under the gate.</summary>
public interface IWireService
{
    /// <summary>The service's name in the credential scope.</summary>
    string SigningName { get; }

    /// <summary>The API operation of the request, for faults, permissions and the journal; null if there is no such operation.</summary>
    string? OperationOf(WireRequest request);

    /// <summary>
    /// The permissions that a request needs. Null if the embedded cloud does not know them; then only administrators may make the request.
    /// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    /// </summary>
    IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) => null;

    /// <exception cref="AwsException">The service's error; the cloud renders it with <see cref="Error"/>.</exception>
    WireResponse Handle(WireRequest request, CallContext context);

    WireResponse Error(WireRequest request, AwsException error);
}
