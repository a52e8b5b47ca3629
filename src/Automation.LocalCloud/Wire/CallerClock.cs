using System.Globalization;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// The clock of whoever calls, from <c>X-Amz-Date: 20260105T080000Z</c>. Time in the cloud is virtual, and tools compare what they are
/// told with their own clock: an answer's <c>Date</c> to find out that theirs is wrong (and try again), the expiry of credentials, the
/// times of stack events. Such times are told in the caller's time.
/// </summary>
internal static class CallerClock
{
    /// <summary>The instant of the request, rounded up to the end of its second; null for a request without one.</summary>
    public static DateTimeOffset? Of(WireRequest request) =>
        DateTimeOffset.TryParseExact(
            request.Header("x-amz-date") ?? QueryText.Parse(request.Query).GetValueOrDefault("X-Amz-Date"),
            "yyyyMMdd'T'HHmmss'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time.AddMilliseconds(999)
            : null;
}
