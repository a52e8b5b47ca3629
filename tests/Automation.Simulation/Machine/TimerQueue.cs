namespace Automation.Simulation.Machine;

internal enum TimerKind
{
    /// <summary>Something is in progress: a state, a build, a delivery.</summary>
    Work,

    /// <summary>Happens only if nothing else comes first, such as the end of an execution's lifetime.</summary>
    Patient,
}

/// <summary>Virtual time and the pending items. Items of one instant run in the order in which they were added.</summary>
internal sealed class TimerQueue(DateTimeOffset start)
{
    private readonly PriorityQueue<(TimerKind Kind, Action Action), (long Ticks, long Number)> _items = new();
    private long _number;

    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>The number of items that have run.</summary>
    public long Turn { get; private set; }

    public int Working { get; private set; }

    public void Add(DateTimeOffset due, TimerKind kind, Action action)
    {
        Working += kind == TimerKind.Work ? 1 : 0;
        _items.Enqueue((kind, action), ((due < Now ? Now : due).UtcTicks, ++_number));
    }

    /// <summary>Runs the next item.</summary>
    /// <param name="limit">Later items do not run; time then stops at the limit.</param>
    /// <returns>False if no item was due.</returns>
    public bool Next(DateTimeOffset limit)
    {
        if (!_items.TryPeek(out var next, out var at) || at.Ticks > limit.UtcTicks)
        {
            Now = limit > Now ? limit : Now;
            return false;
        }

        _items.Dequeue();
        Working -= next.Kind == TimerKind.Work ? 1 : 0;
        Now = new DateTimeOffset(at.Ticks, TimeSpan.Zero);
        Turn++;
        next.Action();
        return true;
    }

    /// <summary>Runs until nothing is in progress any more.</summary>
    public void RunUntilIdle(DateTimeOffset limit)
    {
        while (Working > 0 && Next(limit))
        {
        }
    }

    public void RunUntil(DateTimeOffset limit)
    {
        while (Next(limit))
        {
        }
    }
}
