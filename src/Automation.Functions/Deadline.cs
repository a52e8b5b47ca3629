using Amazon.Lambda.Core;

namespace Automation.Functions;

/// <summary>The time a function has left, as a cancellation that comes early enough to still answer.</summary>
internal static class Deadline
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    public static CancellationTokenSource Of(ILambdaContext context)
    {
        var left = context.RemainingTime - Reserve;
        return left > TimeSpan.Zero ? new CancellationTokenSource(left) : new CancellationTokenSource(TimeSpan.FromSeconds(1));
    }
}
