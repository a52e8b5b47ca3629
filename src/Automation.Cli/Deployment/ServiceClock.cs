using System.Globalization;
using System.Net.Http.Headers;
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

    /// <summary>How far the service's clock is ahead of this machine's.</summary>
    public TimeSpan Ahead => _ahead;

    /// <summary>Whether the time is that of an embedded cloud, which may be months away.</summary>
    public bool IsVirtual { get; private set; }

    /// <summary>Sets the clock by every answer that the client gets.</summary>
    public void Follow(AmazonServiceClient client) => client.AfterResponseEvent += (_, answer) =>
    {
        if (answer is WebServiceResponseEventArgs { ResponseHeaders: { } headers })
        {
            Set(Find(headers, EmbeddedClock), Find(headers, "Date"));
        }
    };

    /// <summary>Sets the clock by one answer.</summary>
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
