namespace Automation.LocalCloud;

/// <summary>Whether a pending timer is a reason for the virtual clock to jump ahead.</summary>
public enum TimerKind
{
    /// <summary>Something is in progress and ends without further input (a build step, a delivery, a retry, a Wait state): an idle cloud jumps to it.</summary>
    Work,

    /// <summary>
    /// Something only waits (a recurring schedule, the deadline of an approval, the expiry of a token). It fires when time reaches it, but an
    /// idle cloud does not jump to it; otherwise it would race through the years.
    /// </summary>
    Patient,
}
