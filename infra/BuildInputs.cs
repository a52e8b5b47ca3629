using System.Security.Cryptography;
using System.Text;

namespace Automation.Infra;

/// <summary>Hashes the inputs of a build, so that unchanged parts are not built again. Automation.Local compiles this file too.</summary>
internal static class BuildInputs
{
    /// <summary>The inputs of every build besides its sources.</summary>
    public static readonly IReadOnlyList<string> Settings = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json"];

    /// <summary>The inputs of the function executable.</summary>
    public static readonly IReadOnlyList<string> Functions =
        [.. Settings, "src/Automation.Core", "src/Automation.Aws", "src/Automation.Functions", "src/Automation.ApiTables", "src/Shims", "src/AwsPackages"];

    /// <param name="paths">Files, or folders with everything in them, relative to <paramref name="root"/>. A missing path counts as absent.</param>
    /// <param name="more">Other inputs: settings, versions, texts.</param>
    /// <returns>Sixteen hexadecimal digits.</returns>
    public static string Key(string root, IEnumerable<string> paths, params string?[] more)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in paths.SelectMany(path => Files(Path.Combine(root, path))).Order(StringComparer.Ordinal))
        {
            Add(Path.GetRelativePath(root, file));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        foreach (var text in more)
        {
            Add(text ?? "\0");
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];

        void Add(string text)
        {
            // A fixed length separates the texts unambiguously.
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }
    }

    private static IEnumerable<string> Files(string path) =>
        File.Exists(path) ? [path]
        : Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsSource)
        : [];

    // Documents have no effect, and an IDE may build into the folder of a project.
    private static bool IsSource(string file) =>
        !file.EndsWith(".md", StringComparison.Ordinal)
        && !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules");
}
