using System.Net;

namespace Automation.LocalCloud.Hosting;

/// <summary>Where the cloud listens.</summary>
public sealed record LoopbackOptions
{
    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; }

    /// <summary>Requests are not authenticated, so anything but the loopback address opens the cloud to the network.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>A larger request body (an image layer) is answered with 413.</summary>
    public long MaximumBody { get; init; } = 512L * 1024 * 1024;
}
