namespace Automation.LocalCloud;

/// <summary>Whether a pending timer is a reason for the virtual clock to jump ahead.</summary>
public enum TimerKind
{
    /// <summary>Something is going on that ends by itself (a build step, a delivery, a retry, a Wait state): an idle cloud jumps to it.</summary>
    Work,

    /// <summary>
    /// Something that only waits (a recurring schedule, the deadline of an approval, a token's expiry): fires when time gets there,
    /// but an idle cloud does not jump to it, or it would race through the years.
    /// </summary>
    Patient,
}
