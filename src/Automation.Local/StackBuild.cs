using System.Diagnostics;
using System.Globalization;
using Automation.Cli;

namespace Automation.Local;

/// <summary>Builds the deployed parts of a workspace: the functions and the synthesised stack.</summary>
internal sealed class StackBuild(Workspace workspace)
{
    /// <summary>Builds the functions and the CDK app, and synthesises the stack.</summary>
    /// <param name="catalog">Full path, or relative to the repository; null means the deployed one.</param>
    /// <param name="prefix">Null means the one in cdk.json, if any.</param>
    /// <returns>The cloud assembly's folder.</returns>
    public async Task<string> BuildAsync(bool native, Action<string> progress, CancellationToken cancellationToken, string? catalog = null, string? prefix = null)
    {
        var watch = Stopwatch.StartNew();
        progress(native ? "publishing the functions as native code" : "building the functions");
        var functions = await BuildFunctionsAsync(native, progress, cancellationToken);
        progress(string.Create(CultureInfo.InvariantCulture, $"synthesising the CDK app ({watch.Elapsed.TotalSeconds:0.0} s)"));
        var assembly = await SynthesiseAsync(functions, catalog, prefix, cancellationToken);
        progress(string.Create(CultureInfo.InvariantCulture, $"built in {watch.Elapsed.TotalSeconds:0.0} s"));
        return assembly;
    }

    /// <summary>Builds the function executable: framework-dependent within seconds, or native as in a deployment.</summary>
    /// <returns>The folder with <c>bootstrap</c>.</returns>
    public async Task<string> BuildFunctionsAsync(bool native, Action<string> progress, CancellationToken cancellationToken)
    {
        // The AWS packages are chosen before a build, never during it; the choice is a file that the builds read.
        progress(await ProcessRunner.RunAsync("dotnet", ["msbuild", "src/AwsPackages/Choose.proj", "-nologo", "-tl:off"], workspace.Root, [], cancellationToken));
        if (native)
        {
            await DotnetAsync(["publish", "src/Automation.Functions", "-c", "Release", "-r", "linux-x64"], cancellationToken);
            return Path.Combine(workspace.Root, "artifacts", "publish", "Automation.Functions", "release_linux-x64");
        }

        await DotnetAsync(["build", "src/Automation.Functions", "-c", "Release"], cancellationToken);
        return Path.Combine(workspace.Root, "artifacts", "bin", "Automation.Functions", "release");
    }

    /// <summary>Runs the CDK app like <c>cdk synth</c>, with the functions in <paramref name="functionFolder"/> as the asset.</summary>
    /// <returns>The cloud assembly's folder.</returns>
    private async Task<string> SynthesiseAsync(string functionFolder, string? catalog, string? prefix, CancellationToken cancellationToken)
    {
        var assembly = Path.Combine(workspace.Root, "artifacts", "cdk.out");
        await DotnetAsync(["build", "infra"], cancellationToken);
        await ProcessRunner.RunAsync(
            "dotnet",
            [Path.Combine(workspace.Root, "artifacts", "bin", "Automation.Infra", "debug", "Automation.Infra.dll"), .. catalog is null ? (string[])[] : ["--catalog", catalog]],
            workspace.Root,
            [
                ("CDK_OUTDIR", assembly),
                ("AUTOMATION_FUNCTIONS", functionFolder),
                ("AUTOMATION_LOCAL", "1"),
                ("CDK_CONTEXT_JSON", prefix is null ? null : workspace.ContextWith("prefix", prefix)),
                ("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20,21,23"),
            ],
            cancellationToken);
        return assembly;
    }

    private Task<string> DotnetAsync(string[] arguments, CancellationToken cancellationToken) =>
        ProcessRunner.RunAsync("dotnet", [.. arguments, "--nologo", "-v", "q", "-clp:NoSummary", "-p:RunAnalyzers=false"], workspace.Root, [], cancellationToken);
}
