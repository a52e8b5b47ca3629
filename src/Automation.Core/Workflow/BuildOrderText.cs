namespace Automation.Core.Workflow;

/// <summary>A <see cref="Builds.BuildRequest"/> as it travels through the workflow.</summary>
public sealed record BuildOrderText(string PipelineArn, string ClientToken, int Attempt, IReadOnlyDictionary<string, string> Tags)
{
    public static BuildOrderText From(Builds.BuildRequest order) => new(order.PipelineArn, order.ClientToken, order.Attempt, order.Tags);
}
