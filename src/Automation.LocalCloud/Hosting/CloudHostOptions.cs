using System.Net;

namespace Automation.LocalCloud.Hosting;

/// <summary>How a cloud is hosted.</summary>
public sealed record CloudHostOptions
{
    public CloudOptions Cloud { get; init; } = new();

    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; }

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>In bytes.</summary>
    public long MaximumBody { get; init; } = new LoopbackOptions().MaximumBody;

    /// <summary>Held: time passes only when it is told to. Null: as it was when the store was used before, else auto.</summary>
    public ClockMode? Mode { get; init; }

    /// <summary>False: nothing happens by itself, the caller drives (<see cref="LocalCloud.Cloud.RunUntilIdleAsync"/>); for tests.</summary>
    public bool Drive { get; init; } = true;

    public ProcessHostOptions Processes { get; init; } = new();

    /// <summary>Receives every entry of the journal from the first one on: a cloud with a store goes on at once.</summary>
    public Action<JournalEntry>? Journal { get; init; }
}
