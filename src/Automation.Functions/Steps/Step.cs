using Automation.Core;
using Automation.Core.Images;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>A <see cref="StepInput"/> that was checked: what every step needs is there.</summary>
internal sealed record Step(DateTimeOffset Now, string Execution, LifecycleState State)
{
    /// <exception cref="InvalidEventException">now or state is missing, or something in them cannot be read.</exception>
    public static Step Read(StepInput input) => input is { Now: { } now, State: { } state }
        ? (PlausibleTime.IsPlausible(now) ? StateRules.Fault(state) : $"now is not {PlausibleTime.Expected}") is { } fault
            ? throw new InvalidEventException($"The step's input cannot be read: {fault}. The workflow hands over what its steps wrote; see events/ for samples.")
            : new Step(now, input.Execution ?? "", state)
        : throw new InvalidEventException("The step's input needs \"now\" and \"state\", as the workflow hands them over; see events/plan-build.json.");

    /// <summary>For Announce, the end of every failure too: a state that cannot be read is announced as that.</summary>
    /// <exception cref="InvalidEventException">now or state is missing.</exception>
    public static Step ReadSayable(StepInput input) => Read(input is { State: { } state } ? input with { State = StateRules.Sayable(state) } : input!);

    /// <exception cref="InvalidEventException">The state has no readable version.</exception>
    public ImageVersion Version => ImageVersion.TryParse(State.Version, out var version)
        ? version
        : throw new InvalidEventException($"The state's \"version\" must be a build version such as 1.0.0/3, not \"{State.Version}\".");

    /// <summary>What InspectImage found, with at least one Region; versions and digests can be parsed.</summary>
    /// <exception cref="InvalidEventException">The step runs before InspectImage, or what it found is incomplete.</exception>
    public InspectImageResult Release
    {
        get
        {
            var release = State.Release ?? throw new InvalidEventException("The state has no \"release\": this step needs what InspectImage found.");
            return ImageVersion.TryParse(release.Version, out _)
                && release is { Repository.Length: > 0, Regions.Count: > 0 }
                && release.Regions.All(place => place is { Region.Length: > 0 } && Digest.TryParse(place.Digest, out _))
                ? release
                : throw new InvalidEventException("The state's \"release\" needs \"version\", \"repository\", and \"regions\" with \"region\" and \"digest\"; see events/check-scan.json.");
        }
    }

    /// <summary>The one image that the release is about, in every Region.</summary>
    /// <exception cref="InvalidEventException">See <see cref="Release"/>.</exception>
    public Digest Digest => Digest.Parse(Release.Regions[0].Digest);

    /// <summary>Whether the workflow was started to put floating tags back to an older build.</summary>
    public bool IsRollback => State.Action == WorkflowActions.Rollback;

    /// <summary>The line that every step leaves in the log.</summary>
    /// <param name="name">The function's.</param>
    /// <param name="digest">What was decided on: the image's, or before it is built the base's.</param>
    public void Decided(ILogger logger, string name, string? digest, string decision, IReadOnlyList<ReasonText> reasons) =>
        Log.Step(logger, Execution, name, State.Image ?? Log.None, digest ?? Log.None, decision, reasons[0].Code, reasons[0].Text);

    /// <summary>
    /// An instant for a Wait state: the whole second that is not before it. The workflow's clock is coarser than ours, so a wait for a
    /// finer instant would end before it, and the same question would be asked again and again until the execution's history is full.
    /// </summary>
    public static DateTimeOffset WaitUntil(DateTimeOffset instant)
    {
        var beyond = instant.Ticks % TimeSpan.TicksPerSecond;
        return beyond == 0 ? instant : instant.AddTicks(TimeSpan.TicksPerSecond - beyond);
    }
}
