namespace Automation.LocalCloud;

/// <summary>What an idle cloud does with its clock.</summary>
public enum ClockMode
{
    /// <summary>
    /// Jumps to the next work timer, so that hours of work take no time. Between jumps, virtual time passes as fast as wall time if a host
    /// drives the cloud; <see cref="TimerKind.Patient"/> timers wait for that.
    /// </summary>
    Auto,

    /// <summary>Does not move: what is due now happens; later timers fire only when a caller advances the clock.</summary>
    Held,
}
