namespace Automation.Infra.Tests;

/// <summary>The whole template against what was reviewed: a change of the stack is read as a diff, never overlooked.</summary>
public sealed class SnapshotTests
{
    private const string Update = "UPDATE_SNAPSHOTS";

    public static TheoryData<string> Catalogs => Synthesis.Catalogs;

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void Template_IsTheReviewedOne(string catalog)
    {
        var file = Path.Combine(Synthesis.Root, "tests", "Automation.Infra.Tests", "Snapshots", $"{catalog}.template.json");
        var actual = Synthesis.Text(catalog).TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(file, actual);
        }

        var reviewed = File.Exists(file) ? File.ReadAllText(file) : "";

        Assert.True(actual == reviewed, Difference(catalog, reviewed, actual));
    }

    [Fact]
    public void Template_SynthesisedTwice_IsTheSameToTheByte() =>
        Assert.Equal(Synthesis.Text(Synthesis.Shipped), Synthesis.Again(Synthesis.Shipped));

    private static string Difference(string catalog, string reviewed, string actual)
    {
        var before = reviewed.Split('\n');
        var after = actual.Split('\n');
        var first = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"""
            Snapshots/{catalog}.template.json is not what the CDK app makes now. They part at line {first + 1}:
            {Lines('-', before, first)}
            {Lines('+', after, first)}
            Run the tests with {Update}=1 to rewrite the snapshot, and review the diff like code.
            """;
    }

    private static string Lines(char sign, string[] lines, int from) => string.Join('\n', lines.Skip(from).Take(4).Select(line => $"{sign} {line}"));
}
