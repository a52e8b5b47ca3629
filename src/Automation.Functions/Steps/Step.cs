using Automation.Core;
using Automation.Core.Images;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>A validated <see cref="StepInput"/> with everything that each step needs.</summary>
internal sealed record Step(DateTimeOffset Now, string Execution, LifecycleState State)
{
    /// <exception cref="InvalidEventException">now or state is missing, or something in them cannot be read.</exception>
    public static Step Read(StepInput input) => input is { Now: { } now, State: { } state }
        ? (PlausibleTime.IsPlausible(now) ? StateRules.Fault(state) : $"now is not {PlausibleTime.Expected}") is { } fault
            ? throw new InvalidEventException(
                $"The step's input cannot be read: {fault}. The workflow passes on what its steps wrote; see events/ for samples.")
            : new Step(now, input.Execution ?? "", input.Phase is { } phase ? state with { Phase = phase } : state)
        : throw new InvalidEventException("The step's input needs \"now\" and \"state\", as the workflow passes them; see events/plan-build.json.");

    /// <summary>For Announce, which also ends every failure: it announces an unreadable state as such.</summary>
    /// <exception cref="InvalidEventException">now or state is missing.</exception>
    public static Step ReadSayable(StepInput input) => Read(input is { State: { } state } ? input with { State = StateRules.WithFaultAsError(state) } : input!);

    /// <exception cref="InvalidEventException">The state has no readable version.</exception>
    public ImageVersion Version => ImageVersion.TryParse(State.Version, out var version)
        ? version
        : throw new InvalidEventException($"The state's \"version\" must be a build version such as 1.0.0/3, not \"{State.Version}\".");

    /// <summary>The result of InspectImage, with at least one Region and valid versions and digests.</summary>
    /// <exception cref="InvalidEventException">The step runs before InspectImage, or the result is incomplete.</exception>
    public InspectImageResult Release
    {
        get
        {
            var release = State.Release ?? throw new InvalidEventException("The state lacks \"release\", the result of InspectImage.");
            return ImageVersion.TryParse(release.Version, out _)
                && release is { Repository.Length: > 0, Regions.Count: > 0 }
                && release.Regions.All(place => place is { Region.Length: > 0 } && Digest.TryParse(place.Digest, out _))
                ? release
                : throw new InvalidEventException(
                    "The state's \"release\" needs \"version\", \"repository\", and \"regions\" with \"region\" and \"digest\"; see events/check-scan.json.");
        }
    }

    /// <summary>The digest that the release promotes, the same in every Region.</summary>
    /// <exception cref="InvalidEventException">See <see cref="Release"/>.</exception>
    public Digest Digest => Digest.Parse(Release.Regions[0].Digest);

    /// <summary>Whether the execution is a rollback.</summary>
    public bool IsRollback => State.Action == WorkflowActions.Rollback;

    /// <summary>Writes the log line of a step.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="digest">The digest of the image, or before its build that of the base.</param>
    public void Decided(ILogger logger, string name, string? digest, string decision, IReadOnlyList<ReasonText> reasons) =>
        Log.Step(logger, Execution, name, State.Image ?? Log.None, digest ?? Log.None, decision, reasons[0].Code, reasons[0].Text);

    /// <summary>
    /// Rounds an instant up to a whole second for a Wait state. The workflow's clock is coarser than ours: a wait for a finer instant would end
    /// before it, and the workflow would ask again and again until the execution's history is full.
    /// </summary>
    public static DateTimeOffset WaitUntil(DateTimeOffset instant)
    {
        var beyond = instant.Ticks % TimeSpan.TicksPerSecond;
        return beyond == 0 ? instant : instant.AddTicks(TimeSpan.TicksPerSecond - beyond);
    }
}
