using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// AWS CloudFormation: creates, updates and deletes stacks, directly or through change sets. Every operation is complete when its call
/// returns. A template with anything unsupported is refused before anything is created.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
/// </summary>
public sealed class CloudFormationService : IWireService
{
    private const string AssumedBootstrapVersion = "30";

    private readonly Engine _engine;
    private readonly Dictionary<string, IResourceType> _types;
    private readonly ResourceActor _actor;
    private readonly Table<StackRecord> _stacks;
    private readonly StackApi _api;

    /// <param name="types">All resource types of the services. It is a fault if two services offer the same type.</param>
    public CloudFormationService(Engine engine, IEnumerable<IResourceType> types)
    {
        _engine = engine;
        _types = types.ToDictionary(type => type.Name, StringComparer.Ordinal);
        _actor = new ResourceActor(engine, _types);
        _stacks = new Table<StackRecord>("cloudformation.stacks", engine.Store, () => CloudFormationJson.Default.StackRecord);
        ChangeSets = new ChangeSetState(engine, this, _actor);
        _api = new StackApi(engine, this);
    }

    public string SigningName => "cloudformation";

    /// <summary>All stacks, including deleted ones, oldest first.</summary>
    public IReadOnlyList<StackRecord> All => [.. _stacks.Values.OrderBy(stack => stack.Created).ThenBy(stack => stack.Id, StringComparer.Ordinal)];

    internal ChangeSetState ChangeSets { get; }

    public string? OperationOf(WireRequest request) => StackApi.OperationOf(request);

    public WireResponse Handle(WireRequest request, CallContext context) => _api.Handle(request, context);

    public WireResponse Error(WireRequest request, AwsException error) => StackApi.Error(error);

    /// <summary>Finds an existing stack by name or id, or a deleted one by id; null if there is none.</summary>
    public StackRecord? Find(string region, string nameOrId) => _stacks.Find(nameOrId)
        ?? _stacks.Values.FirstOrDefault(stack => stack.Region == region && stack.Name == nameOrId && stack.Deleted is null);

    /// <summary>Adds a resource type to a running cloud.</summary>
    internal void Register(IResourceType type) => _types.Add(type.Name, type);

    /// <summary>Loads a stack: all of it or nothing.</summary>
    /// <exception cref="AwsException">
    /// AlreadyExistsException; ValidationError: the template is refused, the message has every fault, and no stack was created;
    /// StackRolledBack: a service refused a resource, the created resources were deleted, and the stack remains as ROLLBACK_COMPLETE.
    /// </exception>
    public StackRecord Create(StackSource source)
    {
        var region = source.Region ?? _engine.Options.Region;
        var existing = Find(region, source.Name);
        if (existing is not null && existing.Status != "REVIEW_IN_PROGRESS")
        {
            throw new AwsException("AlreadyExistsException", $"Stack [{existing.Name}] already exists");
        }

        var stack = existing ?? Begin(source);
        var plan = Plan(source, stack);
        CheckExports(plan, stack);
        var building = new StackBuild(_engine, _actor, stack, source, plan);
        var failure = building.Run();
        _stacks.Set(stack.Id, building.Record);
        return failure is null ? building.Record : throw new AwsException("StackRolledBack", $"Stack {source.Name} was rolled back. {failure}");
    }

    /// <summary>Updates a stack with another template or other parameters: all of it or nothing.</summary>
    /// <exception cref="AwsException">
    /// ValidationError: the stack does not exist or cannot be updated, the template is refused, or nothing would change;
    /// StackRolledBack: a service refused, and the stack is unchanged (UPDATE_ROLLBACK_COMPLETE).
    /// </exception>
    public StackRecord Update(StackSource source)
    {
        var stack = Updatable(source.Region ?? _engine.Options.Region, source.Name);
        var plan = Plan(source, stack);
        return new ChangeSetPlanner(_actor, stack, source, plan, _engine.Options.AccountId).Run() is { IsEmpty: true }
            ? throw new AwsException("ValidationError", "No updates are to be performed.")
            : Update(stack, source, plan);
    }

    /// <summary>Deletes a stack's resources in the reverse order of creation, except those with <c>DeletionPolicy: Retain</c>.</summary>
    /// <param name="time">See <see cref="StackSource.Time"/>.</param>
    /// <param name="keep">Logical ids of other resources to keep.</param>
    /// <exception cref="AwsException">ValidationError: the stack does not exist or is protected; StackDeleteFailed: a service refused.</exception>
    public StackRecord Delete(string region, string nameOrId, DateTimeOffset? time = null, IReadOnlyCollection<string>? keep = null)
    {
        var stack = Find(region, nameOrId) ?? throw Missing(nameOrId);
        if (stack.Deleted is not null)
        {
            return stack;
        }

        if (stack.TerminationProtection)
        {
            throw new AwsException("ValidationError", $"Stack [{stack.Name}] cannot be deleted while TerminationProtection is enabled");
        }

        var deletion = new StackDeletion(_engine, _actor, stack, time, keep ?? []);
        var failure = deletion.Run();
        var record = deletion.Record!;
        Save(record);
        ChangeSets.Forget(stack.Id);
        return failure is null
            ? record
            : throw new AwsException("StackDeleteFailed", $"Stack {stack.Name} could not be deleted: {failure}");
    }

    // The service has two wordings, depending on the operation. From the wording the CDK CLI recognises that a stack is gone.
    internal static AwsException Missing(string nameOrId) => new("ValidationError", $"Stack with id {nameOrId} does not exist");

    internal static AwsException MissingByName(string nameOrId) => new("ValidationError", $"Stack [{nameOrId}] does not exist");

    internal void Save(StackRecord stack) => _stacks.Set(stack.Id, stack);

    /// <summary>A stack without resources; it is not saved.</summary>
    internal StackRecord Begin(StackSource source)
    {
        var region = source.Region ?? _engine.Options.Region;
        var earlier = _stacks.Values.Count(stack => stack.Region == region && stack.Name == source.Name);
        var id = new Arn("cloudformation", region, _engine.Options.AccountId, $"stack/{source.Name}/{_engine.Ids.Next()}").ToString();
        return new StackRecord(
            source.Name, id, region, "", null, "", null, source.Time ?? _engine.Clock.Now, null, new Dictionary<string, string>(), [], [], [])
        {
            TerminationProtection = source.TerminationProtection,

            // A resource that an earlier stack of this name retained still has its generated name.
            Generation = earlier * 1000,
        };
    }

    /// <exception cref="AwsException">ValidationError.</exception>
    internal StackRecord Updatable(string region, string nameOrId)
    {
        var stack = Find(region, nameOrId) is { Deleted: null } found ? found : throw MissingByName(nameOrId);
        return stack.IsUpdatable
            ? stack
            : throw new AwsException("ValidationError", $"Stack:{stack.Id} is in {stack.Status} state and can not be updated.");
    }

    /// <exception cref="AwsException">ValidationError, with every problem.</exception>
    internal StackPlan Plan(StackSource source, StackRecord stack) => StackPlanner.Plan(
        TemplateText.Parse(source.Template),
        _types,
        source.Parameters,
        Pseudo(stack),
        name => _engine.ParameterStore.Value(stack.Region, name) ?? (source.AssumeBootstrapped ? AssumedParameter(name) : null));

    internal StackRecord Update(StackRecord stack, StackSource source, StackPlan plan)
    {
        CheckExports(plan, stack);
        var updating = new StackUpdate(_engine, _actor, stack, source, plan);
        var failure = updating.Run();
        Save(updating.Record);
        return failure is null ? updating.Record : throw new AwsException("StackRolledBack", $"The update of stack {stack.Name} was rolled back. {failure}");
    }

    /// <summary>Export names are unique in a Region. Only literal names can be checked before the operation.</summary>
    private void CheckExports(StackPlan plan, StackRecord stack)
    {
        foreach (var (_, output) in plan.Template["Outputs"] as System.Text.Json.Nodes.JsonObject ?? [])
        {
            if (output?["Export"]?["Name"] is System.Text.Json.Nodes.JsonValue name
                && _stacks.Values.FirstOrDefault(other => other.Deleted is null && other.Region == stack.Region && other.Id != stack.Id
                    && other.Outputs.Any(each => each.ExportName == name.ToString())) is { } other)
            {
                throw new AwsException("ValidationError", $"Export with name {name} is already exported by stack {other.Name}");
            }
        }
    }

    private Dictionary<string, string> Pseudo(StackRecord stack) => new(StringComparer.Ordinal)
    {
        ["AWS::AccountId"] = _engine.Options.AccountId,
        ["AWS::Partition"] = "aws",
        ["AWS::Region"] = stack.Region,
        ["AWS::StackId"] = stack.Id,
        ["AWS::StackName"] = stack.Name,
        ["AWS::URLSuffix"] = "amazonaws.com",
    };

    /// <summary>
    /// For a stack that is loaded directly into a cloud that was not bootstrapped: <c>/cdk-bootstrap/QUALIFIER/version</c>, which every
    /// CDK template reads. Null for every other name.
    /// https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
    /// </summary>
    private static string? AssumedParameter(string name) =>
        name.StartsWith("/cdk-bootstrap/", StringComparison.Ordinal) && name.EndsWith("/version", StringComparison.Ordinal) ? AssumedBootstrapVersion : null;
}
