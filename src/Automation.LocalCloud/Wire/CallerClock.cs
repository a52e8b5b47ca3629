using System.Globalization;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// The caller's clock, from <c>X-Amz-Date: 20260105T080000Z</c>. Time in the cloud is virtual, but tools compare times in responses with
/// their own clock: <c>Date</c> to detect that their clock is wrong (and retry), the expiry of credentials, and the
/// times of stack events. Such times follow the caller's clock.
/// </summary>
internal static class CallerClock
{
    /// <summary>The instant of the request, rounded up to the end of its second; null if the request has none.</summary>
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
