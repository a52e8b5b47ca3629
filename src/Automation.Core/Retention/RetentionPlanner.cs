namespace Automation.Core.Retention;

/// <summary>Decides what is kept, marked and deleted in one Region's repository.</summary>
public static class RetentionPlanner
{
    public static PrunePlan Plan(RetentionFacts facts) => throw new NotImplementedException(facts.Region);
}

public static class PruneName
{
    /// <summary><c>prune-app-20260131</c>: once a day.</summary>
    public static string For(string image, DateOnly day) => throw new NotImplementedException();
}
