using System.Net;
using Microsoft.AspNetCore.Http;

namespace Automation.LocalCloud.Hosting;

/// <summary>The options of a hosted cloud.</summary>
public sealed record CloudHostOptions
{
    public CloudOptions Cloud { get; init; } = new();

    /// <summary>The port; 0 means any free port.</summary>
    public int Port { get; init; }

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The maximum size of a request body, in bytes.</summary>
    public long MaximumBody { get; init; } = new LoopbackOptions().MaximumBody;

    /// <summary>Held: time passes only on request. Null means the mode that the store was last used with, or auto.</summary>
    public ClockMode? Mode { get; init; }

    /// <summary>Whether the host moves the clock. If not, the caller does (<see cref="Engine.RunUntilIdleAsync"/>).</summary>
    public bool Drive { get; init; } = true;

    public ProcessHostOptions Processes { get; init; } = new();

    /// <summary>Answers requests that are not for the cloud, before the cloud reads them; it returns false for the others. Null means that all are for
    /// the cloud.</summary>
    public Func<HttpContext, Task<bool>>? Site { get; init; }

    /// <summary>Receives every entry of the journal from the first one, because a cloud with a store starts to work at once.</summary>
    public Action<JournalEntry>? Journal { get; init; }
}
