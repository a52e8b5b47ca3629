namespace Automation.LocalCloud;

/// <summary>
/// The only source of time in the cloud. Time moves only when the next timer fires or when a caller advances it.
/// The class is not thread-safe: like all other state it is used under the cloud's gate.
/// </summary>
public sealed class VirtualClock(DateTimeOffset start)
{
    private readonly SortedSet<CloudTimer> _timers = new(CloudTimer.SoonestFirst);
    private long _sequence;

    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>Pending timers, soonest first.</summary>
    public IReadOnlyCollection<CloudTimer> Timers => _timers;

    /// <summary>Runs <paramref name="action"/> when the clock reaches <paramref name="due"/>; a past instant means now.</summary>
    public CloudTimer At(DateTimeOffset due, TimerKind kind, string description, Action action)
    {
        var timer = new CloudTimer(due < Now ? Now : due, ++_sequence, kind, description, action);
        _timers.Add(timer);
        Changed?.Invoke();
        return timer;
    }

    public CloudTimer After(TimeSpan delay, TimerKind kind, string description, Action action) => At(Now + delay, kind, description, action);

    /// <summary>Runs <paramref name="action"/> after everything that is due now. Services use it to hand work to each other.</summary>
    public CloudTimer Soon(string description, Action action) => At(Now, TimerKind.Work, description, action);

    /// <summary>Cancels a timer. Null, or a timer that has already fired, is ignored.</summary>
    public void Cancel(CloudTimer? timer)
    {
        if (timer is not null)
        {
            _timers.Remove(timer);
        }
    }

    /// <summary>When the next timer is due; null if none is pending.</summary>
    internal DateTimeOffset? NextDue => _timers.Min?.Due;

    /// <summary>Raised after a timer was added.</summary>
    internal event Action? Changed;

    internal bool HasWork(DateTimeOffset until) => _timers.Any(timer => timer.Kind == TimerKind.Work && timer.Due <= until);

    /// <summary>Moves to the next timer that is due by <paramref name="until"/> and fires it.</summary>
    internal bool FireNext(DateTimeOffset until)
    {
        if (_timers.Min is not { } next || next.Due > until)
        {
            return false;
        }

        _timers.Remove(next);
        Now = next.Due > Now ? next.Due : Now;
        next.Action();
        return true;
    }

    /// <summary>Advances time at once, during an operation. Timers that become due fire in order.</summary>
    internal void Pass(TimeSpan time)
    {
        var until = Now + time;
        while (FireNext(until))
        {
            // Each call fires one timer.
        }

        MoveTo(until);
    }

    /// <summary>Advances time without firing a timer; never past a pending one.</summary>
    internal void MoveTo(DateTimeOffset instant)
    {
        if (instant > Now)
        {
            Now = instant;
        }
    }
}
