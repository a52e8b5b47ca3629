using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Automation.Cli;

/// <summary>The repository that the command runs in, and the builds it needs: functions and the synthesised stack.</summary>
internal sealed class Workspace
{
    private Workspace(string root) => Root = root;

    public string Root { get; }

    /// <summary>The catalog that is deployed from here: cdk.json's context says which one.</summary>
    /// <exception cref="CommandException">cdk.json cannot be read.</exception>
    public string CatalogFile => Path.Combine(Root, Context("catalog") ?? "infra/catalog.json");

    /// <summary>A text of cdk.json's context; null where it has none of that name.</summary>
    /// <exception cref="CommandException">cdk.json cannot be read.</exception>
    public string? Context(string key)
    {
        var file = Path.Combine(Root, "cdk.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.TryGetProperty("context", out var context) && context.TryGetProperty(key, out var value) ? value.GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new CommandException($"{file} cannot be read: {e.Message}");
        }
    }

    /// <exception cref="CommandException">There is no cdk.json in the working directory or above.</exception>
    public static Workspace Find() => Find(Environment.CurrentDirectory);

    /// <exception cref="CommandException">There is no cdk.json in <paramref name="start"/> or above.</exception>
    public static Workspace Find(string start) =>
        TryFind(start) ?? throw new CommandException("There is no cdk.json here or above: run this inside the repository.");

    /// <returns>Null: there is no cdk.json in <paramref name="start"/> or above.</returns>
    public static Workspace? TryFind(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "cdk.json")))
            {
                return new Workspace(folder.FullName);
            }
        }

        return null;
    }

    /// <summary>Builds the functions and the CDK app, and synthesises.</summary>
    /// <param name="catalog">Relative to the repository; null: the one that is deployed.</param>
    /// <returns>The cloud assembly's folder.</returns>
    public async Task<string> BuildAsync(bool native, Action<string> progress, CancellationToken cancellationToken, string? catalog = null)
    {
        var watch = Stopwatch.StartNew();
        progress(native ? "publishing the functions as native code" : "building the functions");
        var functions = await BuildFunctionsAsync(native, progress, cancellationToken);
        progress(string.Create(CultureInfo.InvariantCulture, $"synthesising the CDK app ({watch.Elapsed.TotalSeconds:0.0} s)"));
        var assembly = await SynthesiseAsync(functions, catalog, cancellationToken);
        progress(string.Create(CultureInfo.InvariantCulture, $"built in {watch.Elapsed.TotalSeconds:0.0} s"));
        return assembly;
    }

    /// <summary>Builds the function executable: framework-dependent in seconds, or native as it is deployed.</summary>
    /// <returns>The folder with <c>bootstrap</c>.</returns>
    public async Task<string> BuildFunctionsAsync(bool native, Action<string> progress, CancellationToken cancellationToken)
    {
        // Which AWS packages are used is decided before a build, never in it; the answer is a file that the builds read.
        progress(await ProcessRunner.RunAsync("dotnet", ["msbuild", "src/AwsPackages/Choose.proj", "-nologo", "-tl:off"], Root, [], cancellationToken));
        if (native)
        {
            await DotnetAsync(["publish", "src/Automation.Functions", "-c", "Release", "-r", "linux-x64"], cancellationToken);
            return Path.Combine(Root, "artifacts", "publish", "Automation.Functions", "release_linux-x64");
        }

        await DotnetAsync(["build", "src/Automation.Functions", "-c", "Release"], cancellationToken);
        return Path.Combine(Root, "artifacts", "bin", "Automation.Functions", "release");
    }

    /// <summary>Runs the CDK app, as <c>cdk synth</c> does, with the functions of <paramref name="functionFolder"/> as the asset.</summary>
    /// <returns>The cloud assembly's folder.</returns>
    private async Task<string> SynthesiseAsync(string functionFolder, string? catalog, CancellationToken cancellationToken)
    {
        var assembly = Path.Combine(Root, "artifacts", "cdk.out");
        await DotnetAsync(["build", "infra"], cancellationToken);
        await ProcessRunner.RunAsync(
            "dotnet",
            [Path.Combine(Root, "artifacts", "bin", "Automation.Infra", "debug", "Automation.Infra.dll"), .. catalog is null ? (string[])[] : ["--catalog", catalog]],
            Root,
            [
                ("CDK_OUTDIR", assembly),
                ("AUTOMATION_FUNCTIONS", functionFolder),
                ("AUTOMATION_LOCAL", "1"),
                ("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20,21,23"),
            ],
            cancellationToken);
        return assembly;
    }

    private Task<string> DotnetAsync(string[] arguments, CancellationToken cancellationToken) =>
        ProcessRunner.RunAsync("dotnet", [.. arguments, "--nologo", "-v", "q", "-clp:NoSummary", "-p:RunAnalyzers=false"], Root, [], cancellationToken);
}

/// <summary>A failure that the user can do something about: printed without a stack trace, exit code 1.</summary>
internal sealed class CommandException(string message) : Exception(message);
