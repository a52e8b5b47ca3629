using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;

namespace Automation.Conformance;

/// <summary>
/// Compares when seeded cron expressions fire, here in Core and in the embedded cloud, with npm's <c>aws-cron-parser</c>, an independent implementation.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "Repeatable expressions, no secrets")]
public sealed class CronOracleTests
{
    private const int Cases = 1000;

    private static readonly string[] Minutes = ["0", "15", "0/15", "5,35", "10-12", "*", "59"];
    private static readonly string[] Hours = ["0", "8", "0/6", "8-17", "6,18", "*", "23"];
    // Days 29 to 31 are left out, because aws-cron-parser continues into the next month after a short one.
    private static readonly string[] Days = ["1", "15", "28", "L", "1/9", "1,20", "10-12", "15W", "1W", "*"];
    private static readonly string[] Months = ["*", "1", "FEB", "1/3", "6-8", "MAR,SEP"];
    private static readonly string[] Weekdays = ["1", "MON", "MON-FRI", "2,4", "6L", "2#1", "6#3", "SAT"];
    private static readonly string[] Years = ["*", "2026-2030", "2027", "2026/2"];

    [Fact]
    public async Task SeededExpressions_FireWhenTheOracleSays()
    {
        var random = new Random(26);
        var cases = Enumerable.Range(0, Cases)
            .Select(_ => (Expression: Expression(random), After: new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(700_000))))
            .ToList();

        var theirs = (await Node.RunAsync("cron.mjs", Node.Oracles, new JsonArray([.. cases.Select(each => (JsonNode)new JsonObject
        {
            ["expression"] = each.Expression,
            ["after"] = each.After.ToString("O", CultureInfo.InvariantCulture),
        })]))).AsArray();

        var differences = new List<string>();
        foreach (var ((expression, after), times) in cases.Zip(theirs))
        {
            var expected = times!.AsArray().Select(time => DateTimeOffset.Parse(time!.ToString(), CultureInfo.InvariantCulture)).ToList();
            foreach (var (who, own) in new[] { ("the cloud", Cloud(expression, after)), ("Core", Core(expression, after)) })
            {
                if (!own.Take(expected.Count).SequenceEqual(expected))
                {
                    differences.Add(
                        $"{expression} after {after:u}: {who} {string.Join(", ", own.Select(time => $"{time:u}"))}; there {string.Join(", ", expected.Select(time => $"{time:u}"))}");
                }
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differ:\n{string.Join('\n', differences.Take(20))}");
        Assert.True(theirs.Count(times => times!.AsArray().Count == 4) > Cases / 2, "Few expressions fire at all.");
    }

    private static List<DateTimeOffset> Cloud(string expression, DateTimeOffset after)
    {
        var schedule = ScheduleExpression.Parse($"cron({expression})", TimeZoneInfo.Utc);
        return Next(after, at => schedule.Next(at));
    }

    private static List<DateTimeOffset> Core(string expression, DateTimeOffset after)
    {
        var (schedule, _) = Automation.Core.Schedules.ScheduleExpression.Read($"cron({expression})");
        return Next(after, at => schedule!.NextAfter(at, TimeZoneInfo.Utc));
    }

    private static List<DateTimeOffset> Next(DateTimeOffset after, Func<DateTimeOffset, DateTimeOffset?> next)
    {
        var found = new List<DateTimeOffset>();
        for (var at = next(after); at is { } time && found.Count < 4; at = next(time))
        {
            found.Add(time);
        }

        return found;
    }

    private static string Expression(Random random)
    {
        var isWeekday = random.Next(2) == 0;
        string One(string[] all) => all[random.Next(all.Length)];
        return $"{One(Minutes)} {One(Hours)} {(isWeekday ? "?" : One(Days))} {One(Months)} {(isWeekday ? One(Weekdays) : "?")} {One(Years)}";
    }
}
