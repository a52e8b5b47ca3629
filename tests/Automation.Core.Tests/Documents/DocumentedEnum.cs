using System.Text.RegularExpressions;

namespace Automation.Core.Tests.Documents;

/// <summary>An enum with values that the summaries in its source file explain.</summary>
internal static partial class DocumentedEnum
{
    /// <summary>Checks that every value has its own sentence, and that a table of the operator's document prints them.</summary>
    /// <param name="file">The source file of the enum.</param>
    /// <param name="table">See <see cref="GeneratedTable"/>.</param>
    public static void IsPrinted<TEnum>(string file, Func<TEnum, string> name, string table)
        where TEnum : struct, Enum
    {
        var sentences = Summary().Matches(SourceTree.Read(file))
            .Select(match =>
                (Value: match.Groups[2].Value,
                    Text: match.Groups[1].Value.Replace("<c>", "`", StringComparison.Ordinal).Replace("</c>", "`", StringComparison.Ordinal)))
            .ToList();

        Assert.Equal(Enum.GetNames<TEnum>(), sentences.Select(each => each.Value));
        Assert.Distinct(sentences.Select(each => each.Text));
        Assert.All(sentences, each => Assert.Matches("^[A-Z].*[.]$", each.Text));
        Assert.All(sentences, each => Assert.InRange(MarkdownFile.CountWords(each.Text), 3, 25));
        GeneratedTable.IsIn(
            "src/OPERATIONS.md", table, sentences.Select(each => $"| `{name(Enum.Parse<TEnum>(each.Value))}` | {each.Text} |").Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"/// <summary>(.*)</summary>\n    (\w+),\n")]
    private static partial Regex Summary();
}
