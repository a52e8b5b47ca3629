using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// A CloudFormation resource type that the cloud supports. A stack is refused if it uses a property that is neither in
/// <see cref="Properties"/> nor in <see cref="Ignored"/>, so nothing in a template silently has no effect.
/// </summary>
public interface IResourceType
{
    /// <summary>Such as <c>AWS::ECR::Repository</c>.</summary>
    string Name { get; }

    IReadOnlySet<string> Properties { get; }

    /// <summary>The properties that deliberately have no effect here, each with the reason.</summary>
    IReadOnlyDictionary<string, string> Ignored { get; }

    /// <summary>
    /// Checks properties before anything is created. Values that come from other resources are still empty, so an empty value is not checked.
    /// </summary>
    IEnumerable<string> Refusals(JsonObject properties) => [];

    /// <exception cref="Wire.AwsException">The service refuses; the loader adds the logical id.</exception>
    Resource Create(ResourceRequest request);

    /// <summary>
    /// The <see cref="Properties"/> that cannot change in an existing resource: "Update requires: Replacement" in the type's
    /// documentation. All of them unless the type overrides this.
    /// </summary>
    IReadOnlySet<string> Replacing => Properties;

    /// <summary>The property by which a template names the resource. A named resource cannot be replaced under the same name.</summary>
    string? NameProperty => null;

    /// <summary>Whether <see cref="Update"/> can also import a resource that no stack created. The physical id is then its name.</summary>
    bool CanImport => false;

    /// <summary>
    /// Updates a resource in place. It is called only if no property in <see cref="Replacing"/> changed, and repeating it must do no harm.
    /// </summary>
    /// <param name="request">The same as for a creation, with the new values of all properties.</param>
    /// <param name="before">The previous values of all properties.</param>
    /// <returns>The same physical id, with the current attributes.</returns>
    /// <exception cref="Wire.AwsException">The service refuses. Nothing was changed, or changing it back undoes the change.</exception>
    Resource Update(string physicalId, ResourceRequest request, JsonObject before) =>
        throw new NotSupportedException($"{Name} is always replaced.");

    void Delete(string physicalId, string region);

    /// <summary>For resources that are part of another resource and can be found only by their properties.</summary>
    void Delete(string physicalId, string region, JsonObject properties) => Delete(physicalId, region);
}
