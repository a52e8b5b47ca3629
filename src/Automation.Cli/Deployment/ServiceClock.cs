using System.Globalization;
using Amazon.Runtime;

namespace Automation.Cli.Deployment;

/// <summary>
/// The clock of the cloud that is spoken to, read off the <c>Date</c> of its answers. Decisions are made by it: the embedded cloud's
/// time is virtual and may be months away from this machine's.
/// </summary>
internal sealed class ServiceClock(TimeProvider local) : TimeProvider
{
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => local.GetUtcNow() + _ahead;

    /// <summary>Sets the clock by every answer that the client gets.</summary>
    public void Follow(AmazonServiceClient client) => client.AfterResponseEvent += (_, answer) =>
    {
        if (answer is WebServiceResponseEventArgs { ResponseHeaders: { } headers }
            && headers.FirstOrDefault(header => header.Key.Equals("Date", StringComparison.OrdinalIgnoreCase)).Value is { } date
            && DateTimeOffset.TryParseExact(date, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            _ahead = time - local.GetUtcNow();
        }
    };
}
