namespace Automation.Core.Builds;

/// <summary>Decides whether an image must be built now.</summary>
public static class BuildPlanner
{
    public static BuildDecision Decide(BuildFacts facts) => throw new NotImplementedException(facts.Image.Name);
}
