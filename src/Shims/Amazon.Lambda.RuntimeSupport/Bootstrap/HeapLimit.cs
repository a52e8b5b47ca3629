using System.Globalization;

namespace Amazon.Lambda.RuntimeSupport.Bootstrap;

/// <summary>
/// Tells the garbage collector how much memory the function has, so that it collects before Lambda kills the environment.
/// </summary>
internal static class HeapLimit
{
    private const string DisableVariable = "AWS_LAMBDA_DOTNET_DISABLE_MEMORY_LIMIT_CHECK";

    public static void Apply(LambdaEnvironment environment)
    {
        if (BytesFor(environment, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) is not { } limit)
        {
            return;
        }

        AppContext.SetData("GCHeapHardLimit", limit);
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException)
        {
            // The process already uses more than the limit. The function runs without one, rather than not at all.
        }
    }

    /// <summary>The limit to set. Null if the check is switched off, the size is unknown, or the process has less memory anyway.</summary>
    public static ulong? BytesFor(LambdaEnvironment environment, long available)
    {
        if (string.Equals(environment.Get(DisableVariable), "true", StringComparison.OrdinalIgnoreCase)
            || !ulong.TryParse(environment.FunctionMemorySize, NumberStyles.None, CultureInfo.InvariantCulture, out var megabytes)
            || megabytes == 0)
        {
            return null;
        }

        var limit = megabytes * 1024 * 1024;
        return (ulong)available < limit ? null : limit;
    }
}
