namespace Automation.Core.Builds;

public abstract record BuildDecision
{
    private BuildDecision(IReadOnlyList<Reason> reasons) => Reasons = reasons;

    /// <summary>At least one. The deciding reason comes first.</summary>
    public IReadOnlyList<Reason> Reasons { get; }

    public sealed record Start(BuildRequest Order, IReadOnlyList<Reason> Why) : BuildDecision(Why);

    /// <summary>The build is due, but must not start before <see cref="Until"/>.</summary>
    /// <param name="Order">The build that would start.</param>
    public sealed record NotYet(DateTimeOffset Until, BuildRequest Order, IReadOnlyList<Reason> Why) : BuildDecision(Why);

    /// <param name="Stuck">Set if only a person can resolve it; null if time or an event may.</param>
    public sealed record No(IReadOnlyList<Reason> Why, StuckBuild? Stuck = null) : BuildDecision(Why);
}
