using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Logs;

/// <summary>
/// AWS::Logs::LogGroup. Ref is the group's name; GetAtt has Arn.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
/// </summary>
internal sealed class LogGroupType(LogsService logs) : IResourceType
{
    public string Name => "AWS::Logs::LogGroup";

    public IReadOnlySet<string> Properties { get; } = new[] { "KmsKeyId", "LogGroupName", "RetentionInDays" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["BearerTokenAuthenticationEnabled"] = "no operation writes events here",
        ["DataProtectionPolicy"] = "no operation reads events here",
        ["DeletionProtectionEnabled"] = "nothing is lost with a group here",
        ["FieldIndexPolicies"] = "no operation reads events here",
        ["LogGroupClass"] = "no operation reads events here",
        ["ResourcePolicyDocument"] = "no operation writes events here",
        ["Tags"] = "no operation shows them",
    };

    public IReadOnlySet<string> Replacing { get; } = new[] { "LogGroupName" }.ToFrozenSet();

    public string NameProperty => "LogGroupName";

    public Resource Create(ResourceRequest request)
    {
        var name = request.Properties.Text("LogGroupName") ?? PhysicalName.For(request, 512);
        logs.Create(request.Region, name, request.Properties.Text("KmsKeyId"), Retention(request));
        return Describe(request, name);
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        logs.Change(request.Region, physicalId, group => group with { RetentionInDays = Retention(request), KmsKeyId = request.Properties.Text("KmsKeyId") });
        return Describe(request, physicalId);
    }

    public void Delete(string physicalId, string region) => logs.Remove(region, physicalId);

    private Resource Describe(ResourceRequest request, string name) =>
        new(name, new Dictionary<string, string> { ["Arn"] = $"{logs.Arn(request.Region, name)}:*" });

    private static int? Retention(ResourceRequest request) =>
        int.TryParse(request.Properties["RetentionInDays"]?.ToString(), CultureInfo.InvariantCulture, out var days) ? LogsService.Allowed(days) : null;
}
