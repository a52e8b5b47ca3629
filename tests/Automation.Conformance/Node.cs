using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Automation.Conformance;

/// <summary>Runs a script of <c>Scripts</c> with Node.js. It reads JSON from standard input and writes JSON to standard output.</summary>
internal static class Node
{
    /// <summary>Where <c>fetch.mjs</c> of this folder puts its packages.</summary>
    public const string Oracles = "conformance";

    /// <summary>Where <c>fetch.mjs</c> of tests/Automation.Models puts AWS's own clients.</summary>
    public const string Clients = "models";

    /// <summary>Skips the test where the packages are missing.</summary>
    /// <param name="packages"><see cref="Oracles"/> or <see cref="Clients"/>.</param>
    public static async Task<JsonNode> RunAsync(string script, string packages, JsonNode input, params (string Name, string Value)[] environment)
    {
        var folder = Packages(packages);
        Assert.SkipWhen(folder is null, $"The packages are not here: node tests/Automation.{(packages == Clients ? "Models" : "Conformance")}/fetch.mjs");
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "Scripts", script), folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODE_NO_WARNINGS"] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var token = TestContext.Current.CancellationToken;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = process.StandardError.ReadToEndAsync(token);
        await process.StandardInput.WriteAsync(input.ToJsonString().AsMemory(), token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(token);
        Assert.True(process.ExitCode == 0, $"{script} ended with {process.ExitCode}:\n{await errors}");
        return JsonNode.Parse(await output)!;
    }

    private static string? Packages(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "cdk.json")))
            {
                var packages = Path.Combine(folder.FullName, "artifacts", name);
                return File.Exists(Path.Combine(packages, "stamp")) ? packages : null;
            }
        }

        return null;
    }
}
