using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Tests.CloudFormation;

/// <summary>A type that records its requests, and refuses a resource with <c>Fail: true</c>.</summary>
internal sealed class ThingType : IResourceType
{
    public List<(string LogicalId, JsonObject Properties)> Made { get; } = [];

    public List<string> Deleted { get; } = [];

    public string Name => "Test::Thing";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string> { "Name", "Value", "Other", "Fail" };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string> { ["Color"] = "nobody looks" };

    public Resource Create(ResourceRequest request)
    {
        if (request.Properties["Fail"] is not null)
        {
            throw new AwsException("ThingLimitExceeded", "too many things");
        }

        Made.Add((request.LogicalId, request.Properties));
        var id = request.Properties[nameof(Name)]?.ToString() ?? $"id-of-{request.LogicalId}";
        return new Resource(id, new Dictionary<string, string> { ["Arn"] = $"arn:thing:{id}" });
    }

    public void Delete(string physicalId, string region) => Deleted.Add(physicalId);
}

/// <summary>A type that can be changed in place (Size), replaced (Place), named (Name), and made to refuse.</summary>
internal sealed class ChangeableType : IResourceType
{
    /// <summary>Physical id and size of all existing resources.</summary>
    public SortedDictionary<string, string> Alive { get; } = new(StringComparer.Ordinal);

    /// <summary>The requests, in order: <c>create id</c>, <c>update id 1-&gt;2</c>, <c>delete id</c>.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Sizes that an update refuses.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>Physical ids that cannot be deleted.</summary>
    public HashSet<string> Stuck { get; } = [];

    public string Name => "Test::Changeable";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string> { "Name", "Size", "Place" };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string> { ["Color"] = "nobody looks" };

    public IReadOnlySet<string> Replacing { get; } = new HashSet<string> { "Name", "Place" };

    public string NameProperty => "Name";

    public bool CanImport => true;

    public Resource Create(ResourceRequest request)
    {
        var id = Text(request.Properties, "Name") ?? $"{request.LogicalId}-{request.Generation}";
        var size = Text(request.Properties, "Size") ?? "0";
        if (Refused.Contains(size))
        {
            throw new AwsException("ThingLimitExceeded", $"size {size} is too much");
        }

        if (!Alive.TryAdd(id, size))
        {
            throw new AwsException("ThingAlreadyExistsException", $"{id} exists");
        }

        Calls.Add($"create {id}");
        return Describe(id);
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var size = Text(request.Properties, "Size") ?? "0";
        Calls.Add($"update {physicalId} {Text(before, "Size")}->{size}");
        if (Refused.Contains(size))
        {
            throw new AwsException("ThingLimitExceeded", $"size {size} is too much");
        }

        Alive[physicalId] = size;
        return Describe(physicalId);
    }

    public void Delete(string physicalId, string region)
    {
        if (Stuck.Contains(physicalId))
        {
            throw new AwsException("ThingInUse", $"{physicalId} is in use");
        }

        Calls.Add($"delete {physicalId}");
        Alive.Remove(physicalId);
    }

    private static string? Text(JsonObject properties, string name) => properties[name]?.ToString();

    private static Resource Describe(string id) => new(id, new Dictionary<string, string> { ["Arn"] = $"arn:thing:{id}" });
}
