using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Cli;
using Automation.Infra;

namespace Automation.Local.Deployment;

/// <summary>The choice of what to deploy.</summary>
internal sealed record StackChoice
{
    /// <summary>Whether the functions are native code as in an account, which takes a minute to compile.</summary>
    public bool Native { get; init; }

    /// <summary>Full path, or relative to the repository; null means the one that cdk.json names.</summary>
    public string? Catalog { get; init; }

    /// <summary>Null means the one in cdk.json, if any.</summary>
    public string? Prefix { get; init; }

    /// <summary>The Region of the stack.</summary>
    public string Region { get; init; } = "us-east-1";
}

/// <summary>
/// Builds the deployed parts of a workspace: the functions and the synthesised stack. Both are cached under the hash of their inputs, so that
/// unchanged parts are not built again.
/// </summary>
internal sealed partial class StackBuild(Workspace workspace, Phases phases, TimeProvider time)
{
    private static readonly string[] StackSources = [.. BuildInputs.Settings, "src/Automation.Core", "infra", "cdk.json"];

    /// <summary>The key of a package without functions.</summary>
    private const string NoFunctions = "none";

    private readonly BuildCache _cache = new(workspace.Root, time);

    /// <summary>Such as <c>linux-x64</c>.</summary>
    private static string Runtime { get; } =
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>Builds the functions and the CDK app, and synthesises.</summary>
    /// <returns>The cloud assembly's folder.</returns>
    public async Task<string> BuildAsync(StackChoice choice, CancellationToken cancellationToken)
    {
        var functions = await BuildFunctionsAsync(choice.Native, cancellationToken);
        return await SynthesiseAsync(functions, choice, cancellationToken);
    }

    /// <summary>Builds the function executable: ReadyToRun code, or native code as in an account.</summary>
    /// <returns>The folder with <c>bootstrap</c>.</returns>
    public Task<string> BuildFunctionsAsync(bool native, CancellationToken cancellationToken) => phases.RunAsync(
        "functions",
        "comparing the sources with the last build",
        async phase =>
        {
            if (_cache.Find("functions", Key()) is { } unchanged)
            {
                phase.Result = "not changed";
                return unchanged;
            }

            // The AWS packages are chosen before a build, never during it; the choice is a file that the builds read.
            phase.Say("asking the registry for the AWS packages");
            var packages =
                await ProcessRunner.RunAsync("dotnet", ["msbuild", "src/AwsPackages/Choose.proj", "-nologo", "-tl:off"], workspace.Root, [], cancellationToken);
            if (_cache.Find("functions", Key()) is { } known)
            {
                phase.Result = "not changed";
                return known;
            }

            phase.Say(native ? $"compiling native code for {Runtime}" : $"compiling for {Runtime}");
            phase.Result = $"compiled {(native ? "as native code " : "")}for {Runtime}. {packages.ReplaceLineEndings(" ")}";
            return await _cache.MakeAsync("functions", Key(), folder => DotnetAsync(
                [
                    "publish", "src/Automation.Functions", "-c", "Release", "-r", Runtime, $"-p:PublishDir={folder}{Path.DirectorySeparatorChar}",
                    .. native ? (string[])[] : ["--self-contained", "false", "-p:PublishAot=false", "-p:PublishReadyToRun=true"],
                ],
                cancellationToken));

            // The synthesis adds the catalog to the package.
            string Key() => BuildInputs.Key(workspace.Root, BuildInputs.Functions, native ? "native" : "ReadyToRun", Runtime, AwsPackages());
        });

    /// <summary>Synthesises without building the functions, for a cloud in which those of this program run.</summary>
    /// <returns>The cloud assembly's folder.</returns>
    public async Task<string> SynthesiseAsync(StackChoice choice, CancellationToken cancellationToken)
    {
        var none = _cache.Find("functions", NoFunctions) ?? await _cache.MakeAsync(
            "functions", NoFunctions, folder => File.WriteAllTextAsync(Path.Combine(folder, "bootstrap"), "", cancellationToken));
        return await SynthesiseAsync(none, choice, cancellationToken);
    }

    /// <summary>Runs the CDK app like <c>cdk synth</c>, with the functions of <paramref name="functions"/> as the asset.</summary>
    /// <returns>The cloud assembly's folder.</returns>
    private Task<string> SynthesiseAsync(string functions, StackChoice choice, CancellationToken cancellationToken) => phases.RunAsync(
        "stack",
        "comparing the sources with the last synthesis",
        async phase =>
        {
            var catalog = Path.Combine(workspace.Root, choice.Catalog ?? workspace.CatalogFile);
            var key = BuildInputs.Key(workspace.Root, [.. StackSources, catalog], Path.GetFileName(functions), choice.Prefix, choice.Region);
            if (_cache.Find("stacks", key) is { } unchanged)
            {
                phase.Result = "not changed";
                Warn(unchanged, phase);
                return unchanged;
            }

            var app = await CompileAppAsync(phase, cancellationToken);
            phase.Say("synthesising the CDK app");
            var made = await _cache.MakeAsync("stacks", key, folder => ProcessRunner.RunAsync(
                "dotnet",
                [app, "--catalog", catalog],
                workspace.Root,
                [
                    ("CDK_OUTDIR", folder),
                    ("AUTOMATION_FUNCTIONS", functions),
                    ("AUTOMATION_LOCAL", "1"),
                    ("AWS_REGION", choice.Region),
                    ("CDK_DEFAULT_REGION", null),
                    ("CDK_CONTEXT_JSON", choice.Prefix is null ? null : workspace.ContextWith("prefix", choice.Prefix)),
                    ("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20,21,23"),
                ],
                cancellationToken));
            phase.Result = "synthesised";
            Warn(made, phase);
            return made;
        });

    /// <summary>Compiles the CDK app, unless nothing has changed since this was last done. Another catalog needs no compiler.</summary>
    /// <returns>The assembly of the app.</returns>
    private async Task<string> CompileAppAsync(Phase phase, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(workspace.Root, "artifacts", "bin", "Automation.Infra", "release");
        string[] assemblies = [Path.Combine(folder, "Automation.Infra.dll"), Path.Combine(folder, "Automation.Core.dll")];
        var sources = Directory.EnumerateFiles(Path.Combine(workspace.Root, "infra")).Where(file => Path.GetExtension(file) is ".cs" or ".csproj");
        var key = BuildInputs.Key(workspace.Root, [.. BuildInputs.Settings, "src/Automation.Core", .. sources]);
        var last = Path.Combine(workspace.Root, "artifacts", "local", "cdk-app");
        if (!File.Exists(last) || await File.ReadAllTextAsync(last, cancellationToken) != Compiled())
        {
            phase.Say("compiling the CDK app");
            await DotnetAsync(["build", "infra", "-c", "Release"], cancellationToken);
            await File.WriteAllTextAsync(last, Compiled(), cancellationToken);
        }

        return assemblies[0];

        // Any other build may have replaced the assemblies since.
        string Compiled() => $"{key} {string.Join(' ', assemblies.Select(file => File.GetLastWriteTimeUtc(file).Ticks))}";
    }

    // {"artifacts":{"Automation":{"metadata":{"/Automation":[{"type":"aws:cdk:warning","data":"…"}]}}}}
    private static void Warn(string assembly, Phase phase)
    {
        var artifacts = JsonNode.Parse(File.ReadAllText(Path.Combine(assembly, "manifest.json")))?["artifacts"] as JsonObject ?? [];
        var entries = artifacts.SelectMany(artifact => artifact.Value?["metadata"] as JsonObject ?? []).SelectMany(path => path.Value as JsonArray ?? []);
        foreach (var entry in entries.Where(entry => entry?["type"]?.ToString() == "aws:cdk:warning"))
        {
            phase.Warn(entry!["data"]!.ToString());
        }
    }

    /// <summary>The result of src/AwsPackages/Choose.proj, which the environment overrides; null if it has not run yet.</summary>
    private string? AwsPackages()
    {
        var file = Path.Combine(workspace.Root, "artifacts", "aws-packages.props");
        return Environment.GetEnvironmentVariable("AwsPackages") is { Length: > 0 } given ? given
            : File.Exists(file) ? Answer().Match(File.ReadAllText(file)).Groups[1].Value
            : null;
    }

    [GeneratedRegex("<AwsPackagesAnswer>(.*?)</AwsPackagesAnswer>", RegexOptions.CultureInvariant)]
    private static partial Regex Answer();

    // A build ends before profiles of MSBuild's code pay off. Without them it takes a third less processor time.
    private Task<string> DotnetAsync(string[] arguments, CancellationToken cancellationToken) => ProcessRunner.RunAsync(
        "dotnet", [.. arguments, "--nologo", "-v", "q", "-clp:NoSummary", "-p:RunAnalyzers=false"], workspace.Root, [("DOTNET_TieredPGO", "0")],
        cancellationToken);
}
