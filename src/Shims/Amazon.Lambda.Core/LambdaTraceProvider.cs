namespace Amazon.Lambda.Core;

/// <summary>The X-Ray trace header of the current invocation, for code without an <see cref="ILambdaContext"/>.</summary>
#pragma warning disable CA1052 // the official class is neither static nor sealed
public class LambdaTraceProvider
#pragma warning restore CA1052
{
    /// <summary>The value of <c>_X_AMZN_TRACE_ID</c>, which the runtime client sets before each invocation; null if it is not set.</summary>
    public static string CurrentTraceId => Environment.GetEnvironmentVariable("_X_AMZN_TRACE_ID");
}
