using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Core.Builds;

namespace Automation.Core.Retention;

/// <summary>An image's daily prune.</summary>
/// <param name="ExecutionName"><c>prune-app_20260131</c>: of several starts for one day, Step Functions takes the first.</param>
public sealed record PruneOrder(string ExecutionName, Reason Reason);

/// <summary>
/// Each image is pruned once a day, from a minute on that is its own: a fleet of hundreds would otherwise start all of them at midnight
/// and be throttled for an hour.
/// </summary>
public static class PruneSchedule
{
    private const int MinutesPerDay = 24 * 60;

    /// <summary>The minute of the day (UTC) from which on the image is pruned. Made from the name, so it is the same everywhere and always.</summary>
    public static TimeSpan TimeOf(string image) =>
        TimeSpan.FromMinutes(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(image))) % MinutesPerDay);

    /// <summary>
    /// The prune that was due last. Whoever comes by at least once a day starts each day's, if late: who comes at 08:00 only starts that
    /// of an image whose minute is 20:00 on the next morning, under the name of the day it was due.
    /// </summary>
    public static PruneOrder Due(string image, DateTimeOffset now)
    {
        var time = TimeOf(image);
        var day = DateOnly.FromDateTime((now - time).UtcDateTime);
        return new PruneOrder(
            ExecutionNames.Of("prune", image, day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)),
            new Reason(ReasonCode.Daily, $"Each image is pruned once a day, this one from {time.ToString("hh\\:mm", CultureInfo.InvariantCulture)} UTC on."));
    }
}
