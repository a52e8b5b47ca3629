using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>Why a resource could not be created, changed or deleted.</summary>
/// <param name="Short"><c>Code: message</c>, for exceptions and journals.</param>
/// <param name="Reason">The text of CloudFormation's event.</param>
internal sealed record Refusal(string Short, string Reason);

/// <summary>Calls the service of a resource's type. Types without effect need no call.</summary>
internal sealed class ResourceActor(Engine engine, IReadOnlyDictionary<string, IResourceType> types)
{
    public Resource Create(string type, ResourceRequest request) =>
        types.TryGetValue(type, out var known) ? known.Create(request) : Ignore(type, request, null);

    /// <summary>Imports the resource that <see cref="Create"/> reports as existing; null if that is not possible.</summary>
    public Resource? Import(string type, ResourceRequest request, Exception refusal) =>
        types.TryGetValue(type, out var known)
        && known.CanImport
        && request.Properties[known.NameProperty!]?.ToString() is { } name
        && HandlerCode(refusal) == "AlreadyExists"
            ? known.Update(name, request, [])
            : null;

    public Resource Update(StackResource resource, ResourceRequest request) => types.TryGetValue(resource.Type, out var known)
        ? OnlyIgnored(known, resource.Properties, request.Properties)
            ? new Resource(resource.PhysicalId, resource.Attributes)
            : known.Update(resource.PhysicalId, request, resource.Properties)
        : Ignore(resource.Type, request, resource.PhysicalId);

    public void Delete(StackResource resource, string region)
    {
        if (types.TryGetValue(resource.Type, out var known))
        {
            known.Delete(resource.PhysicalId, region, resource.Properties);
        }
    }

    /// <summary>Whether the change of a property needs a new resource.</summary>
    public bool Replaces(StackResource resource, string property, ResourceRequest request) => types.TryGetValue(resource.Type, out var known)
        ? known.Replacing.Contains(property)
        : IgnoredTypes.All[resource.Type].Ref(request) != resource.PhysicalId;

    /// <summary>The name that the template gives the resource before and after, if that name prevents a replacement.</summary>
    public string? ConflictingName(StackResource resource, JsonObject after) =>
        types.TryGetValue(resource.Type, out var known)
        && known.NameProperty is { } property
        && resource.Properties[property]?.ToString() is { } name
        && after[property]?.ToString() == name
            ? name
            : null;

    public Refusal Explain(Exception error)
    {
        if (error is TemplateException)
        {
            return new Refusal(error.Message, error.Message);
        }

        var text = error is AwsException refused ? $"{refused.Code}: {refused.Message}" : error.Message;
        var reason = $"Resource handler returned message: \"{error.Message}\" (RequestToken: {engine.Ids.Next()}, HandlerErrorCode: {HandlerCode(error)})";
        return new Refusal(text, reason);
    }

    private static bool OnlyIgnored(IResourceType type, JsonObject before, JsonObject after) =>
        PropertyChanges.Between(before, after).All(property => !type.Properties.Contains(property));

    private static Resource Ignore(string type, ResourceRequest request, string? physicalId)
    {
        var ignored = IgnoredTypes.All[type];
        physicalId ??= ignored.Ref(request);
        return new Resource(physicalId, ignored.Attributes.ToDictionary(each => each.Key, each => each.Value(request, physicalId)));
    }

    /// <summary>https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html</summary>
    private static string HandlerCode(Exception error)
    {
        var code = (error as AwsException)?.Code ?? "";
        return code switch
        {
            _ when Has("AlreadyExist") || Has("NameExists") || Has("AlreadyOwned") || Has("Conflict") => "AlreadyExists",
            _ when Has("NotFound") || Has("DoesNotExist") || Has("NoSuch") => "NotFound",
            _ when Has("Throttl") => "Throttling",
            _ when Has("LimitExceeded") || Has("Quota") => "ServiceLimitExceeded",
            _ when Has("AccessDenied") => "AccessDenied",
            _ when Has("Invalid") || Has("Validation") => "InvalidRequest",
            _ => "GeneralServiceException",
        };

        bool Has(string part) => code.Contains(part, StringComparison.Ordinal);
    }
}
