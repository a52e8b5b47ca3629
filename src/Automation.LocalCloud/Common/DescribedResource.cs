using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>A resource that nothing runs: it is stored as the service describes it.</summary>
/// <param name="Number">The order of creation in its table.</param>
internal sealed record DescribedResource(string Arn, string Name, long Number, JsonObject Description);

/// <summary>The resources of one kind, by ARN.</summary>
/// <param name="name">The name of the table, such as <c>batch.definitions</c>.</param>
internal sealed class DescribedResources(string name, ICloudStore store)
{
    private readonly Table<DescribedResource> _rows = new(name, store, () => CloudJson.Default.DescribedResource);

    /// <summary>Those of the caller's Region, the oldest first.</summary>
    public IReadOnlyList<DescribedResource> In(CallContext context) =>
        [.. _rows.Values.Where(row => Arn.Parse(row.Arn) is var arn && arn.Region == context.Region && arn.Account == context.AccountId)
            .OrderBy(row => row.Number)];

    public DescribedResource? Find(string arn) => _rows.Find(arn);

    public JsonObject Put(string arn, string name, JsonObject description)
    {
        var number = _rows.Find(arn)?.Number ?? _rows.Values.Select(row => row.Number).DefaultIfEmpty().Max() + 1;
        _rows.Set(arn, new DescribedResource(arn, name, number, description));
        return Copy(description);
    }

    public void Remove(string arn) => _rows.Remove(arn);

    /// <summary>The given members of a request that are present.</summary>
    public static JsonObject Members(JsonObject input, params string[] names) =>
        new(names.Where(name => input[name] is not null).Select(name => KeyValuePair.Create(name, input[name]?.DeepClone())));

    public static JsonObject Copy(JsonObject description) => description.DeepClone().AsObject();
}
