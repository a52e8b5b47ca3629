using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>The common part of creations and updates: it carries out one plan on one stack.</summary>
internal abstract class StackRun
{
    private const string Imported = "IMPORT_COMPLETE";

    protected StackRun(Engine engine, ResourceActor actor, StackRecord stack, StackSource source, StackPlan plan)
    {
        Engine = engine;
        Actor = actor;
        Before = stack;
        Source = source;
        Plan = plan;
        Progress = new StackProgress(engine, stack, source.Time);
    }

    protected Engine Engine { get; }

    protected ResourceActor Actor { get; }

    /// <summary>The stack before the operation.</summary>
    protected StackRecord Before { get; }

    protected StackSource Source { get; }

    protected StackPlan Plan { get; }

    protected StackProgress Progress { get; }

    protected StackValues Values { get; } = new();

    protected JsonObject Resolve(PlannedResource planned) => Plan.Intrinsics.Resolve(planned.Properties, Values.Of) as JsonObject ?? [];

    /// <summary>Types may modify their input, so they get a copy.</summary>
    protected ResourceRequest Request(string logicalId, JsonObject properties, int generation) => new(
        Before.Name,
        logicalId,
        Before.Region,
        Engine.Options.AccountId,
        (JsonObject)properties.DeepClone(),
        Source.Assets)
    {
        Generation = generation,
    };

    /// <exception cref="Exception">The service's exception; nothing was created.</exception>
    protected StackResource Create(PlannedResource planned, JsonObject properties, int generation, string status)
    {
        Resource made;
        try
        {
            made = Actor.Create(planned.Type, Request(planned.LogicalId, properties, generation));
        }
        catch (AwsException e) when (Source.ImportExisting && planned.IsRetained)
        {
            if (Actor.Import(planned.Type, Request(planned.LogicalId, properties, generation), e) is not { } imported)
            {
                throw;
            }

            Progress.Resource(planned.LogicalId, imported.PhysicalId, planned.Type, "IMPORT_IN_PROGRESS", "Resource import started.");
            Progress.Resource(planned.LogicalId, imported.PhysicalId, planned.Type, Imported, "Resource import completed.");
            return planned.Made(imported, properties, generation, Imported, Progress.Now);
        }

        var resource = planned.Made(made, properties, generation, status, Progress.Now);
        Progress.Resource(planned.LogicalId, made.PhysicalId, planned.Type, status.Replace("_COMPLETE", "_IN_PROGRESS", StringComparison.Ordinal),
            "Resource creation Initiated");
        Progress.Resource(planned.LogicalId, made.PhysicalId, planned.Type, status);
        return resource;
    }

    /// <summary>Whether a rollback keeps the resource: it existed before, or it is retained (<c>RetainExceptOnCreate</c> does not count here).</summary>
    protected bool KeptOnFailure(StackResource resource) =>
        resource.Status == Imported || Plan.Resources.Single(planned => planned.LogicalId == resource.LogicalId).KeptOnFailure;

    /// <summary>The stack after it accepted the plan.</summary>
    protected StackRecord Describe(string status, string? reason, IEnumerable<StackResource> resources, IReadOnlyList<StackOutput> outputs) => Before with
    {
        Template = Source.Template,
        Description = Plan.Template["Description"]?.ToString(),
        Status = status,
        Reason = reason,
        Parameters = Plan.Given,
        ResolvedParameters = Plan.Resolved,
        Resources = [.. resources],
        Outputs = outputs,
        Events = Progress.Events,
        Tags = Source.Tags,
        Capabilities = Source.Capabilities,
        NotificationArns = Source.NotificationArns,
        RoleArn = Source.RoleArn,
    };
}
