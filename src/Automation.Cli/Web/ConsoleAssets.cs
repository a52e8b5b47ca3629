using System.Reflection;

namespace Automation.Cli.Web;

/// <summary>The files of the page, embedded in this program: ours, and the library from npm (fetch.mjs).</summary>
internal static class ConsoleAssets
{
    private const string Prefix = "console/";

    /// <summary>The only file that a build without npm lacks.</summary>
    public const string Library = "vendor/htm-preact.js";

    private static readonly Assembly Own = typeof(ConsoleAssets).Assembly;

    private static readonly HashSet<string> Names =
        [.. Own.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..])];

    /// <summary>What is missing and how to add it; null if the page is complete.</summary>
    public static string? Missing => Names.Contains(Library) ? null
        : "The page of the console needs the npm package htm, which could not be fetched when this program was built. "
        + "Build it again where npm works: node src/Automation.Cli/Web/fetch.mjs, then dotnet build.";

    /// <summary>The content of a file and its media type; null if there is no such file.</summary>
    public static (byte[] Content, string Type)? Find(string name)
    {
        if (!Names.Contains(name))
        {
            return null;
        }

        using var stream = Own.GetManifestResourceStream(Prefix + name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return (content, Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        });
    }
}
