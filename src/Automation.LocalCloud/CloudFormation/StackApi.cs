using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// CloudFormation's Query/XML protocol. Every list fits on one page, so NextToken never appears. As in AWS, the stack's status shows whether
/// an operation succeeded. In AWS the operation has only started when the call returns; here it is complete.
/// </summary>
internal sealed class StackApi(Engine engine, CloudFormationService stacks)
{
    public static string? OperationOf(WireRequest request) => QueryXml.Read(request).GetValueOrDefault("Action");

    public static WireResponse Error(AwsException error) => StackXml.Xml.Error(error);

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var input = new StackInput(engine, request, context);
        var operation = input.Text("Action") ?? "";
        return StackXml.Xml.Result(operation, engine.Ids.Next(), Call(operation, input, context.Region));
    }

    private object?[] Call(string operation, StackInput input, string region)
    {
        switch (operation)
        {
            case "CreateStack":
                return [Element("StackId", Create(input, region).Id)];
            case "UpdateStack":
                return [Element("StackId", Update(input, region).Id)];
            case "DeleteStack":
                Delete(input, region);
                return [];
            case "UpdateTerminationProtection":
                var guarded = Get(input, region) with { TerminationProtection = input.Flag("EnableTerminationProtection") };
                stacks.Save(guarded);
                return [Element("StackId", guarded.Id)];
            case "DescribeStacks":
                return [List("Stacks", Described(input, region).Select(StackXml.Stack))];
            case "ListStacks":
                return [List("StackSummaries", Listed(input, region).Select(StackXml.Summary))];
            case "DescribeStackResource":
                return [Element("StackResourceDetail", Resource(input, region))];
            case "DescribeStackResources":
                return [List("StackResources", Resources(input, region, StackXml.DescribedResource))];
            case "ListStackResources":
                return [List("StackResourceSummaries", Resources(input, region, StackXml.ListedResource))];
            case "DescribeStackEvents":
                return [List("StackEvents", StackXml.Events(WithEvents(input, region)))];
            case "GetTemplate":
                return GetTemplate(input, region);
            case "GetTemplateSummary":
                return Summarise(input, region);
            case "ValidateTemplate":
                var template = TemplateText.Parse(input.Template(null));
                TemplateShape.Check(template);
                return [.. StackXml.Template(template), List("Parameters", StackXml.DeclaredParameters(template))];
            case "ListExports":
                return [List("Exports", Exports(region))];
            case "CreateChangeSet":
                var set = CreateChangeSet(input, region);
                return [Element("Id", set.Id), Element("StackId", set.StackId)];
            case "DescribeChangeSet":
                return StackXml.ChangeSet(ChangeSet(input, region), input.Flag("IncludePropertyValues"));
            case "ListChangeSets":
                return [List("Summaries", stacks.ChangeSets.Of(Get(input, region).Id).Select(StackXml.ChangeSetHead))];
            case "ExecuteChangeSet":
                input.Refuse("DisableRollback", "RetainExceptOnCreate");
                stacks.ChangeSets.Execute(ChangeSet(input, region), input.Time);
                return [null];
            case "DeleteChangeSet":
                DeleteChangeSet(input, region);
                return [null];
            default:
                throw new AwsException("InvalidAction", $"The embedded cloud does not serve cloudformation:{operation}.");
        }
    }

    private StackRecord Create(StackInput input, string region)
    {
        input.Refuse("DisableRollback", "StackPolicyBody", "StackPolicyURL");
        if (input.Text("OnFailure") is { } onFailure and not "ROLLBACK")
        {
            throw new AwsException("ValidationError", $"The embedded cloud serves OnFailure ROLLBACK only, not {onFailure}.");
        }

        var source = input.Source(null);
        return StackAfter(() => stacks.Create(source), region, source.Name);
    }

    private StackRecord Update(StackInput input, string region)
    {
        input.Refuse("DisableRollback", "StackPolicyBody", "StackPolicyURL", "StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL",
            "RetainExceptOnCreate");
        var source = input.Source(stacks.Updatable(region, input.Required("StackName")));
        return StackAfter(() => stacks.Update(source), region, source.Name);
    }

    /// <summary>Deleting a stack that does not exist is not an error.</summary>
    private void Delete(StackInput input, string region)
    {
        var name = input.Required("StackName");
        if (input.Text("DeletionMode") is { } mode and not "STANDARD")
        {
            throw new AwsException("ValidationError", $"The embedded cloud serves DeletionMode STANDARD only, not {mode}.");
        }

        if (stacks.Find(region, name) is { Deleted: null } stack)
        {
            StackAfter(() => stacks.Delete(region, stack.Id, input.Time, input.List("RetainResources")), region, stack.Id);
        }
    }

    /// <summary>If a service refuses a resource, the stack's status and events show it, not this call.</summary>
    private StackRecord StackAfter(Func<StackRecord> operation, string region, string nameOrId)
    {
        try
        {
            return operation();
        }
        catch (AwsException e) when (e.Code is "StackRolledBack" or "StackDeleteFailed")
        {
            return stacks.Find(region, nameOrId)!;
        }
    }

    private ChangeSetRecord CreateChangeSet(StackInput input, string region)
    {
        input.Refuse("DeploymentMode");
        var type = input.Text("ChangeSetType") ?? "UPDATE";
        if (type is not ("CREATE" or "UPDATE"))
        {
            throw new AwsException("ValidationError", $"The embedded cloud does not serve change sets of type {type}.");
        }

        var before = type == "UPDATE" ? stacks.Updatable(region, input.Required("StackName")) : null;
        return stacks.ChangeSets.Create(new ChangeSetRequest(
            input.Required("ChangeSetName"),
            type,
            input.Source(before),
            input.Text("Description"),
            input.Text("ClientToken")));
    }

    private ChangeSetRecord ChangeSet(StackInput input, string region) =>
        stacks.ChangeSets.Get(region, input.Required("ChangeSetName"), input.Text("StackName"));

    /// <summary>Deleting a change set that does not exist is not an error.</summary>
    private void DeleteChangeSet(StackInput input, string region)
    {
        try
        {
            stacks.ChangeSets.Delete(ChangeSet(input, region));
        }
        catch (AwsException e) when (e.Code == "ChangeSetNotFound")
        {
            // The same as in the service.
        }
    }

    private StackRecord Get(StackInput input, string region)
    {
        var name = input.Required("StackName");
        return stacks.Find(region, name) ?? throw CloudFormationService.Missing(name);
    }

    private StackRecord WithEvents(StackInput input, string region)
    {
        var name = input.Required("StackName");
        return stacks.Find(region, name) ?? throw CloudFormationService.MissingByName(name);
    }

    private IEnumerable<StackRecord> Described(StackInput input, string region) => input.Text("StackName") is not null
        ? [Get(input, region)]
        : stacks.All.Where(stack => stack.Region == region && stack.Deleted is null);

    private IEnumerable<StackRecord> Listed(StackInput input, string region)
    {
        var wanted = input.List("StackStatusFilter");
        return stacks.All.Where(stack => stack.Region == region && (wanted.Count == 0 || wanted.Contains(stack.Status)));
    }

    private object?[] Resource(StackInput input, string region)
    {
        var (stack, id) = (Get(input, region), input.Required("LogicalResourceId"));
        return stack.Resources.FirstOrDefault(resource => resource.LogicalId == id) is { } resource
            ? StackXml.ResourceDetail(stack, resource)
            : throw new AwsException("ValidationError", $"Resource {id} does not exist for stack {stack.Name}");
    }

    private IEnumerable<object?[]> Resources(StackInput input, string region, Func<StackRecord, StackResource, object?[]> show)
    {
        var stack = Get(input, region);
        return stack.Resources
            .Where(resource => input.Text("LogicalResourceId") is not { } wanted || resource.LogicalId == wanted)
            .Select(resource => show(stack, resource));
    }

    /// <summary>The template exactly as it was given; that of the change set if the request names one.</summary>
    private object?[] GetTemplate(StackInput input, string region)
    {
        if (input.Text("StackName") is null && input.Text("ChangeSetName") is { } set && !set.StartsWith("arn:", StringComparison.Ordinal))
        {
            throw new AwsException("ValidationError", "StackName is a required parameter.");
        }

        var template = input.Text("ChangeSetName") is null ? Get(input, region).Template : ChangeSet(input, region).Source.Template;
        return [Element("TemplateBody", template), List("StagesAvailable", ["Original", "Processed"])];
    }

    private object?[] Summarise(StackInput input, string region)
    {
        var stack = input.Text("StackName") is null ? null : Get(input, region);
        if (stack?.Status == "REVIEW_IN_PROGRESS")
        {
            throw new AwsException("ValidationError", "GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.");
        }

        var template = TemplateText.Parse(stack?.Template ?? input.Template(null));
        TemplateShape.Check(template);
        var resources = template["Resources"] as JsonObject ?? [];
        return
        [
            .. StackXml.Template(template),
            List("Parameters", (template["Parameters"] as JsonObject ?? []).Select(each => new object?[]
            {
                Element("ParameterKey", each.Key),
                Element("ParameterType", each.Value?["Type"]?.ToString() ?? "String"),
                StackXml.Optional("DefaultValue", each.Value?["Default"]?.ToString()),
                Element("NoEcho", each.Value?["NoEcho"]?.ToString() ?? "false"),
                StackXml.Optional("Description", each.Value?["Description"]?.ToString()),
            })),
            List("ResourceTypes", resources.Select(each => each.Value?["Type"]?.ToString()).Distinct(StringComparer.Ordinal)),
            StackXml.Optional("Version", template["AWSTemplateFormatVersion"]?.ToString()),
            StackXml.Optional("Metadata", (template["Metadata"] as JsonObject)?.ToJsonString(WireJson.Compact)),
        ];
    }

    private IEnumerable<object?[]> Exports(string region) => stacks.All
        .Where(stack => stack.Region == region && stack.Deleted is null)
        .SelectMany(stack => stack.Outputs.Where(output => output.ExportName is not null).Select(output => new object?[]
        {
            Element("ExportingStackId", stack.Id),
            Element("Name", output.ExportName),
            Element("Value", output.Value),
        }));

    private static System.Xml.Linq.XElement Element(string name, params object?[] content) => StackXml.Xml.Element(name, content);

    private static System.Xml.Linq.XElement List(string name, IEnumerable<object?> members) => StackXml.Xml.List(name, members);
}
