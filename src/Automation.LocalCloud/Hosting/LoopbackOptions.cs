using System.Net;
using Microsoft.AspNetCore.Http;

namespace Automation.LocalCloud.Hosting;

/// <summary>The options of the listener.</summary>
public sealed record LoopbackOptions
{
    /// <summary>The port; 0 means any free port.</summary>
    public int Port { get; init; }

    /// <summary>Requests are not authenticated, so anything but the loopback address opens the cloud to the network.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <inheritdoc cref="CloudHostOptions.Site"/>
    public Func<HttpContext, Task<bool>>? Site { get; init; }

    /// <summary>The maximum size of a request body (an image layer); a larger one gets status 413.</summary>
    public long MaximumBody { get; init; } = 512L * 1024 * 1024;
}
