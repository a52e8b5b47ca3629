using System.Text.RegularExpressions;

namespace Automation.Core.Tests.Documents;

/// <summary>Names, comments and messages use plain technical English. The lists hold phrases that were once common in them.</summary>
public sealed partial class WordingTests
{
    /// <summary>The folder of the CDK app, and each folder in src and tests.</summary>
    public static TheoryData<string> Projects => ["infra", .. new[] { "src", "tests" }
        .SelectMany(folder => Directory.EnumerateDirectories(SourceTree.PathOf(folder)).Select(project => $"{folder}/{Path.GetFileName(project)}"))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void CommentsAndMessages_AvoidPrivatePhrases(string project) => Assert.Equal([], Lines(project)
        .Where(line => line.Text.Contains("//", StringComparison.Ordinal) || line.Text.Contains('"', StringComparison.Ordinal))
        .Where(line => PrivatePhrase().IsMatch(line.Text)).Select(line => $"{line.File}: {line.Text.Trim()}"));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Names_AvoidPrivatePhrases(string project) =>
        Assert.Equal([], Lines(project).Where(line => PrivateName().IsMatch(line.Text)).Select(line => $"{line.File}: {line.Text.Trim()}"));

    [Theory]
    [InlineData("Image_IsNoTag")]
    [InlineData("WorkGoesOnAfterwards")]
    [InlineData("what was Untold")]
    public void PrivateName_InAnyWord_IsFound(string text) => Assert.Matches(PrivateName(), text);

    [Theory]
    [InlineData("'x' is no image")]
    [InlineData("the value, which are no tags")]
    [InlineData("the image is built anew")]
    [InlineData("nobody's, and none of our business")]
    [InlineData("what must not be is refused by somebody")]
    public void PrivatePhrase_OfEachKind_IsFound(string text) => Assert.Matches(PrivatePhrase(), text);

    [Theory]
    [InlineData("there is no image, so there are no tags")]
    [InlineData("the image is no longer in the catalog")]
    [InlineData("somebody moved the tag")]
    public void PlainEnglish_IsAllowed(string text) => Assert.DoesNotMatch(PrivatePhrase(), text);

    private static IEnumerable<(string File, string Text)> Lines(string project) => SourceTree.Files(project, ".cs")
        .Concat(SourceTree.Files(project, ".schema.json"))
        .Where(file => Path.GetFileName(file) != "WordingTests.cs")
        .SelectMany(file => SourceTree.Read(file).Split('\n').Select(line => (file, line)));

    // "there is no image" is plain English; "'x' is no image" is not.
    [GeneratedRegex(
        """
        (?<!\b[Tt]here\ )\b(?:is|are|was|were)\ no\ (?!longer\b|more\b|other\b)[\w'{<«]
        | \bas\ it\ must\b | \bmust\ not\ be\ is\b | \bfor\ good\b | \bby\ itself\b | \bcomes\ round\b | \bwhat\ stands\b | \bstands\ for\b
        | \bgoes?\ on\ with\b | \bhand(?:s|ed)\ on\b | \bcarr(?:ies|ied)\ on\b | \bgiven\ up\ on\b
        | \b(?:is|are)\ told\b | \b(?:is|are)\ asked\ for\b | \blooked\ at\b | \bputs?\ right\b | \bmended\b | \banew\b | \bamiss\b
        | \bby\ somebody\b | \bof\ somebody's\b | \b(?:none|one)\ of\ ours\b | \bnone\ of\ (?:our|the|its|their)\ business\b | \bthe\ house's\b
        | \bthe\ way\ on\b | \bin\ the\ way\ of\b | \b(?:at|to|under|by)\ whose\b | \b(?:in|of)\ its\ like\b
        | \b(?:shall|lest|ought|thereof|whereby|whence|thence|upon)\b | \bbut\ for\b | \bsave\ for\b | \bknows\ nothing\ of\b
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex PrivatePhrase();

    [GeneratedRegex(
        @"(?:Is|Are)No(?!Longer|More)[A-Z]|GoesOn|(?:Is|Are)Told|[Uu]ntold|Ambush|LookAtAsync|ForGood|AsItMust|LookedAt|Mended|WhatStands",
        RegexOptions.CultureInvariant)]
    private static partial Regex PrivateName();
}
