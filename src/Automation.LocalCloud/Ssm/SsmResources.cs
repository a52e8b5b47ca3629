using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ssm;

/// <summary>
/// AWS::SSM::Parameter. Ref is the name; GetAtt has Type and Value.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
/// </summary>
internal sealed class ParameterType(SsmService ssm) : IResourceType
{
    public string Name => "AWS::SSM::Parameter";

    public IReadOnlySet<string> Properties { get; } = new[] { "Name", "Type", "Value", "Description", "AllowedPattern", "DataType", "Tier", "Tags" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["Policies"] = "parameters do not expire",
    };

    public IReadOnlySet<string> Replacing { get; } = new[] { "Name" }.ToFrozenSet();

    public string NameProperty => "Name";

    public Resource Create(ResourceRequest request) =>
        Describe(ssm.Put(Read(request, request.Properties.Text("Name") ?? PhysicalName.For(request, 512)), overwrite: false));

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Describe(ssm.Put(Read(request, physicalId), overwrite: true));

    public void Delete(string physicalId, string region) => ssm.Remove(region, physicalId);

    private static Parameter Read(ResourceRequest request, string name)
    {
        var properties = request.Properties;
        return new Parameter(request.Region, name, properties.Required("Type"), properties.Required("Value"), 0, default)
        {
            Description = properties.Text("Description"),
            AllowedPattern = properties.Text("AllowedPattern"),
            DataType = properties.Text("DataType") ?? "text",
            Tier = properties.Text("Tier") ?? "Standard",
            Tags = properties["Tags"] is JsonObject ? properties.Map("Tags") : properties.Tags("Tags"),
        };
    }

    private static Resource Describe(Parameter parameter) =>
        new(parameter.Name, new Dictionary<string, string> { ["Type"] = parameter.Type, ["Value"] = parameter.Value });
}
