namespace Automation.LocalCloud;

/// <summary>
/// The rule by which a driven cloud's clock follows the wall's in auto mode: as much time passes here as there. Jumps to work come on top.
/// Whole milliseconds pass, as services tell time. Used under the cloud's gate.
/// </summary>
internal sealed class WallTime(TimeProvider provider)
{
    // A timer of the platform cannot wait longer than some weeks.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private long _mark = provider.GetTimestamp();

    /// <summary>What has passed on the wall and not yet here, because a timer is due before.</summary>
    private TimeSpan _owed;

    public TimeProvider Provider => provider;

    /// <summary>Lets pass what has passed on the wall, up to the next timer. Time on the wall does not count while the clock is held.</summary>
    public void Follow(VirtualClock clock, ClockMode mode)
    {
        var passed = TimeSpan.FromMilliseconds(Math.Floor(provider.GetElapsedTime(_mark).TotalMilliseconds));
        _mark += (long)passed.TotalMilliseconds * provider.TimestampFrequency / 1000;
        if (mode == ClockMode.Held)
        {
            _owed = TimeSpan.Zero;
            return;
        }

        _owed += passed;
        var target = clock.Now + _owed;
        MoveTo(clock, clock.NextDue is { } due && due < target ? due : target);
    }

    /// <summary>How long the wall's clock runs until the next timer is due; null when there is none.</summary>
    public TimeSpan? UntilNext(VirtualClock clock)
    {
        if (clock.NextDue is not { } due)
        {
            return null;
        }

        var wait = due - clock.Now - _owed;
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : LongestWait;
    }

    private void MoveTo(VirtualClock clock, DateTimeOffset instant)
    {
        if (instant > clock.Now)
        {
            _owed -= instant - clock.Now;
            clock.MoveTo(instant);
        }
    }
}
