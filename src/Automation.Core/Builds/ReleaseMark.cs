namespace Automation.Core.Builds;

/// <summary>The state of a build's release, as written on the build.</summary>
/// <param name="Attempt">1 for the first execution that tried to release it.</param>
/// <param name="At">When the state was written.</param>
/// <param name="Why">The deciding reason; for <see cref="ReleaseState.Running"/> the execution's name.</param>
/// <param name="Explicit">Whether a person requested this release; it then ends a hold that was set before it. On a promoted build: a person requested
/// it again at <paramref name="At"/> and has not been answered yet.</param>
public sealed record ReleaseMark(ReleaseState State, int Attempt, DateTimeOffset At, string? Why = null, bool Explicit = false);
