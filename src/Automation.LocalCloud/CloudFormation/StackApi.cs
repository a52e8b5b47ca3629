using System.Globalization;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>CloudFormation's Query/XML. Everything fits one page: NextToken never appears.</summary>
internal sealed class StackApi(Cloud cloud, StackService stacks)
{
    private static readonly QueryXml Xml = new("http://cloudformation.amazonaws.com/doc/2010-05-15/");

    public static string? OperationOf(WireRequest request) => QueryXml.Read(request).GetValueOrDefault("Action");

    public static WireResponse Error(AwsException error) => Xml.Error(error);

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var input = QueryXml.Read(request);
        var operation = input.GetValueOrDefault("Action") ?? "";
        return operation switch
        {
            "CreateStack" => Result(Xml.Element("StackId", Create(input, context).Id)),
            "DeleteStack" => Delete(input, context),
            "DescribeStacks" => Result(Xml.List("Stacks", Described(input, context).Select(Stack))),
            "ListStacks" => Result(Xml.List("StackSummaries", Listed(input, context).Select(Summary))),
            "DescribeStackResources" => Result(Xml.List("StackResources", Resources(input, context, DescribedResource))),
            "ListStackResources" => Result(Xml.List("StackResourceSummaries", Resources(input, context, ListedResource))),
            "GetTemplate" => Result(Xml.Element("TemplateBody", Get(input, context).Template), Xml.List("StagesAvailable", ["Original"])),
            "DescribeStackEvents" => Result(Xml.List("StackEvents", Events(Get(input, context)))),
            _ => throw new AwsException("InvalidAction", $"The embedded cloud does not serve cloudformation:{operation}."),
        };

        WireResponse Result(params object?[] content) => Xml.Result(operation, cloud.Ids.Next(), content);
    }

    private StackRecord Create(Dictionary<string, string> input, CallContext context)
    {
        var body = input.GetValueOrDefault("TemplateBody")
            ?? throw new AwsException("ValidationError", "Give TemplateBody: the embedded cloud has no S3 for a TemplateURL.");
        return stacks.Create(new StackSource(Required(input, "StackName"), body)
        {
            Region = context.Region,
            Parameters = Parameters(input),
        });
    }

    /// <summary><c>Parameters.member.1.ParameterKey=A&amp;Parameters.member.1.ParameterValue=b</c></summary>
    private static Dictionary<string, string> Parameters(Dictionary<string, string> input)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; input.TryGetValue(string.Create(CultureInfo.InvariantCulture, $"Parameters.member.{i}.ParameterKey"), out var key); i++)
        {
            parameters[key] = input.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"Parameters.member.{i}.ParameterValue"), "");
        }

        return parameters;
    }

    /// <summary>Deleting what is not there is no error.</summary>
    private WireResponse Delete(Dictionary<string, string> input, CallContext context)
    {
        var name = Required(input, "StackName");
        if (stacks.Find(context.Region, name) is not null)
        {
            stacks.Delete(context.Region, name);
        }

        return Xml.Result("DeleteStack", cloud.Ids.Next());
    }

    private StackRecord Get(Dictionary<string, string> input, CallContext context)
    {
        var name = Required(input, "StackName");
        return stacks.Find(context.Region, name) ?? throw StackService.Missing(name);
    }

    private IEnumerable<StackRecord> Described(Dictionary<string, string> input, CallContext context) => input.ContainsKey("StackName")
        ? [Get(input, context)]
        : stacks.All.Where(stack => stack.Region == context.Region && stack.Deleted is null);

    private IEnumerable<StackRecord> Listed(Dictionary<string, string> input, CallContext context)
    {
        var wanted = input.Where(each => each.Key.StartsWith("StackStatusFilter.member.", StringComparison.Ordinal)).Select(each => each.Value).ToHashSet(StringComparer.Ordinal);
        return stacks.All.Where(stack => stack.Region == context.Region && (wanted.Count == 0 || wanted.Contains(stack.Status)));
    }

    private static object?[] Stack(StackRecord stack) =>
    [
        Xml.Element("StackName", stack.Name),
        Xml.Element("StackId", stack.Id),
        Optional("Description", stack.Description),
        Xml.Element("CreationTime", Time(stack.Created)),
        Optional("DeletionTime", stack.Deleted is { } deleted ? Time(deleted) : null),
        Xml.Element("StackStatus", stack.Status),
        Optional("StackStatusReason", stack.Reason),
        Xml.Element("DisableRollback", "false"),
        Xml.Element("EnableTerminationProtection", "false"),
        Xml.List("Parameters", stack.Parameters.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => new object?[]
        {
            Xml.Element("ParameterKey", each.Key),
            Xml.Element("ParameterValue", each.Value),
        })),
        Xml.List("Outputs", stack.Outputs.Select(each => new object?[]
        {
            Xml.Element("OutputKey", each.Key),
            Xml.Element("OutputValue", each.Value),
            Optional("Description", each.Description),
            Optional("ExportName", each.ExportName),
        })),
        Xml.List("Tags", []),
        Xml.Element("DriftInformation", Xml.Element("StackDriftStatus", "NOT_CHECKED")),
    ];

    private static object?[] Summary(StackRecord stack) =>
    [
        Xml.Element("StackName", stack.Name),
        Xml.Element("StackId", stack.Id),
        Optional("TemplateDescription", stack.Description),
        Xml.Element("CreationTime", Time(stack.Created)),
        Optional("DeletionTime", stack.Deleted is { } deleted ? Time(deleted) : null),
        Xml.Element("StackStatus", stack.Status),
        Optional("StackStatusReason", stack.Reason),
        Xml.Element("DriftInformation", Xml.Element("StackDriftStatus", "NOT_CHECKED")),
    ];

    private IEnumerable<object?[]> Resources(Dictionary<string, string> input, CallContext context, Func<StackRecord, StackResource, object?[]> show)
    {
        var stack = Get(input, context);
        return stack.Resources
            .Where(resource => !input.TryGetValue("LogicalResourceId", out var wanted) || resource.LogicalId == wanted)
            .Select(resource => show(stack, resource));
    }

    private static object?[] DescribedResource(StackRecord stack, StackResource resource) =>
    [
        Xml.Element("StackName", stack.Name),
        Xml.Element("StackId", stack.Id),
        Xml.Element("Timestamp", Time(resource.Time)),
        .. Common(resource),
    ];

    private static object?[] ListedResource(StackRecord stack, StackResource resource) =>
        [Xml.Element("LastUpdatedTimestamp", Time(resource.Time)), .. Common(resource)];

    private static object?[] Common(StackResource resource) =>
    [
        Xml.Element("LogicalResourceId", resource.LogicalId),
        Xml.Element("PhysicalResourceId", resource.PhysicalId),
        Xml.Element("ResourceType", resource.Type),
        Xml.Element("ResourceStatus", resource.Status),
        Optional("ResourceStatusReason", resource.Reason),
        Xml.Element("DriftInformation", Xml.Element("StackResourceDriftStatus", "NOT_CHECKED")),
    ];

    /// <summary>Newest first, as the service answers.</summary>
    private static IEnumerable<object?[]> Events(StackRecord stack) => stack.Events.Reverse().Select(each => new object?[]
    {
        Xml.Element("StackId", stack.Id),
        Xml.Element("StackName", stack.Name),
        Xml.Element("EventId", each.Id),
        Xml.Element("LogicalResourceId", each.LogicalId),
        Xml.Element("PhysicalResourceId", each.PhysicalId),
        Xml.Element("ResourceType", each.Type),
        Xml.Element("Timestamp", Time(each.Time)),
        Xml.Element("ResourceStatus", each.Status),
        Optional("ResourceStatusReason", each.Reason),
    });

    private static XElement? Optional(string name, string? value) => value is null ? null : Xml.Element(name, value);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Required(Dictionary<string, string> input, string name) => input.GetValueOrDefault(name) is { Length: > 0 } value
        ? value
        : throw new AwsException("ValidationError", $"1 validation error detected: Value null at '{char.ToLowerInvariant(name[0])}{name[1..]}' failed to satisfy constraint: Member must not be null");
}
