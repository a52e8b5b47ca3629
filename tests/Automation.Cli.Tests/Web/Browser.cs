using System.Text.Json.Nodes;
using Automation.Cli.Web;
using Automation.Conformance;

namespace Automation.Cli.Tests.Web;

/// <summary>
/// Headless Chromium. Tests are skipped with a message where it or playwright-core is missing. If the variable CONSOLE_PICTURES names a folder, they leave
/// screenshots there.
/// </summary>
internal static class Browser
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>Runs a scenario of <c>console.mjs</c>.</summary>
    /// <param name="entry">The address of the console, with its token.</param>
    /// <param name="views">The views of the scenario <c>looks</c>; null means those of every console.</param>
    public static async Task<JsonObject> RunAsync(string scenario, string entry, params string[]? views)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var browser = Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "There is no browser here. Install one: apt-get install chromium");
        Assert.SkipWhen(ConsoleAssets.Missing is not null, ConsoleAssets.Missing ?? "");
        return (JsonObject)await Node.RunAsync("console.mjs", Node.Oracles, new JsonObject
        {
            ["browser"] = browser,
            ["scenario"] = scenario,
            ["entry"] = entry,
            ["pictures"] = Environment.GetEnvironmentVariable("CONSOLE_PICTURES"),
            ["views"] = views is { Length: > 0 } ? new JsonArray([.. views.Select(view => JsonValue.Create(view))]) : null,
        });
    }
}
