namespace Automation.Infra.Tests;

/// <summary>Compares the whole template with the reviewed one, so that every change of the stack appears as a diff.</summary>
public sealed class SnapshotTests
{
    private const string Update = "UPDATE_SNAPSHOTS";

    public static TheoryData<string> Catalogs => Synthesis.Catalogs;

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void Template_IsTheReviewedOne(string catalog) => IsTheReviewedOne(catalog, Synthesis.Text(catalog));

    [Fact]
    public void TemplateOfAnotherRegion_IsTheReviewedOne() =>
        IsTheReviewedOne("two-regions.eu-west-1", Synthesis.Text("two-regions", "eu-west-1", new StackOptions()));

    [Fact]
    public void Template_SynthesisedTwice_IsIdentical() =>
        Assert.Equal(Synthesis.Text(Synthesis.Shipped), Synthesis.Again(Synthesis.Shipped));

    private static void IsTheReviewedOne(string name, string text)
    {
        var file = Path.Combine(Synthesis.Root, "tests", "Automation.Infra.Tests", "Snapshots", $"{name}.template.json");
        var actual = text.TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(file, actual);
        }

        var reviewed = File.Exists(file) ? File.ReadAllText(file) : "";

        Assert.True(actual == reviewed, Difference(name, reviewed, actual));
    }

    private static string Difference(string name, string reviewed, string actual)
    {
        var before = reviewed.Split('\n');
        var after = actual.Split('\n');
        var first = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"""
            Snapshots/{name}.template.json is not what the CDK app makes now. They part at line {first + 1}:
            {Lines('-', before, first)}
            {Lines('+', after, first)}
            Run the tests with {Update}=1 to rewrite the snapshot, and review the diff like code.
            """;
    }

    private static string Lines(char sign, string[] lines, int from) => string.Join('\n', lines.Skip(from).Take(4).Select(line => $"{sign} {line}"));
}
