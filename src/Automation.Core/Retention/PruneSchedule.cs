using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Core.Builds;

namespace Automation.Core.Retention;

/// <summary>
/// Schedules one prune per image and day, at a minute that depends on the image. A fleet of hundreds would otherwise start all of them at midnight
/// and be throttled for an hour.
/// </summary>
public static class PruneSchedule
{
    private const int MinutesPerDay = 24 * 60;

    /// <summary>The minute of the day (UTC) when the image's prune becomes due. It is derived from the name, so it never changes.</summary>
    public static TimeSpan TimeOf(string image) =>
        TimeSpan.FromMinutes(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(image))) % MinutesPerDay);

    /// <summary>
    /// The last prune that became due. A caller that runs at least once a day starts each day's prune, possibly late: if it runs only at 08:00, it
    /// starts the prune of an image with minute 20:00 on the next morning, under the name of the day when it became due.
    /// </summary>
    public static PruneOrder Due(string image, DateTimeOffset now)
    {
        var time = TimeOf(image);
        var day = DateOnly.FromDateTime((now - time).UtcDateTime);
        return new PruneOrder(
            ExecutionNames.Of("prune", image, day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)),
            new Reason(ReasonCode.Daily, $"Each image is pruned once a day, this one after {time.ToString("hh\\:mm", CultureInfo.InvariantCulture)} UTC."));
    }
}
