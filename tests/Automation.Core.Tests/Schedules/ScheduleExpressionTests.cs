using System.Globalization;
using Automation.Core.Schedules;
using Automation.Schedules;

namespace Automation.Core.Tests.Schedules;

public sealed class ScheduleExpressionTests
{
    public static TheoryData<string, string, string[]> CronFields => [.. CronCases.Valid.Select(cron => (cron.Expression, cron.After, cron.Next))];

    public static TheoryData<string> InvalidCronFields => [.. CronCases.Invalid];

    [Theory]
    [MemberData(nameof(CronFields))]
    public void NextAfter_OfACron_IsAsTheEmbeddedCloudFires(string fields, string after, string[] next)
    {
        var schedule = ScheduleExpression.Parse($"cron({fields})");
        var slot = Time(after);
        foreach (var expected in next)
        {
            Assert.Equal(Time(expected), slot = schedule.NextAfter(slot!.Value, TimeZoneInfo.Utc));
        }

        Assert.Equal(next.Length == 0, schedule.NextAfter(Time(after)!.Value, TimeZoneInfo.Utc) is null);
    }

    [Theory]
    [MemberData(nameof(InvalidCronFields))]
    public void Read_InvalidCron_IsRefusedAsInTheEmbeddedCloud(string fields) => Assert.NotNull(ScheduleExpression.Read($"cron({fields})").Fault);

    // 2026-03-04 is a Wednesday.
    [Theory]
    [InlineData("cron(0 3 ? * SUN *)", "2026-03-01T03:00Z", "2026-03-08T03:00Z")]
    [InlineData("cron(0 3 ? * 1 *)", "2026-03-01T03:00Z", "2026-03-08T03:00Z")]
    [InlineData("cron(0/15 * ? * MON-FRI *)", "2026-03-04T12:00Z", "2026-03-04T12:15Z")]
    [InlineData("cron(0 0 ? * 2/2 *)", "2026-03-04T00:00Z", "2026-03-06T00:00Z")]
    [InlineData("cron(0 0 ? * FRI-MON *)", "2026-03-02T00:00Z", "2026-03-06T00:00Z")]
    [InlineData("cron(0 4 L * ? *)", "2026-02-28T04:00Z", "2026-03-31T04:00Z")]
    [InlineData("cron(0 4 15W * ? *)", "2026-02-16T04:00Z", "2026-03-16T04:00Z")]
    [InlineData("cron(0 4 ? * 6L *)", "2026-02-27T04:00Z", "2026-03-27T04:00Z")]
    [InlineData("cron(0 4 ? * FRI#2 *)", "2026-02-13T04:00Z", "2026-03-13T04:00Z")]
    [InlineData("cron(0 4 ? * L *)", "2026-02-28T04:00Z", "2026-03-07T04:00Z")]
    [InlineData("cron(0 4 1 JAN,JUL ? *)", "2026-01-01T04:00Z", "2026-07-01T04:00Z")]
    [InlineData("cron(0 4 1 1 ? 2024,2030)", "2024-01-01T04:00Z", "2030-01-01T04:00Z")]
    [InlineData("cron(0 4 1 1 ? 2020-2022)", "2022-01-01T04:00Z", null)]
    [InlineData("cron(0 4 1 1 ? 2030)", null, "2030-01-01T04:00Z")]
    [InlineData("rate(1 day)", "2026-03-04T00:00Z", "2026-03-05T00:00Z")]
    [InlineData("rate(12 hours)", "2026-03-04T12:00Z", "2026-03-05T00:00Z")]
    [InlineData("rate(5 minutes)", "2026-03-04T12:00Z", "2026-03-04T12:05Z")]
    public void Slots_AroundNoon(string text, string? last, string? next)
    {
        var schedule = ScheduleExpression.Parse(text);

        Assert.Equal(Time(last), schedule.LastAtOrBefore(Sample.Noon, TimeZoneInfo.Utc));
        Assert.Equal(Time(next), schedule.NextAfter(Sample.Noon, TimeZoneInfo.Utc));
    }

    [Fact]
    public void Slots_FollowTheTimeZoneEvenWhenClocksChange()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var schedule = ScheduleExpression.Parse("cron(30 2 * * ? *)");

        Assert.Equal(Time("2026-03-28T01:30Z"), schedule.LastAtOrBefore(Time("2026-03-28T12:00Z")!.Value, berlin));
        // 02:30 does not exist on the 29th, so the slot is at 03:00, when the clocks go forward.
        Assert.Equal(Time("2026-03-29T01:00Z"), schedule.NextAfter(Time("2026-03-28T12:00Z")!.Value, berlin));
        Assert.Equal(Time("2026-03-30T00:30Z"), schedule.NextAfter(Time("2026-03-29T12:00Z")!.Value, berlin));
    }

    // The last slot is due, and the next slot is announced. Both are the same slots, even when clocks go forward or back.
    [Theory]
    [InlineData("cron(30 2 * * ? *)", "Europe/Zurich", "2026-03-28T00:00Z")]
    [InlineData("cron(30 2 * * ? *)", "Europe/Zurich", "2026-10-24T00:00Z")]
    [InlineData("cron(0 2 * * ? *)", "America/New_York", "2026-03-07T00:00Z")]
    [InlineData("cron(30 1 * * ? *)", "America/New_York", "2026-10-31T00:00Z")]
    [InlineData("cron(0/15 * * * ? *)", "Europe/Zurich", "2026-03-28T00:00Z")]
    [InlineData("cron(0/15 * * * ? *)", "Europe/Zurich", "2026-10-24T00:00Z")]
    [InlineData("cron(0 0/2 * * ? *)", "Australia/Lord_Howe", "2026-10-03T00:00Z")]
    [InlineData("cron(0 0/2 * * ? *)", "Australia/Lord_Howe", "2026-04-04T00:00Z")]
    public void LastSlot_IsThePreviousNextSlotEvenWhenClocksChange(string text, string zoneName, string start)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var schedule = ScheduleExpression.Parse(text);
        var begin = Time(start)!.Value;
        var slots = new List<DateTimeOffset>();
        for (var slot = schedule.NextAfter(begin, zone); slot < begin.AddDays(3); slot = schedule.NextAfter(slot.Value, zone))
        {
            slots.Add(slot.Value);
        }

        for (var now = slots[0]; now < begin.AddDays(3); now = now.AddMinutes(5))
        {
            Assert.Equal(slots.FindLast(slot => slot <= now), schedule.LastAtOrBefore(now, zone));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("cron(60 3 ? * SUN *)")]
    [InlineData("cron(0 3 ? * SUN *) ")]
    [InlineData("0 3 * * *")]
    [InlineData("@daily")]
    [InlineData("rate(0 minutes)")]
    [InlineData("rate(1 minutes)")]
    [InlineData("rate(2 minute)")]
    [InlineData("rate(-2 hours)")]
    [InlineData("rate(1.5 hours)")]
    [InlineData("rate(2 weeks)")]
    [InlineData("at(2026-01-01T00:00:00)")]
    public void NotASchedule_IsRefusedWithTheReason(string text)
    {
        Assert.StartsWith($"'{text}' is not a schedule: ", ScheduleExpression.Read(text).Fault, StringComparison.Ordinal);
    }

    private static DateTimeOffset? Time(string? text) => text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
