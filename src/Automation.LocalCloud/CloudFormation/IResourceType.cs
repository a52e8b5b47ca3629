using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

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

    /// <summary>
    /// What is refused of properties before anything is made. What other resources will say is empty in them, so what is empty is not judged.
    /// </summary>
    IEnumerable<string> Refusals(JsonObject properties) => [];

    /// <exception cref="Wire.AwsException">The service refuses; the loader names the logical id.</exception>
    Resource Create(ResourceRequest request);

    /// <summary>
    /// Of <see cref="Properties"/>, those that cannot change in a resource that lives: "Update requires: Replacement" in the type's
    /// documentation. All, unless the type says less.
    /// </summary>
    IReadOnlySet<string> Replacing => Properties;

    /// <summary>The property with which a template names the resource itself; such a resource cannot be replaced under the same name.</summary>
    string? NameProperty => null;

    /// <summary>Whether <see cref="Update"/> also takes over a resource that no stack made: the physical id is the name.</summary>
    bool CanImport => false;

    /// <summary>
    /// Changes a resource where it is. Only called when nothing of <see cref="Replacing"/> changed; must be harmless when done again.
    /// </summary>
    /// <param name="request">As for a creation, with all properties as they are to be.</param>
    /// <param name="before">All properties as they were.</param>
    /// <returns>The same physical id, with the attributes as they are now.</returns>
    /// <exception cref="Wire.AwsException">The service refuses; nothing was changed, or changing back undoes it.</exception>
    Resource Update(string physicalId, ResourceRequest request, JsonObject before) =>
        throw new NotSupportedException($"{Name} is always replaced.");

    void Delete(string physicalId, string region);

    /// <summary>For resources that are a part of others and are only found by what they say.</summary>
    void Delete(string physicalId, string region, JsonObject properties) => Delete(physicalId, region);
}
