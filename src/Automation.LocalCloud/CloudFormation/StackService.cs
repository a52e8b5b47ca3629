using System.Diagnostics.CodeAnalysis;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// AWS CloudFormation as a loader of stacks: creates and deletes, at once and without change sets. A template with anything that is
/// not understood is refused before anything is made. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
/// </summary>
public sealed class StackService : IWireService
{
    private readonly Cloud _cloud;
    private readonly Dictionary<string, IResourceType> _types;
    private readonly Table<StackRecord> _stacks;
    private readonly StackApi _api;

    /// <param name="types">All that services can make; a type that two services offer is a fault.</param>
    public StackService(Cloud cloud, IEnumerable<IResourceType> types)
    {
        _cloud = cloud;
        _types = types.ToDictionary(type => type.Name, StringComparer.Ordinal);
        _stacks = new Table<StackRecord>("cloudformation.stacks", cloud.Store);
        _api = new StackApi(cloud, this);
    }

    public string SigningName => "cloudformation";

    /// <summary>All stacks, deleted ones too, oldest first.</summary>
    public IReadOnlyList<StackRecord> All => [.. _stacks.Values.OrderBy(stack => stack.Created).ThenBy(stack => stack.Id, StringComparer.Ordinal)];

    public string? OperationOf(WireRequest request) => StackApi.OperationOf(request);

    public WireResponse Handle(WireRequest request, CallContext context) => _api.Handle(request, context);

    public WireResponse Error(WireRequest request, AwsException error) => StackApi.Error(error);

    /// <summary>A stack that is not deleted, by name or id; a deleted one by id only. Null: there is none.</summary>
    public StackRecord? Find(string region, string nameOrId) => _stacks.Find(nameOrId)
        ?? _stacks.Values.FirstOrDefault(stack => stack.Region == region && stack.Name == nameOrId && stack.Deleted is null);

    /// <summary>Adds a type after the cloud was made, for tests.</summary>
    public void Register(IResourceType type) => _types.Add(type.Name, type);

    /// <summary>Loads a stack: all of it or nothing.</summary>
    /// <exception cref="AwsException">
    /// AlreadyExistsException; ValidationError: the template is refused, with every problem in the message, and there is no stack;
    /// StackRolledBack: a service refused a resource, what was made is gone again, and the stack remains as ROLLBACK_COMPLETE.
    /// </exception>
    public StackRecord Create(StackSource source)
    {
        var region = source.Region ?? _cloud.Options.Region;
        if (Find(region, source.Name) is { } existing)
        {
            throw new AwsException("AlreadyExistsException", $"Stack [{existing.Name}] already exists");
        }

        var id = $"arn:aws:cloudformation:{region}:{_cloud.Options.AccountId}:stack/{source.Name}/{_cloud.Ids.Next()}";
        var template = TemplateText.Parse(source.Template);
        var plan = StackPlanner.Plan(template, _types, source.Parameters, Pseudo(source.Name, id, region));
        var building = new StackBuild(_cloud, _types, source, region, id, plan);
        var failure = building.Run();
        var stack = building.Record;
        _stacks.Set(id, stack);
        _cloud.Journal.Write(
            "cloudformation",
            "stack-state",
            $"{stack.Name} {stack.Status}",
            ("stack", stack.Name),
            ("status", stack.Status),
            ("reason", failure));
        return failure is null ? stack : throw new AwsException("StackRolledBack", $"Stack {source.Name} was rolled back. {failure}");
    }

    /// <summary>Deletes in the reverse order of creation; resources with <c>DeletionPolicy: Retain</c> stay.</summary>
    /// <exception cref="AwsException">ValidationError: there is no such stack; StackDeleteFailed: a service refused.</exception>
    public StackRecord Delete(string region, string nameOrId)
    {
        var stack = Find(region, nameOrId) ?? throw Missing(nameOrId);
        if (stack.Deleted is not null)
        {
            return stack;
        }

        var resources = stack.Resources.ToList();
        for (var i = resources.Count - 1; i >= 0; i--)
        {
            var resource = resources[i];
            if (resource.Status != "CREATE_COMPLETE" || resource.Retained)
            {
                continue;
            }

            if (DeleteResource(resource, stack.Region) is { } refusal)
            {
                resources[i] = resource with { Status = "DELETE_FAILED", Reason = refusal };
                _stacks.Set(stack.Id, stack with { Status = "DELETE_FAILED", Reason = refusal, Resources = resources });
                throw new AwsException("StackDeleteFailed", $"Stack {stack.Name} could not be deleted: {resource.LogicalId} ({resource.Type}): {refusal}");
            }

            resources[i] = resource with { Status = "DELETE_COMPLETE", Time = _cloud.Clock.Now };
        }

        var deleted = stack with { Status = "DELETE_COMPLETE", Reason = null, Deleted = _cloud.Clock.Now, Resources = resources };
        _stacks.Set(stack.Id, deleted);
        _cloud.Journal.Write("cloudformation", "stack-state", $"{stack.Name} DELETE_COMPLETE", ("stack", stack.Name), ("status", deleted.Status));
        return deleted;
    }

    internal static AwsException Missing(string nameOrId) => new("ValidationError", $"Stack with id {nameOrId} does not exist");

    [SuppressMessage("Design", "CA1031", Justification = "A service's bug must not leave a stack half deleted without a word")]
    private string? DeleteResource(StackResource resource, string region)
    {
        if (!_types.TryGetValue(resource.Type, out var type))
        {
            return null;
        }

        try
        {
            type.Delete(resource.PhysicalId, region);
            return null;
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }

    private Dictionary<string, string> Pseudo(string name, string id, string region) => new(StringComparer.Ordinal)
    {
        ["AWS::AccountId"] = _cloud.Options.AccountId,
        ["AWS::Partition"] = "aws",
        ["AWS::Region"] = region,
        ["AWS::StackId"] = id,
        ["AWS::StackName"] = name,
        ["AWS::URLSuffix"] = "amazonaws.com",
    };
}
