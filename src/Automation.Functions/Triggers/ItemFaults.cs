using Automation.Core;

namespace Automation.Functions.Triggers;

/// <summary>Collects the failures of some items while the others are processed, and reports all of them at the end as one error.</summary>
/// <param name="cancellation">The function's deadline, which leaves the remaining items to the next invocation.</param>
internal sealed class ItemFaults(CancellationToken cancellation)
{
    private readonly List<AutomationException> _faults = [];

    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Processes one item. Logs and collects any failure except the function's own deadline, so that the next item gets its turn.</summary>
    /// <returns>The failure; null on success.</returns>
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
    /// The error's type says what can help. A transient failure takes precedence over one that needs a person, and that over an invalid event:
    /// while a retry helps any item, the whole event is retried.
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

    // A call that its own time-out cancelled may succeed on a retry. Any other error is a bug, which would repeat.
    private static AutomationException Unexpected(Exception e) => e is OperationCanceledException or TimeoutException
        ? new TransientException($"A call took too long: {e.Message}", e)
        : new PermanentException($"Unexpected {e.GetType().Name}: {e.Message}", e);

    private T? First<T>()
        where T : AutomationException => _faults.OfType<T>().FirstOrDefault();
}
