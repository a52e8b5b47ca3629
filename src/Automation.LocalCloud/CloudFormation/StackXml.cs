using System.Text.Json.Nodes;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>The XML of stacks, resources, events and change sets.</summary>
internal static class StackXml
{
    public static readonly QueryXml Xml = new("http://cloudformation.amazonaws.com/doc/2010-05-15/");

    public static object?[] Stack(StackRecord stack) =>
    [
        Xml.Element("StackName", stack.Name),
        Xml.Element("StackId", stack.Id),
        Optional("Description", stack.Description),
        Xml.Element("CreationTime", Time(stack.Created)),
        Optional("LastUpdatedTime", stack.Updated is { } updated ? Time(updated) : null),
        Optional("DeletionTime", stack.Deleted is { } deleted ? Time(deleted) : null),
        Xml.Element("StackStatus", stack.Status),
        Optional("StackStatusReason", stack.Reason),
        Xml.Element("DisableRollback", "false"),
        Xml.Element("EnableTerminationProtection", stack.TerminationProtection ? "true" : "false"),
        Optional("RoleARN", stack.RoleArn),
        Xml.List("Capabilities", stack.Capabilities),
        Xml.List("NotificationARNs", stack.NotificationArns),
        Xml.Element("RollbackConfiguration"),
        Xml.List("Parameters", stack.Parameters.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => new object?[]
        {
            Xml.Element("ParameterKey", each.Key),
            Xml.Element("ParameterValue", each.Value),
            Optional("ResolvedValue", stack.ResolvedParameters.GetValueOrDefault(each.Key)),
        })),
        Xml.List("Outputs", stack.Outputs.Select(each => new object?[]
        {
            Xml.Element("OutputKey", each.Key),
            Xml.Element("OutputValue", each.Value),
            Optional("Description", each.Description),
            Optional("ExportName", each.ExportName),
        })),
        Tags(stack.Tags),
        Xml.Element("DriftInformation", Xml.Element("StackDriftStatus", "NOT_CHECKED")),
    ];

    public static object?[] Summary(StackRecord stack) =>
    [
        Xml.Element("StackName", stack.Name),
        Xml.Element("StackId", stack.Id),
        Optional("TemplateDescription", stack.Description),
        Xml.Element("CreationTime", Time(stack.Created)),
        Optional("LastUpdatedTime", stack.Updated is { } updated ? Time(updated) : null),
        Optional("DeletionTime", stack.Deleted is { } deleted ? Time(deleted) : null),
        Xml.Element("StackStatus", stack.Status),
        Optional("StackStatusReason", stack.Reason),
        Xml.Element("DriftInformation", Xml.Element("StackDriftStatus", "NOT_CHECKED")),
    ];

    public static object?[] DescribedResource(StackRecord stack, StackResource resource) =>
    [
        Xml.Element("StackName", stack.Name),
        Xml.Element("StackId", stack.Id),
        Xml.Element("Timestamp", Time(resource.Time)),
        .. Common(resource),
    ];

    public static object?[] ResourceDetail(StackRecord stack, StackResource resource) =>
    [
        Xml.Element("StackName", stack.Name),
        Xml.Element("StackId", stack.Id),
        Xml.Element("LastUpdatedTimestamp", Time(resource.Time)),
        .. Common(resource),
    ];

    public static object?[] ListedResource(StackRecord stack, StackResource resource) =>
        [Xml.Element("LastUpdatedTimestamp", Time(resource.Time)), .. Common(resource)];

    /// <summary>Newest first, like the service.</summary>
    public static IEnumerable<object?[]> Events(StackRecord stack) => stack.Events.Reverse().Select(each => new object?[]
    {
        Xml.Element("StackId", stack.Id),
        Xml.Element("StackName", stack.Name),
        Xml.Element("EventId", each.Id),
        Optional("OperationId", each.OperationId),
        Xml.Element("LogicalResourceId", each.LogicalId),
        Xml.Element("PhysicalResourceId", each.PhysicalId),
        Xml.Element("ResourceType", each.Type),
        Xml.Element("Timestamp", Time(each.Time)),
        Xml.Element("ResourceStatus", each.Status),
        Optional("ResourceStatusReason", each.Reason),
    });

    /// <param name="values">Whether the values of properties are included, as a client may request.</param>
    public static object?[] ChangeSet(ChangeSetRecord set, bool values) =>
    [
        .. ChangeSetHead(set),
        Xml.List("Parameters", set.Source.Parameters.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => new object?[]
        {
            Xml.Element("ParameterKey", each.Key),
            Xml.Element("ParameterValue", each.Value),
        })),
        Xml.List("Capabilities", set.Source.Capabilities),
        Xml.List("NotificationARNs", set.Source.NotificationArns),
        Tags(set.Source.Tags),
        Xml.List("Changes", set.Changes.Select(change => new object?[]
        {
            Xml.Element("Type", "Resource"),
            Xml.Element("ResourceChange", Change(change, values)),
        })),
    ];

    public static object?[] ChangeSetHead(ChangeSetRecord set) =>
    [
        Xml.Element("ChangeSetName", set.Name),
        Xml.Element("ChangeSetId", set.Id),
        Xml.Element("StackId", set.StackId),
        Xml.Element("StackName", set.Source.Name),
        Optional("Description", set.Description),
        Xml.Element("CreationTime", Time(set.Created)),
        Xml.Element("ExecutionStatus", set.ExecutionStatus),
        Xml.Element("Status", set.Status),
        Optional("StatusReason", set.Reason),
        Xml.Element("IncludeNestedStacks", "false"),
    ];

    /// <summary>The common members of GetTemplateSummary and ValidateTemplate.</summary>
    public static object?[] Template(JsonObject template)
    {
        var capability = StackInput.RequiredCapability(template);
        return
        [
            Optional("Description", template["Description"]?.ToString()),
            capability is null ? null : Xml.List("Capabilities", [capability]),
            capability is null
                ? null
                : Xml.Element("CapabilitiesReason", "The following resource(s) require capabilities: [" + string.Join(", ", IamTypes(template)) + "]"),
        ];
    }

    public static IEnumerable<object?[]> DeclaredParameters(JsonObject template) => (template["Parameters"] as JsonObject ?? []).Select(each => new object?[]
    {
        Xml.Element("ParameterKey", each.Key),
        Optional("DefaultValue", each.Value?["Default"]?.ToString()),
        Xml.Element("NoEcho", each.Value?["NoEcho"]?.ToString() ?? "false"),
        Optional("Description", each.Value?["Description"]?.ToString()),
    });

    public static XElement? Optional(string name, string? value) => value is null ? null : Xml.Element(name, value);

    public static string Time(DateTimeOffset time) => StackInput.Time8601(time);

    private static object?[] Change(ResourceChange change, bool values) =>
    [
        Optional("PolicyAction", change.PolicyAction),
        Xml.Element("Action", change.Action),
        Xml.Element("LogicalResourceId", change.LogicalId),
        Optional("PhysicalResourceId", change.PhysicalId),
        Xml.Element("ResourceType", change.Type),
        Optional("Replacement", change.Replacement),
        Xml.List("Scope", change.Scope),
        Xml.List("Details", change.Details.Select(detail => new object?[]
        {
            Xml.Element(
                "Target",
                Xml.Element("Attribute", detail.Name == "Tags" ? "Tags" : "Properties"),
                Xml.Element("Name", detail.Name),
                Xml.Element("RequiresRecreation", detail.RequiresRecreation),
                values ? Xml.Element("Path", $"/Properties/{detail.Name}") : null,
                values ? Optional("BeforeValue", detail.Before) : null,
                values ? Optional("AfterValue", detail.After) : null,
                values ? Xml.Element("AttributeChangeType", detail.Before is null ? "Add" : detail.After is null ? "Remove" : "Modify") : null),
            Xml.Element("Evaluation", detail.Dynamic ? "Dynamic" : "Static"),
            Xml.Element("ChangeSource", (detail.Dynamic, detail.CausingEntity) switch
            {
                (true, { } cause) => cause.Contains('.', StringComparison.Ordinal) ? "ResourceAttribute" : "ResourceReference",
                (false, not null) => "ParameterReference",
                _ => "DirectModification",
            }),
            Optional("CausingEntity", detail.CausingEntity),
        })),
        values ? Optional("BeforeContext", change.BeforeContext) : null,
        values ? Optional("AfterContext", change.AfterContext) : null,
    ];

    private static object?[] Common(StackResource resource) =>
    [
        Xml.Element("LogicalResourceId", resource.LogicalId),
        Xml.Element("PhysicalResourceId", resource.PhysicalId),
        Xml.Element("ResourceType", resource.Type),
        Xml.Element("ResourceStatus", resource.Status),
        Optional("ResourceStatusReason", resource.Reason),
        Xml.Element("DriftInformation", Xml.Element("StackResourceDriftStatus", "NOT_CHECKED")),
    ];

    private static XElement Tags(IReadOnlyDictionary<string, string> tags) =>
        Xml.List("Tags", tags.Select(tag => new object?[] { Xml.Element("Key", tag.Key), Xml.Element("Value", tag.Value) }));

    private static IEnumerable<string> IamTypes(JsonObject template) => (template["Resources"] as JsonObject ?? [])
        .Select(resource => resource.Value?["Type"]?.ToString() ?? "")
        .Where(type => type.StartsWith("AWS::IAM::", StringComparison.Ordinal))
        .Distinct(StringComparer.Ordinal);
}
