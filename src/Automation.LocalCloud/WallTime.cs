namespace Automation.LocalCloud;

/// <summary>
/// In auto mode the clock of a driven cloud follows the wall clock: the same time passes on both. Jumps to work come in addition.
/// The clock moves by whole milliseconds, like the times of services. Used under the cloud's gate.
/// </summary>
internal sealed class WallTime(TimeProvider provider)
{
    // A platform timer can wait at most some weeks.
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    private long _mark = provider.GetTimestamp();

    /// <summary>The wall time that has not passed here yet, because a timer is due first.</summary>
    private TimeSpan _pending;

    public TimeProvider Provider => provider;

    /// <summary>Advances the clock by the elapsed wall time, up to the next timer. Wall time does not count while the clock is held.</summary>
    public void Follow(VirtualClock clock, ClockMode mode)
    {
        var passed = TimeSpan.FromMilliseconds(Math.Floor(provider.GetElapsedTime(_mark).TotalMilliseconds));
        _mark += (long)passed.TotalMilliseconds * provider.TimestampFrequency / 1000;
        if (mode == ClockMode.Held)
        {
            _pending = TimeSpan.Zero;
            return;
        }

        _pending += passed;
        var target = clock.Now + _pending;
        MoveTo(clock, clock.NextDue is { } due && due < target ? due : target);
    }

    /// <summary>How much wall time passes until the next timer is due; null if there is none.</summary>
    public TimeSpan? UntilNext(VirtualClock clock)
    {
        if (clock.NextDue is not { } due)
        {
            return null;
        }

        var wait = due - clock.Now - _pending;
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < MaxWait ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : MaxWait;
    }

    private void MoveTo(VirtualClock clock, DateTimeOffset instant)
    {
        if (instant > clock.Now)
        {
            _pending -= instant - clock.Now;
            clock.MoveTo(instant);
        }
    }
}
