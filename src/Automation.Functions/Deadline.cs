using Amazon.Lambda.Core;
using Automation.Core;

namespace Automation.Functions;

/// <summary>The time a function has left, as a cancellation that comes early enough to still answer.</summary>
internal static class Deadline
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    /// <summary>No invocation gets more, whatever a local runtime says. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <exception cref="TransientException">The time is over. The work may be run again from its start, as after a time-out of Lambda itself.</exception>
    public static async Task<T> RunAsync<T>(ILambdaContext context, Func<CancellationToken, Task<T>> work)
    {
        // AWS's Lambda test tool says no deadline, which the runtime client takes for 1970: no invocation is that late.
        var remaining = context.RemainingTime;
        var left = remaining > Longest || remaining < -Longest ? Longest : remaining - Reserve;

        // A context that has its own time measures by it, so that tests wait for nothing.
        using var end = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(1), context as TimeProvider ?? TimeProvider.System);
        try
        {
            return await work(end.Token);
        }
        catch (OperationCanceledException e) when (end.IsCancellationRequested)
        {
            throw new TransientException("The function ran out of time before it was done.", e);
        }
    }
}
