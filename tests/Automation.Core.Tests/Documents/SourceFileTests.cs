using System.Text.RegularExpressions;

namespace Automation.Core.Tests.Documents;

/// <summary>Rules for source files that no analyzer of ours checks.</summary>
public sealed partial class SourceFileTests
{
    private const int MaxLine = 160;

    // The failures are one contract: the workflow matches their class names. The shims repeat the official packages.
    private static readonly string[] Families = ["src/Automation.Core/Errors.cs"];

    // The folders of the embedded cloud that are not services.
    private static readonly string[] Shared = ["Common", "Hosting", "Import", "Ports", "Storage", "Wire"];

    public static TheoryData<string> Projects =>
        [.. Directory.EnumerateDirectories(SourceTree.PathOf("src"), "Automation.*").Append(SourceTree.PathOf("infra"))
            .Select(folder => Path.GetRelativePath(SourceTree.Root, folder)).Order()];

    /// <summary>Nested types, such as closed results, count as part of their type.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void File_DeclaresOnePublicTypeAndHasItsName(string project) => Assert.Equal([], SourceTree.Files(project, ".cs")
        .Except(Families)
        .Select(file => (File: file, Types: PublicType().Matches(SourceTree.Read(file)).Select(match => match.Groups["name"].Value).ToList()))
        .Where(found => found.Types.Count > 1 || (found.Types.Count == 1 && found.Types[0] != Path.GetFileName(found.File).Split('.')[0]))
        .Select(found => $"{found.File}: {string.Join(", ", found.Types)}"));

    /// <summary>src/Automation.LocalCloud/README.md documents the scheme.</summary>
    [Fact]
    public void EmbeddedServices_UseTheSameFileNames()
    {
        const string Cloud = "src/Automation.LocalCloud/";
        var files = SourceTree.Files("src/Automation.LocalCloud", ".cs").Select(file => (Path: file, Parts: file[Cloud.Length..].Split('/')))
            .Where(file => file.Parts.Length == 2 && !Shared.Contains(file.Parts[0])).ToLookup(file => file.Parts[0], file => file.Path);

        Assert.Equal([], files.Where(folder => !folder.Contains($"{Cloud}{folder.Key}/{folder.Key}Service.cs")).Select(folder => folder.Key));
        Assert.Equal([], files.Where(folder => folder.Key != "CloudFormation").SelectMany(folder => folder)
            .Where(file => ResourceType().IsMatch(SourceTree.Read(file)) && !file.EndsWith("Resources.cs", StringComparison.Ordinal)));
        Assert.Equal([],
            files.SelectMany(folder => folder).Where(file => file.EndsWith("State.cs", StringComparison.Ordinal) && RowType().IsMatch(SourceTree.Read(file))));
        Assert.Equal([], files.Where(folder => folder.Key != "CloudFormation").SelectMany(folder => folder
            .Where(file => RoleOfAFile().Match(Path.GetFileNameWithoutExtension(file)) is { Success: true } name
                && name.Groups["service"].Value != folder.Key && (folder.Key, name.Groups["service"].Value) != ("Iam", "Kms"))));
    }

    /// <summary>The limit of .editorconfig. A line may be longer if a text that begins in its first half makes it so, or if it shows a raw
    /// shape or the page of the embedded cloud.</summary>
    [Theory]
    [InlineData("src")]
    [InlineData("infra")]
    [InlineData("tests")]
    public void Lines_HaveAtMost160Characters(string folder) => Assert.Equal([], SourceTree.Files(folder, ".cs")
        .SelectMany(file => SourceTree.Read(file).Split('\n').Select((line, i) => (Place: $"{file}:{i + 1}", Line: line)))
        .Where(each => each.Line.Length > MaxLine && each.Line.IndexOf('"', StringComparison.Ordinal) is < 0 or > (MaxLine / 2))
        .Where(each => !RawShape().IsMatch(each.Line))
        .Select(each => each.Place));

    [GeneratedRegex(@"^\s*(?:<|///.*&(?:lt|amp);)")]
    private static partial Regex RawShape();

    [GeneratedRegex("^(?<service>.+)(?:Api|Permissions|Resources|Service|State|Wire)$", RegexOptions.ExplicitCapture)]
    private static partial Regex RoleOfAFile();

    [GeneratedRegex(@"class \w+(?:\([^)]*\))? : (?:\w+, )*IResourceType\b")]
    private static partial Regex ResourceType();

    [GeneratedRegex(@"^internal sealed record \w+", RegexOptions.Multiline)]
    private static partial Regex RowType();

    [GeneratedRegex(@"^public (?:[a-z]+ )*(?:record(?: struct)?|class|struct|enum|interface) (?<name>\w+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex PublicType();
}
