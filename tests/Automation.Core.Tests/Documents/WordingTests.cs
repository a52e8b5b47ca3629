using System.Text.RegularExpressions;

namespace Automation.Core.Tests.Documents;

/// <summary>Comments and messages of the product use plain technical English. The list holds phrases that were once all over them.</summary>
public sealed partial class WordingTests
{
    public static TheoryData<string> Files =>
        [.. new[] { "src/Automation.Core", "src/Automation.Functions", "src/Automation.Aws" }.SelectMany(folder => SourceTree.Files(folder, ".cs"))];

    [Theory]
    [MemberData(nameof(Files))]
    public void CommentsAndMessages_AvoidPrivatePhrases(string file) =>
        Assert.Equal([], SourceTree.Read(file).Split('\n').Where(line => line.Contains("//", StringComparison.Ordinal) || line.Contains('"', StringComparison.Ordinal))
            .Where(line => PrivatePhrase().IsMatch(line)).Select(line => line.Trim()));

    // "there is no image" is plain English; "'x' is no image" is not.
    [GeneratedRegex(
        @"(?<!\b[Tt]here )\bis no (?!longer\b|more\b)[a-z'{]|\bas it must\b|\bfor good\b|\bby itself\b|\bcomes round\b|\bwhat stands\b|\bgoes on with\b|\b(?:is|are) told\b|\blooked at\b|\bput right\b|\bmended\b",
        RegexOptions.CultureInvariant)]
    private static partial Regex PrivatePhrase();
}
