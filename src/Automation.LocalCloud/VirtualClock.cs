namespace Automation.LocalCloud;

/// <summary>
/// The only source of time in the cloud. It moves when somebody moves it: by firing the next timer, or by an order to advance.
/// Not thread-safe by itself: it is used under the cloud's gate like all other state.
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

    /// <summary>Runs <paramref name="action"/> after everything that is due by now: the way one service hands something to another.</summary>
    public CloudTimer Soon(string description, Action action) => At(Now, TimerKind.Work, description, action);

    /// <summary>A timer that already fired, or null, is left alone.</summary>
    public void Cancel(CloudTimer? timer)
    {
        if (timer is not null)
        {
            _timers.Remove(timer);
        }
    }

    /// <summary>When the next timer is due; null when none is pending.</summary>
    internal DateTimeOffset? NextDue => _timers.Min?.Due;

    /// <summary>Raised when a timer was added.</summary>
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

    /// <summary>Lets time pass at once, while something is under way: what falls due meanwhile happens in its order.</summary>
    internal void Pass(TimeSpan time)
    {
        var until = Now + time;
        while (FireNext(until))
        {
            // Each call fires one timer.
        }

        MoveTo(until);
    }

    /// <summary>Time passes without an event; never past a pending timer.</summary>
    internal void MoveTo(DateTimeOffset instant)
    {
        if (instant > Now)
        {
            Now = instant;
        }
    }
}
