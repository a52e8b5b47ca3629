using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>One resource that the stack loader asks a service to create, with intrinsics resolved.</summary>
/// <param name="LogicalId">Its key in the template.</param>
/// <param name="Properties">The resource's <c>Properties</c>. CloudFormation may turn scalars into strings, so read numbers and booleans leniently.</param>
/// <param name="Assets">The asset folders of the cloud assembly, by file name <c>hash.zip</c>.</param>
public sealed record ResourceRequest(
    string StackName,
    string LogicalId,
    string Region,
    string AccountId,
    JsonObject Properties,
    IReadOnlyDictionary<string, string> Assets)
{
    /// <summary>How often the resource was replaced, starting at 0. A replacement needs another generated name while the old resource exists.</summary>
    public int Generation { get; init; }

    /// <summary>The source of generated names: the same for the same resource of the same stack.</summary>
    internal string NameSeed => Generation == 0
        ? $"{AccountId}/{Region}/{StackName}/{LogicalId}"
        : string.Create(CultureInfo.InvariantCulture, $"{AccountId}/{Region}/{StackName}/{LogicalId}/{Generation}");
}
