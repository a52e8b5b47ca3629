namespace Automation.LocalCloud.Hosting;

/// <summary>The options for processes of functions.</summary>
public sealed record ProcessHostOptions
{
    /// <summary>The maximum number of processes of one function; further invocations wait.</summary>
    public int MaximumProcesses { get; init; } = 4;

    /// <summary>
    /// The real time from start to first poll. Lambda allows 10 seconds, and then a second attempt within the function's timeout. A busy
    /// developer machine gets the sum of both.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
