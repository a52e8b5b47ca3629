using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Tests.CloudFormation;

/// <summary>A type that keeps what it was asked to make, and refuses a resource with <c>Fail: true</c>.</summary>
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
