namespace Automation.LocalCloud;

/// <summary>What an idle cloud does with its clock.</summary>
public enum ClockMode
{
    /// <summary>
    /// Jumps to the next timer that is work, so that what takes hours takes no time. For the rest (<see cref="TimerKind.Patient"/>) wall time
    /// that passes is virtual time that passes, where a host drives the cloud.
    /// </summary>
    Auto,

    /// <summary>Stands still: what is due now happens, later things happen when somebody orders time to pass.</summary>
    Held,
}
