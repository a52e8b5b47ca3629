namespace Automation.Core.Workflow;

/// <summary>
/// The input of every step: its clock (<c>$$.State.EnteredTime</c>), its name, and the state so far.
/// <code>
/// {"now":"2026-01-05T08:00:00Z","execution":"build-app_0f1e2d3c4b5a_1","state":{"action":"build","image":"app"}}
/// </code>
/// </summary>
public sealed record StepInput
{
    public DateTimeOffset? Now { get; init; }

    public string? Execution { get; init; }

    public LifecycleState? State { get; init; }

    /// <summary>The phase of a promotion, where the state is passed on as a whole; otherwise it is in the state.</summary>
    public string? Phase { get; init; }
}
