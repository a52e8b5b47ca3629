using Automation.Core;

namespace Automation.Functions.Triggers;

/// <summary>What went wrong with some of several items while the others were done: reported at the end, as one error that names all.</summary>
internal sealed class ItemFaults
{
    private readonly List<AutomationException> _faults = [];

    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Does the work of one item; a failure of ours is logged and kept, so that the next item has its turn.</summary>
    public async Task TryAsync(Action<string> log, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (AutomationException fault)
        {
            log(fault.Message);
            _faults.Add(fault);
        }
    }

    /// <summary>
    /// The error's type says what can be done about it, so what may pass by itself goes before what a person must mend, and that before
    /// what was sent wrongly: as long as trying again helps any item, the whole is to be tried again.
    /// </summary>
    public void ThrowIfAny()
    {
        switch (_faults)
        {
            case []:
                return;
            case [var only]:
                throw only;
            default:
                var message = string.Join(" ", _faults.Select(fault => fault.Message).Distinct(StringComparer.Ordinal));
                throw First<TransientException>() is { } transient ? new TransientException(message, transient)
                    : First<QuotaExceededException>() is { } quota ? new QuotaExceededException(message, quota)
                    : _faults.Find(fault => fault is not InvalidEventException) is { } permanent ? new PermanentException(message, permanent)
                    : new InvalidEventException(message, _faults[0]);
        }
    }

    private T? First<T>()
        where T : AutomationException => _faults.OfType<T>().FirstOrDefault();
}
