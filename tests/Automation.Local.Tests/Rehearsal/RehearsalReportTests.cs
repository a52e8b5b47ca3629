using Automation.Local.Rehearsal;

namespace Automation.Local.Tests.Rehearsal;

public sealed class RehearsalReportTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 7, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Lines_AreInTheOrderOfTime_AlsoIfTheSameHappensAgainLater()
    {
        var lines = RehearsalReport.Lines([Build("jdk", 1), Build("shop", 2), Build("jdk", 3), Build("shop", 4)]);

        Assert.Equal(["jdk 1", "shop 2", "jdk 3", "shop 4"], lines.Select(Text));
    }

    [Fact]
    public void Lines_ManyAlikeOnOneDay_AreOneLineAtTheTimeOfTheFirst()
    {
        var lines = RehearsalReport.Lines([Build("jdk", 1), Build("shop", 2), Build("jdk", 3), Build("jdk", 4), Build("jdk", 5)]).ToList();

        Assert.Equal(["jdk 1", "shop 2"], lines.Select(Text));
        Assert.StartsWith("4, first ", lines[0].Cells[^1], StringComparison.Ordinal);
    }

    private static Decision Build(string image, int hour) =>
        new(Start.AddHours(hour), 1, DecisionKinds.Build, image, $"1.0.0/{hour}", null, "new-base-digest", "the base is new");

    // The first cell is such as "1 (Wed 07 Jan 03:00)".
    private static string Text((string[] Cells, string Style) line) => $"{line.Cells[1]} {line.Cells[0][^5]}";
}
