using System.Runtime.InteropServices;

namespace Automation.LocalCloud.Hosting;

/// <summary>A running cloud: the cloud, its functions as processes, its port, and the loop that drives it.</summary>
public sealed class CloudHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<IDisposable> _signals = [];
    private Task _drive = Task.CompletedTask;
    private LoopbackHost? _loopback;
    private bool _disposed;

    private CloudHost(CloudHostOptions options)
    {
        Functions = new ProcessFunctionHost(options.Processes);
        Cloud = new Cloud(options.Cloud, Functions);
        Cloud.Mode = options.Mode ?? Cloud.Mode;
        Cloud.Journal.Written += options.Journal;
        Cloud.Faults.CrashCaller = Functions.Crash;
        Control = new ControlEndpoint(Cloud)
        {
            SetFindings = Cloud.Ecr.SetFindings,
            SetUpstreams = Cloud.Ecr.SetUpstreams,
            SetManagedImages = Cloud.ImageBuilder.SetManagedImages,
            SetPods = Cloud.Inspector.SetPods,
            SetOutcome = Cloud.ImageBuilder.Outcomes.Apply
        };
    }

    /// <summary>Such as <c>http://127.0.0.1:4566</c>: where clients on this machine reach the cloud, even if it listens on every address.</summary>
    public Uri Endpoint => Local(_loopback!.Endpoint);

    public Cloud Cloud { get; }

    public ProcessFunctionHost Functions { get; }

    public ControlEndpoint Control { get; }

    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<CloudHost> StartAsync(CloudHostOptions options, CancellationToken cancellationToken = default)
    {
        var host = new CloudHost(options);
        try
        {
            host._loopback = await LoopbackHost.StartAsync(
                host.Cloud,
                new LoopbackOptions { Port = options.Port, Address = options.Address, MaximumBody = options.MaximumBody, Site = options.Site },
                host.Functions,
                host.Control,
                cancellationToken);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        host.Functions.Endpoint = host.Endpoint;
        host.KillChildrenOnSignals();
        if (options.Drive)
        {
            host._drive = Task.Run(() => host.Cloud.RunAsync(host._end.Token, TimeProvider.System), CancellationToken.None);
        }

        return host;
    }

    /// <summary>Ends the loop, every process and the port, in this order.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _end.CancelAsync();
        try
        {
            await _drive;
        }
        catch (OperationCanceledException)
        {
            // Cancelled by the call above.
        }

        await Functions.DisposeAsync();
        if (_loopback is not null)
        {
            await _loopback.DisposeAsync();
        }

        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        Cloud.Dispose();
        _end.Dispose();
    }

    /// <summary>
    /// Functions must not outlive this process if it ends without disposing the host. The signal still ends the process. The loop ends
    /// first, so a function that ends with the cloud has not failed; the next cloud on the store invokes it again.
    /// </summary>
    private void KillChildrenOnSignals()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, _ =>
            {
                _end.Cancel();
                Functions.KillAll();
            }));
        }
    }

    // 0.0.0.0 and [::] stand for every address; not every client can connect to them.
    private static Uri Local(Uri endpoint) => endpoint.Host is "0.0.0.0" or "[::]"
        ? new UriBuilder(endpoint) { Host = "127.0.0.1" }.Uri
        : endpoint;
}
