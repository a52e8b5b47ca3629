using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>One resource that the stack loader asks a service to make, intrinsics already resolved.</summary>
/// <param name="LogicalId">Its key in the template.</param>
/// <param name="Properties">The resource's <c>Properties</c>; CloudFormation turns scalars into strings freely, so read numbers and booleans leniently.</param>
/// <param name="Assets">Asset folders of the cloud assembly by file name <c>hash.zip</c>.</param>
public sealed record ResourceRequest(
    string StackName,
    string LogicalId,
    string Region,
    string AccountId,
    JsonObject Properties,
    IReadOnlyDictionary<string, string> Assets);

/// <summary>What was made: the value of <c>Ref</c>, and of each <c>Fn::GetAtt</c> the type documents.</summary>
public sealed record Resource(string PhysicalId, IReadOnlyDictionary<string, string> Attributes);

/// <summary>
/// A CloudFormation resource type that the cloud understands. Properties that are neither in <see cref="Properties"/> nor in
/// <see cref="Ignored"/> refuse the stack by name, so that nothing in a template is silently without effect.
/// </summary>
public interface IResourceType
{
    /// <summary>Such as <c>AWS::ECR::Repository</c>.</summary>
    string Name { get; }

    IReadOnlySet<string> Properties { get; }

    /// <summary>Properties that are deliberately without effect here, each with the reason.</summary>
    IReadOnlyDictionary<string, string> Ignored { get; }

    /// <exception cref="Wire.AwsException">The service refuses; the loader names the logical id.</exception>
    Resource Create(ResourceRequest request);

    void Delete(string physicalId, string region);
}
