using System.Globalization;
using Automation.Core.Retention;
using CsCheck;

namespace Automation.Core.Tests.Retention;

public sealed class PruneScheduleTests
{
    private static readonly Gen<string> Name = Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789-"].Array[1, 40].Select(letters => new string(letters));
    private static readonly Gen<DateTimeOffset> Instant = Gen.Int[0, 400 * 24 * 60].Select(minutes => Sample.Noon.AddMinutes(minutes));

    // A change to these values would prune twice on one day, or not at all.
    [Theory]
    [InlineData("app", "23:56")]
    [InlineData("runtime", "16:01")]
    [InlineData("edge", "13:35")]
    [InlineData("held", "02:53")]
    public void TimeOf_NeverChanges(string image, string time) =>
        Assert.Equal(TimeSpan.Parse(time, CultureInfo.InvariantCulture), PruneSchedule.TimeOf(image));

    [Theory]
    [InlineData("2026-03-04T16:00:59Z", "prune-runtime_20260303")]
    [InlineData("2026-03-04T16:01:00Z", "prune-runtime_20260304")]
    [InlineData("2026-03-04T18:01:00+02:00", "prune-runtime_20260304")]
    [InlineData("2026-03-04T23:59:59Z", "prune-runtime_20260304")]
    [InlineData("2026-03-05T00:00:00Z", "prune-runtime_20260304")]
    [InlineData("2026-03-05T16:00:00Z", "prune-runtime_20260304")]
    [InlineData("2026-03-01T03:00:00Z", "prune-runtime_20260228")]
    [InlineData("2026-01-01T03:00:00Z", "prune-runtime_20251231")]
    public void Due_IsTheLastPastSlot(string now, string execution) =>
        Assert.Equal(execution, PruneSchedule.Due("runtime", DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)).ExecutionName);

    [Fact]
    public void Due_SaysFromWhichTime() =>
        Assert.Equal(new Reason(ReasonCode.Daily, "Each image is pruned once a day, this one after 16:01 UTC."),
            PruneSchedule.Due("runtime", Sample.Noon).Reason);

    /// <summary>However often the reconcile runs, if it runs at least once a day: each day has one prune, at the first run after its minute.</summary>
    [Fact]
    public void Visits_AtLeastOnceADay_StartOnePruneADayAtTheFirstVisitAfterItsMinute() =>
        Gen.Select(Name, Instant, Gen.Int[1, 24 * 60].Array[1, 60]).Sample((image, first, pauses) =>
        {
            var visits = new List<DateTimeOffset> { first };
            foreach (var pause in pauses)
            {
                visits.Add(visits[^1].AddMinutes(pause));
            }

            var started = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
            foreach (var visit in visits)
            {
                started.TryAdd(PruneSchedule.Due(image, visit).ExecutionName, visit);
            }

            var slots = 0;
            for (var slot = new DateTimeOffset(first.Date, TimeSpan.Zero) + PruneSchedule.TimeOf(image); slot <= visits[^1]; slot = slot.AddDays(1))
            {
                if (slot >= first)
                {
                    slots++;
                    Assert.Equal(visits.First(visit => visit >= slot), started[$"prune-{image}_{slot.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}"]);
                }
            }

            // The first visit also finds the previous slot.
            Assert.InRange(started.Count, slots, slots + 1);
        });

    [Fact]
    public void Fleet_IsSpreadOverTheDay()
    {
        var hours = Enumerable.Range(0, 1000).GroupBy(number => PruneSchedule.TimeOf($"image-{number}").Hours).ToList();

        Assert.Equal(24, hours.Count);
        Assert.All(hours, hour => Assert.InRange(hour.Count(), 20, 70));
    }
}
