using System.Globalization;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;
using Automation.Schedules;
using Xunit;

namespace Automation.LocalCloud.Tests.EventBridge;

public sealed class ScheduleExpressionTests
{
    public static TheoryData<string, string, string[]> CronFields => [.. CronCases.Valid.Select(cron => (cron.Expression, cron.After, cron.Next))];

    public static TheoryData<string> InvalidCronFields => [.. CronCases.Invalid];

    [Theory]
    [MemberData(nameof(CronFields))]
    public void Next_Cron_AgreesWithCore(string fields, string after, string[] next)
    {
        var schedule = ScheduleExpression.Parse($"cron({fields})", TimeZoneInfo.Utc);
        var occurrence = Time(after);
        foreach (var expected in next)
        {
            Assert.Equal(Time(expected), schedule.Next(occurrence));
            occurrence = Time(expected);
        }

        Assert.Equal(next.Length == 0, schedule.Next(Time(after)) is null);
    }

    [Theory]
    [MemberData(nameof(InvalidCronFields))]
    public void Parse_InvalidCron_IsRefusedAsInCore(string fields) =>
        Assert.Throws<AwsException>(() => ScheduleExpression.Parse($"cron({fields})", TimeZoneInfo.Utc));

    [Theory]
    [InlineData("0 0 * * ? *", "2026-01-05T08:00:00Z", "2026-01-06T00:00:00Z")]
    [InlineData("rate(5 minutes)", "2026-01-05T08:00:00Z", "2026-01-05T08:05:00Z")]
    [InlineData("rate(1 hours)", "2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z")]
    [InlineData("rate(7 days)", "2026-01-05T08:00:00Z", "2026-01-12T08:00:00Z")]
    [InlineData("at(2026-01-05T08:00:01)", "2026-01-05T08:00:00Z", "2026-01-05T08:00:01Z")]
    public void Next_InUtc_IsTheNextOccurrence(string expression, string after, string next) =>
        Assert.Equal(Time(next), ScheduleExpression.Parse(expression, TimeZoneInfo.Utc).Next(Time(after)));

    [Theory]
    [InlineData("at(2026-01-05T08:00:00)", "2026-01-05T08:00:00Z")]
    public void Next_NoMoreOccurrences_IsNull(string expression, string after) =>
        Assert.Null(ScheduleExpression.Parse(expression, TimeZoneInfo.Utc).Next(Time(after)));

    // Clocks in Berlin: 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00.
    [Theory]
    [InlineData("cron(30 2 * * ? *)", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z")]
    [InlineData("cron(30 2 * * ? *)", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("cron(30 2 * * ? *)", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("cron(0 * * * ? *)", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z")]
    [InlineData("cron(0 9 * * ? *)", "2026-03-28T12:00:00Z", "2026-03-29T07:00:00Z")]
    [InlineData("cron(0 9 * * ? *)", "2026-10-24T12:00:00Z", "2026-10-25T08:00:00Z")]
    [InlineData("at(2026-07-01T12:00:00)", "2026-01-01T00:00:00Z", "2026-07-01T10:00:00Z")]
    [InlineData("at(2026-03-29T02:30:00)", "2026-01-01T00:00:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("rate(1 day)", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z")]
    public void Next_AroundClockChanges_SkipsMissingTimesAndDoesNotRepeat(string expression, string after, string next) =>
        Assert.Equal(Time(next), ScheduleExpression.Parse(expression, ScheduleExpression.Zone("Europe/Berlin")).Next(Time(after)));

    [Fact]
    public void Next_RateWithAnAnchor_CountsFromTheAnchor()
    {
        var rate = ScheduleExpression.Parse("rate(30 minutes)", TimeZoneInfo.Utc);
        var anchor = Time("2026-01-05T08:10:00Z");
        Assert.Equal(anchor, rate.Next(anchor.AddTicks(-1), anchor));
        Assert.Equal(anchor.AddMinutes(30), rate.Next(anchor, anchor));
        Assert.Equal(anchor.AddMinutes(90), rate.Next(anchor.AddMinutes(61), anchor));
    }

    [Theory]
    [InlineData("rate(0 minutes)")]
    [InlineData("rate(-1 minutes)")]
    [InlineData("rate(1.5 hours)")]
    [InlineData("rate(5 weeks)")]
    [InlineData("rate(minutes)")]
    [InlineData("rate( 10 minutes )")]
    [InlineData(" rate(10 minutes)")]
    [InlineData("rate(10 MINUTES)")]
    [InlineData("at(2026-01-05)")]
    [InlineData("at(2026-01-05T08:00:00Z)")]
    [InlineData("every day")]
    [InlineData("")]
    public void Parse_NotAnExpression_IsRefused(string expression)
    {
        var error = Assert.Throws<AwsException>(() => ScheduleExpression.Parse(expression, TimeZoneInfo.Utc));
        Assert.Equal("ValidationException", error.Code);
    }

    [Fact]
    public void Zone_ThatDoesNotExist_IsRefused() => Assert.Throws<AwsException>(() => ScheduleExpression.Zone("Mars/Olympus_Mons"));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
