using System.Runtime.InteropServices;

namespace Amazon.Lambda.RuntimeSupport.Bootstrap;

/// <summary>Turns SIGTERM into a cancellation, so that the process returns from Main with exit code 0.</summary>
internal static class TerminationSignal
{
    public static IDisposable Cancels(CancellationTokenSource source) =>
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The loop ended at the same moment.
            }
        });
}
