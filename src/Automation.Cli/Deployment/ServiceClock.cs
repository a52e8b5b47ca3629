using System.Globalization;
using System.Net.Http.Headers;
using Amazon.Runtime;

namespace Automation.Cli.Deployment;

/// <summary>
/// The clock of the target cloud, read from its responses. The embedded cloud sends its virtual time, which may be months away
/// from this machine's, in its own header; AWS sends <c>Date</c>. Decisions use this clock.
/// </summary>
internal sealed class ServiceClock(TimeProvider local) : TimeProvider
{
    private const string EmbeddedClock = "x-automation-clock";

    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => local.GetUtcNow() + _ahead;

    /// <summary>How far the service's clock is ahead of this machine's.</summary>
    public TimeSpan Ahead => _ahead;

    /// <summary>Whether the time is that of an embedded cloud, which may be months away.</summary>
    public bool IsVirtual { get; private set; }

    /// <summary>Sets the clock from every response that the client gets.</summary>
    public void Follow(AmazonServiceClient client) => client.AfterResponseEvent += (_, answer) =>
    {
        if (answer is WebServiceResponseEventArgs { ResponseHeaders: { } headers })
        {
            Set(Find(headers, EmbeddedClock), Find(headers, "Date"));
        }
    };

    /// <summary>Sets the clock from one response.</summary>
    public void Follow(HttpResponseHeaders headers) =>
        Set(headers.TryGetValues(EmbeddedClock, out var values) ? values.First() : null, headers.Date?.ToString("R", CultureInfo.InvariantCulture));

    private void Set(string? embedded, string? date)
    {
        if (DateTimeOffset.TryParseExact(embedded ?? date, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            IsVirtual = embedded is not null;
            _ahead = time - local.GetUtcNow();
        }
    }

    private static string? Find(IDictionary<string, string> headers, string name) =>
        headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
