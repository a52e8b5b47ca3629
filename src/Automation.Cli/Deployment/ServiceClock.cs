using System.Globalization;
using Amazon.Runtime;

namespace Automation.Cli.Deployment;

/// <summary>
/// The clock of the cloud that is spoken to, read off its answers: the embedded cloud tells its virtual time, which may be months away
/// from this machine's, in a header of its own; AWS has <c>Date</c>. Decisions are made by it.
/// </summary>
internal sealed class ServiceClock(TimeProvider local) : TimeProvider
{
    private const string EmbeddedClock = "x-automation-clock";

    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => local.GetUtcNow() + _ahead;

    /// <summary>Sets the clock by every answer that the client gets.</summary>
    public void Follow(AmazonServiceClient client) => client.AfterResponseEvent += (_, answer) =>
    {
        if (answer is WebServiceResponseEventArgs { ResponseHeaders: { } headers }
            && (Find(headers, EmbeddedClock) ?? Find(headers, "Date")) is { } date
            && DateTimeOffset.TryParseExact(date, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            _ahead = time - local.GetUtcNow();
        }
    };

    private static string? Find(IDictionary<string, string> headers, string name) =>
        headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
