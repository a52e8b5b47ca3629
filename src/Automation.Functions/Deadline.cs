using Amazon.Lambda.Core;
using Automation.Core;

namespace Automation.Functions;

/// <summary>Cancels a function's work shortly before its time is over, so that it can still answer.</summary>
internal static class Deadline
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    /// <summary>The longest time of any invocation, whatever a local runtime reports.
    /// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <exception cref="TransientException">The time is over. The work may run again from the start, as after a time-out of Lambda itself.</exception>
    public static async Task<T> RunAsync<T>(ILambdaContext context, Func<CancellationToken, Task<T>> work)
    {
        // AWS's Lambda test tool gives no deadline, which the runtime client reads as 1970. No invocation is that late.
        var remaining = context.RemainingTime;
        var left = remaining > Longest || remaining < -Longest ? Longest : remaining - Reserve;

        // A context with its own time provides the clock, so that tests do not wait.
        using var end = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(1), context as TimeProvider ?? TimeProvider.System);
        try
        {
            return await work(end.Token);
        }
        catch (OperationCanceledException e) when (end.IsCancellationRequested)
        {
            throw new TransientException("The function ran out of time before it finished.", e);
        }
    }
}
