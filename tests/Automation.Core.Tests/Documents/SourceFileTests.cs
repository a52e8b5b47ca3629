using System.Text.RegularExpressions;

namespace Automation.Core.Tests.Documents;

/// <summary>Rules for source files that no analyzer of ours checks.</summary>
public sealed partial class SourceFileTests
{
    // The failures are one contract: the workflow matches their class names. The shims repeat the official packages.
    private static readonly string[] Families = ["src/Automation.Core/Errors.cs"];

    public static TheoryData<string> Projects =>
        [.. Directory.EnumerateDirectories(SourceTree.PathOf("src"), "Automation.*").Append(SourceTree.PathOf("infra")).Select(folder => Path.GetRelativePath(SourceTree.Root, folder)).Order()];

    /// <summary>Nested types, such as closed results, count as part of their type.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void File_DeclaresOnePublicTypeAndHasItsName(string project) => Assert.Equal([], SourceTree.Files(project, ".cs")
        .Except(Families)
        .Select(file => (File: file, Types: PublicType().Matches(SourceTree.Read(file)).Select(match => match.Groups["name"].Value).ToList()))
        .Where(found => found.Types.Count > 1 || (found.Types.Count == 1 && found.Types[0] != Path.GetFileName(found.File).Split('.')[0]))
        .Select(found => $"{found.File}: {string.Join(", ", found.Types)}"));

    [GeneratedRegex(@"^public (?:[a-z]+ )*(?:record(?: struct)?|class|struct|enum|interface) (?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex PublicType();
}
