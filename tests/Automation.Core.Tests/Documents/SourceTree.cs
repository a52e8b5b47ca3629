namespace Automation.Core.Tests.Documents;

/// <summary>The files of this repository, as in a fresh clone.</summary>
internal static class SourceTree
{
    private static readonly string[] Generated = ["artifacts", "bin", "obj", "node_modules", "cdk.out", ".git"];

    public static string Root { get; } = FindRoot();

    /// <summary>The full path of a file, from a path relative to the root.</summary>
    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>Paths relative to the root, in a fixed order, without the output of builds and package managers.</summary>
    public static IEnumerable<string> Files(string folder, string extension) => Walk(PathOf(folder))
        .Where(file => file.EndsWith(extension, StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
        .Where(child => !Generated.Contains(Path.GetFileName(child), StringComparer.Ordinal)).SelectMany(Walk));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Automation.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} contains Automation.sln.");
    }
}
