using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>The change sets of all stacks. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html</summary>
internal sealed class ChangeSetState(Engine engine, CloudFormationService stacks, ResourceActor actor)
{
    private readonly Table<ChangeSetRecord> _changeSets = new("cloudformation.changeSets", engine.Store, () => CloudFormationJson.Default.ChangeSetRecord);

    /// <summary>The change sets of a stack that are not executed yet. An executed change set can be found only by its ARN.</summary>
    public IEnumerable<ChangeSetRecord> Of(string stackId) => _changeSets.Values
        .Where(set => set.StackId == stackId && set.IsPending)
        .OrderBy(set => set.Created)
        .ThenBy(set => set.Id, StringComparer.Ordinal);

    /// <summary>Finds a change set by ARN, or by name within a stack.</summary>
    /// <exception cref="AwsException">ChangeSetNotFound; ValidationError: the stack does not exist.</exception>
    public ChangeSetRecord Get(string region, string nameOrId, string? stackNameOrId)
    {
        if (_changeSets.Find(nameOrId) is { } byId)
        {
            return byId;
        }

        if (stackNameOrId is null)
        {
            throw Arn.Is(nameOrId)
                ? NotFound(nameOrId)
                : new AwsException("ValidationError", "StackName must be specified if ChangeSetName is not specified as an ARN.");
        }

        var stack = stacks.Find(region, stackNameOrId) ?? throw CloudFormationService.MissingByName(stackNameOrId);
        return Of(stack.Id).FirstOrDefault(set => set.Name == nameOrId) ?? throw NotFound(nameOrId);
    }

    /// <summary>Creates a change set, and for a new stack also the stack, in review.</summary>
    /// <exception cref="AwsException">AlreadyExistsException; ValidationError, with every problem of the template.</exception>
    public ChangeSetRecord Create(ChangeSetRequest request)
    {
        var source = request.Source;
        var region = source.Region!;
        var stack = request.Type == "CREATE" ? ToCreate(source, region, request.Name) : stacks.Updatable(region, source.Name);
        if (Of(stack.Id).FirstOrDefault(set => set.Name == request.Name) is { } same)
        {
            return same.ClientToken is not null && same.ClientToken == request.ClientToken
                ? same
                : throw new AwsException("AlreadyExistsException", $"ChangeSet {request.Name} already exists");
        }

        var plan = stacks.Plan(source, stack);
        var changes = new ChangeSetPlanner(actor, stack, source, plan, engine.Options.AccountId).Run();
        var empty = changes.IsEmpty && request.Type == "UPDATE";
        var set = new ChangeSetRecord(
            new Arn("cloudformation", region, engine.Options.AccountId, $"changeSet/{request.Name}/{engine.Ids.Next()}").ToString(),
            request.Name,
            stack.Id,
            request.Type,
            source with { Name = stack.Name },
            request.Description,
            empty ? "FAILED" : "CREATE_COMPLETE",
            empty ? "The submitted information didn't contain changes. Submit different information to create a change set." : null,
            empty ? "UNAVAILABLE" : "AVAILABLE",
            source.Time ?? engine.Clock.Now,
            changes.Changes)
        {
            ClientToken = request.ClientToken,
        };
        _changeSets.Set(set.Id, set);
        if (stack.Status.Length == 0)
        {
            var progress = new StackProgress(engine, stack, source.Time);
            progress.Stack("REVIEW_IN_PROGRESS", "User Initiated");
            stacks.Save(stack with { Status = "REVIEW_IN_PROGRESS", Reason = "User Initiated", Events = progress.Events });
        }

        return set;
    }

    /// <summary>Executes a change set and removes the stack's other change sets. The stack shows whether the execution succeeded.</summary>
    /// <param name="time">See <see cref="StackSource.Time"/>.</param>
    /// <exception cref="AwsException">InvalidChangeSetStatus.</exception>
    public void Execute(ChangeSetRecord set, DateTimeOffset? time)
    {
        if (set.ExecutionStatus != "AVAILABLE")
        {
            throw new AwsException(
                "InvalidChangeSetStatus",
                $"ChangeSet [{set.Id}] cannot be executed in its current status of [{(set.Status == "FAILED" ? set.Status : set.ExecutionStatus)}]");
        }

        var outcome = "EXECUTE_COMPLETE";
        try
        {
            // The change set has the SSM parameters' values at its creation. Like the service, this reads them again.
            var source = set.Source with { Time = time };
            if (set.Type == "CREATE")
            {
                stacks.Create(source);
            }
            else
            {
                var stack = stacks.Updatable(source.Region!, set.StackId);
                stacks.Update(stack, source, stacks.Plan(source, stack));
            }
        }
        catch (AwsException e) when (e.Code == "StackRolledBack")
        {
            outcome = "EXECUTE_FAILED";
        }

        Forget(set.StackId);
        _changeSets.Set(set.Id, set with { ExecutionStatus = outcome });
    }

    public void Delete(ChangeSetRecord set) => _changeSets.Remove(set.Id);

    /// <summary>Removes all change sets of a stack.</summary>
    public void Forget(string stackId)
    {
        foreach (var set in _changeSets.Values.Where(set => set.StackId == stackId).ToList())
        {
            _changeSets.Remove(set.Id);
        }
    }

    internal static AwsException NotFound(string name) => new("ChangeSetNotFound", $"ChangeSet [{name}] does not exist", 404);

    private StackRecord ToCreate(StackSource source, string region, string changeSet) => stacks.Find(region, source.Name) switch
    {
        null => stacks.Begin(source),
        { Status: "REVIEW_IN_PROGRESS" } inReview => inReview,
        var existing =>
            throw new AwsException("ValidationError", $"Stack [{existing.Name}] already exists and cannot be created again with the changeSet [{changeSet}]."),
    };
}
