namespace Amazon.Lambda.Core;

/// <summary>The X-Ray trace header of the invocation in progress, for code without an <see cref="ILambdaContext"/>.</summary>
#pragma warning disable CA1052 // the official class is neither static nor sealed
public class LambdaTraceProvider
#pragma warning restore CA1052
{
    /// <summary>Value of <c>_X_AMZN_TRACE_ID</c>, which the runtime client sets before each invocation; null without one.</summary>
    public static string CurrentTraceId => Environment.GetEnvironmentVariable("_X_AMZN_TRACE_ID");
}
