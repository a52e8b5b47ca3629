using System.Text;
using Automation.Cli.Reports;
using Spectre.Console;

namespace Automation.Cli.Tests;

/// <summary>Output on terminals of 80 and 120 columns: no line is wider, and a long cell continues in its own column.</summary>
public sealed class TerminalTests
{
    private const string Reason =
        "2 findings of HIGH or above block (1 CRITICAL, 1 HIGH), the worst is CVE-2026-0001 in openssl-libs; fix it in a new build or add it to promote.gate.allow";
    private const string Digest = "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd12345678";

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Report_FitsTheTerminal_AndWrappedLinesKeepTheirColumn(int width)
    {
        var report = new Report("Image", "Build", "Promoted", "Age", "State", "Why");
        report.Add(["app", "1.0.0/12", "1.0.0/11 as 1.0, latest, stable", "3 days", "blocked", Reason], "red");
        report.Add(["a-very-long-name-of-32-characters", "1.0.0/1", "-", "-", "ok", ""], "green");

        var lines = Write(report, width);

        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        var column = lines[0].IndexOf("Why", StringComparison.Ordinal);
        var first = Array.FindIndex(lines, line => line.StartsWith("app ", StringComparison.Ordinal));
        var next = Array.FindIndex(lines, line => line.StartsWith("a-very", StringComparison.Ordinal));
        Assert.Equal(column, lines[first].IndexOf("2 findings", StringComparison.Ordinal));
        Assert.True(next > first + 1);
        Assert.All(lines[(first + 1)..next], line => Assert.True(line.Length <= column || (line[column - 1] == ' ' && line[column] != ' ')));
        Assert.Equal(Reason, string.Join(' ', lines[first..next].Select(line => line.Length > column ? line[column..] : "").Where(part => part.Length > 0)));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Digest_ThatIsLongerThanItsColumn_IsBrokenAndComplete(int width)
    {
        var report = new Report("", "Now", "New");
        report.Add(["digest", Digest, Digest]);

        var lines = Write(report, width);

        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        var column = lines[0].IndexOf("New", StringComparison.Ordinal);
        Assert.Equal(Digest, string.Concat(lines.Skip(1).Select(line => line.Length > column ? line[column..] : "")));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    public void Name_IsNotBrokenToWidenTheLastColumn(int width)
    {
        var report = new Report("Image", "Build", "Promoted", "Age", "State", "Why");
        report.Add(["payments-service-070", "1.0.0/1", "-", "-", "no-pipeline", Reason]);

        var lines = Write(report, width);

        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.StartsWith("payments-service-070  1.0.0/1", lines[1], StringComparison.Ordinal);
        Assert.Contains(" no-pipeline  ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Piped_ARowIsALineOfFullLength()
    {
        var report = new Report("Image", "Why");
        report.Add(["app", Reason]);
        using var output = new StringWriter();

        report.Write(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) }));

        Assert.Equal($"app  {Reason}\n", output.ToString().ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("one two three", 8, "one two", "three")]
    [InlineData("automation/images/runtime", 12, "automation/", "images/", "runtime")]
    [InlineData("aaaaaaaaaaaaaaaaaa", 8, "aaaaaaaa", "aaaaaaaa", "aa")]
    [InlineData("one\ntwo", 8, "one", "two")]
    [InlineData("", 8, "")]
    [InlineData("two  spaces   stay", 20, "two  spaces   stay")]
    [InlineData("one two three", -5, "one two", "three")]
    public void Text_IsWrappedBetweenWords_AndLongWordsAtTheirJoints(string text, int width, params string[] lines) =>
        Assert.Equal(lines, Wrapping.Wrap(text, width));

    [Theory]
    [InlineData(30, "12:00 ecr          one two", "                   three")]
    [InlineData(null, "12:00 ecr          one two three")]
    public void Text_BehindAHead_KeepsItsColumn(int? width, params string[] lines) =>
        Assert.Equal(lines, Wrapping.Hang("12:00 ecr          ", "one two three", width));

    private static string[] Write(Report report, int width)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new Terminal(output, width) });
        report.Write(console);
        return output.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }

    private sealed class Terminal(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => 50;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
