namespace Automation.LocalCloud.Hosting;

/// <summary>How processes are run.</summary>
public sealed record ProcessHostOptions
{
    /// <summary>Most processes of one function at a time; further invocations queue.</summary>
    public int MaximumProcesses { get; init; } = 4;

    /// <summary>
    /// Real time from start to first poll. Lambda gives 10 seconds and then once more within the function's time-out; a busy
    /// developer machine gets that in one go.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
