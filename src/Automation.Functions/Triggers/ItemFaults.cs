using Automation.Core;

namespace Automation.Functions.Triggers;

/// <summary>What went wrong with some of several items while the others were done: reported at the end, as one error that names all.</summary>
/// <param name="cancellation">The function's time: when it is over, the rest is left to the next invocation.</param>
internal sealed class ItemFaults(CancellationToken cancellation)
{
    private readonly List<AutomationException> _faults = [];

    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Does the work of one item. Whatever fails but the function's own time is logged and kept, so that the next item has its turn.</summary>
    /// <returns>What failed; null: nothing.</returns>
    public async Task<AutomationException?> TryAsync(Action<string> log, Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            var fault = e as AutomationException ?? Unexpected(e);
            log(fault.Message);
            _faults.Add(fault);
            return fault;
        }
    }

    /// <summary>
    /// The error's type says what can be done about it, so what may pass by itself goes before what a person must put right, and that before
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

    // A call that was cancelled by its own time-out may succeed the next time. Anything else is a fault of ours, which repeats itself.
    private static AutomationException Unexpected(Exception e) => e is OperationCanceledException or TimeoutException
        ? new TransientException($"A call took too long: {e.Message}", e)
        : new PermanentException($"Unexpected {e.GetType().Name}: {e.Message}", e);

    private T? First<T>()
        where T : AutomationException => _faults.OfType<T>().FirstOrDefault();
}
