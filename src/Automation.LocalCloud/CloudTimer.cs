namespace Automation.LocalCloud;

/// <summary>A pending action on the virtual clock. Timers due at the same instant fire in the order of their creation.</summary>
public sealed class CloudTimer
{
    internal CloudTimer(DateTimeOffset due, long sequence, TimerKind kind, string description, Action action)
    {
        Due = due;
        Sequence = sequence;
        Kind = kind;
        Description = description;
        Action = action;
    }

    public DateTimeOffset Due { get; }

    public TimerKind Kind { get; }

    /// <summary>What the timer does, for the journal and for people who ask what the cloud is waiting for.</summary>
    public string Description { get; }

    internal long Sequence { get; }

    internal Action Action { get; }

    internal static Comparer<CloudTimer> SoonestFirst { get; } = Comparer<CloudTimer>.Create(
        (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Sequence.CompareTo(b.Sequence));
}
