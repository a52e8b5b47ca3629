using System.Text.RegularExpressions;
using System.Xml.Linq;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Incidents;

namespace Automation.Core.Tests.Documents;

/// <summary>Checks the documents: links lead to something, sentences are short, and lists match the code.</summary>
public sealed partial class DocumentTests
{
    private const int MaxWords = 25;

    public static TheoryData<string> Files => [.. SourceTree.Files("", ".md").Where(file => !file.Contains("AnalyzerReleases", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Links_LeadToAnExistingFileAndHeading(string file)
    {
        var broken = Read(file).Links.Where(link => !link.Contains("://", StringComparison.Ordinal)).Where(link => !Exists(file, link));

        Assert.Equal([], broken);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Sentences_HaveAtMost25Words(string file) =>
        Assert.Equal([], Read(file).Sentences.Where(sentence => MarkdownFile.CountWords(sentence) > MaxWords));

    [Theory]
    [InlineData("One. Two `a. B` three.", 2)]
    [InlineData("It is 1.0.x, e.g. this. [Two. Links](a.md) are (one. Two) here.", 4)]
    [InlineData("- an item\n  that continues.\n- Another one", 2)]
    [InlineData("| a cell. With two. | another |", 3)]
    [InlineData("```\nOne. Two.\n```", 0)]
    public void Sentences_AreFoundInText(string text, int sentences) => Assert.Equal(sentences, new MarkdownFile(text).Sentences.Count());

    [Fact]
    public void Sentence_TooLong_IsFound()
    {
        var text = new MarkdownFile(string.Join(' ', Enumerable.Repeat("word", MaxWords)) + "\nmore.");

        Assert.Equal([MaxWords + 1], text.Sentences.Select(MarkdownFile.CountWords));
    }

    [Fact]
    public void Readme_IsShortEnoughForTwoMinutes() =>
        Assert.InRange(new FileInfo(SourceTree.PathOf("README.md")).Length, 1, 8 * 1024);

    [Fact]
    public void Readme_ChangesBeginWithTheCurrentVersion()
    {
        var version = XDocument.Load(SourceTree.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

        Assert.StartsWith($"- **{version[..version.LastIndexOf('.')]}** ", SourceTree.Read("README.md").Split("## Changes")[1].TrimStart(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Version_IsDefinedOnce() => Assert.Equal(
        ["Directory.Build.props"],
        SourceTree.Files("", ".csproj").Concat(SourceTree.Files("", ".props"))
            .Where(file => !file.StartsWith("src/Shims/", StringComparison.Ordinal)) // They have the versions of the packages that they replace.
            .Where(file => XDocument.Load(SourceTree.PathOf(file)).Descendants("Version").Any()));

    [Fact]
    public void Readme_NamesEveryOtherDocumentOfAFolder()
    {
        string[] documents =
        [
            "infra/README.md", "src/README.md", "src/OPERATIONS.md", "src/PITFALLS.md", "src/Automation.LocalCloud/README.md", "src/Shims/README.md",
            "events/README.md", "tests/README.md",
        ];

        Assert.Equal([], documents.Except(Read("README.md").Links));
    }

    [Theory]
    [InlineData("README.md", "json")]
    [InlineData("infra/README.md", "jsonc")]
    public void CatalogsInDocuments_AreValid(string file, string language)
    {
        var catalog = Assert.Single(Read(file).CodeBlocks, block => block.Language == language).Text;

        Assert.Equal(["runtime", "app"], ImageCatalog.Parse(catalog).Images.Select(image => image.Name));
    }

    /// <summary>The terms of the field and of this repository that every text uses.</summary>
    [Fact]
    public void Glossary_HasTheTerms()
    {
        string[] terms =
        [
            "approval", "attempt", "base image", "build version", "catalog", "dead letter", "deletion limit", "dependant", "digest", "execution",
            "floating tag", "foreign tag", "gate", "grace period", "hold", "incident", "index", "lane", "lineage", "outcome", "owner", "pipeline", "promotion",
            "prune", "recipe", "reconcile", "record", "referrer", "release", "retention", "rollback", "slot", "soak", "superseded", "version tag",
            "watched image",
        ];
        var glossary = FirstCells("src/README.md");

        Assert.Equal([], terms.Except(glossary));
    }

    [Fact]
    public void StateTags_AreAllListed()
    {
        var tags = typeof(BuildTags).GetFields().Where(field => field.IsLiteral && field.FieldType == typeof(string))
            .Select(field => (string)field.GetRawConstantValue()!);
        var text = SourceTree.Read("src/README.md");

        Assert.Equal([], tags.Where(tag => !text.Contains($"`{tag}{(tag == BuildTags.WatchedPrefix ? "…" : "")}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Incidents_AreListedWithWhatToDo() =>
        Assert.Equal([], Enum.GetValues<IncidentKind>().Select(kind => $"`{kind.Code()}`").Except(FirstCells("src/OPERATIONS.md")));

    [Fact]
    public void Samples_AreListed()
    {
        var text = SourceTree.Read("events/README.md");

        Assert.Equal([], SourceTree.Files("events", ".json").Select(Path.GetFileName).Where(file => !text.Contains($"`{file}`", StringComparison.Ordinal)));
    }

    /// <summary>Names in the code that users see: alarms, metrics, settings and commands.</summary>
    /// <param name="source">The file with the names, and the pattern that finds them.</param>
    [Theory]
    [InlineData("infra/Monitoring.cs", @"Alarm\(\$?""(?:{name})?(\w+)", "src/OPERATIONS.md")]
    [InlineData("src/Automation.Functions/MetricNames.cs", @"public const string (\w+) = nameof", "src/OPERATIONS.md")]
    [InlineData("infra/StackOptions.cs", @"read\.\w+\(""(\w+)", "infra/README.md")]
    [InlineData("src/Automation.Cli/Commands", @"new Command\(""(\w+)", "src/OPERATIONS.md")]
    public void UserVisibleNames_AreListed(string source, string pattern, string document)
    {
        var files = File.Exists(SourceTree.PathOf(source)) ? [source] : SourceTree.Files(source, ".cs");
        var names = files.SelectMany(file => Regex.Matches(SourceTree.Read(file), pattern)).Select(match => match.Groups[1].Value)
            .Distinct(StringComparer.Ordinal).ToList();
        var listed = Read(document).Rows.SelectMany(cells => CodeSpanWord().Matches(cells[0])).Select(match => match.Groups[1].Value)
            .ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(names);
        Assert.Equal([], names.Where(name => !listed.Contains(name)));
    }

    private static MarkdownFile Read(string file) => new(SourceTree.Read(file));

    private static IEnumerable<string> FirstCells(string file) => Read(file).Rows.Select(cells => cells[0]);

    private static bool Exists(string file, string link)
    {
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, parts[0]);
        var path = SourceTree.PathOf(target);
        return parts.Length == 1
            ? File.Exists(path) || Directory.Exists(path)
            : File.Exists(path) && Read(target).Anchors.Contains(parts[1], StringComparer.Ordinal);
    }

    // `status`, `plan [IMAGE]`, `…Errors`
    [GeneratedRegex(@"`…?(\w+)")]
    private static partial Regex CodeSpanWord();
}
