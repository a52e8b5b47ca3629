using System.ComponentModel;
using System.Diagnostics;

namespace Automation.Benchmarks.Peers;

/// <summary>Builds the product and its peers. A peer whose tools are missing is named and skipped.</summary>
internal sealed class PeerBuilds
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Root, "artifacts", "benchmarks", "peers")).FullName;

    private PeerBuilds()
    {
    }

    /// <summary>The folder of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Why a peer is missing.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>See <c>stub.c</c>; null without a C compiler.</summary>
    public string? Stub { get; private set; }

    public string? Floor { get; private set; }

    public string? Bare { get; private set; }

    public bool HasNode { get; private set; }

    /// <summary>The interpreter itself and not a script that looks for one; null without boto3.</summary>
    public string? Python { get; private set; }

    /// <summary>Whether the interpreter has moto's server.</summary>
    public bool HasMoto { get; private set; }

    /// <summary>The local tool as a native binary.</summary>
    public string LocalTool => Path.Combine(Root, "artifacts", "publish", "Automation.Local", "release_linux-x64", "automation-local");

    public string Bootstrap => Path.Combine(Root, "artifacts", "publish", "Automation.Functions", "release_linux-x64", "bootstrap");

    /// <param name="isPublished">Whether to measure functions that were published earlier.</param>
    public static PeerBuilds Prepare(bool isPublished)
    {
        var builds = new PeerBuilds();
        builds.Stub = builds.Compile("stub");
        builds.Floor = builds.Compile("floor");
        var bare = Path.Combine(Root, "artifacts", "publish", "Bare", "release_linux-x64", "bare");
        if (!isPublished)
        {
            builds.Require("dotnet", "publish", "src/Automation.Functions", "-c", "Release", "-r", "linux-x64", "--nologo", "-v", "q");
            builds.Require("dotnet", "publish", "src/Automation.Local", "-c", "Release", "-r", "linux-x64", "--nologo", "-v", "q");
            builds.Try("bare .NET", "dotnet", "publish", "tests/Automation.Benchmarks/Peers/Bare", "-c", "Release", "-r", "linux-x64", "--nologo", "-v", "q");
        }

        builds.Bare = File.Exists(bare) ? bare : null;
        builds.HasNode = builds.Bundle();
        builds.Python = builds.FindPython();
        builds.HasMoto = builds.Python is not null && builds.Try("moto", builds.Python, "-c", "import moto.server");
        return builds;
    }

    /// <summary>A file beside the peers, such as <c>foreign.json</c>.</summary>
    public static string Source(string name) => Path.Combine(Root, "tests", "Automation.Benchmarks", "Peers", "Sources", name);

    /// <summary>A file that <see cref="Prepare"/> made, or a place for one.</summary>
    public string Made(string name) => Path.Combine(_folder, name);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "cdk.json")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository.");
        }

        return folder;
    }

    private string? Compile(string name) =>
        Try($"{name}.c", "cc", "-O2", "-o", Made(name), Source(name + ".c")) ? Made(name) : null;

    private bool Bundle()
    {
        const string What = "Node.js with the AWS SDK";
        File.Copy(Source("package.json"), Made("package.json"), overwrite: true);
        if (!Try(What, "npm", "install", "--prefix", _folder, "--no-package-lock", "--no-audit", "--no-fund", "--silent"))
        {
            return false;
        }

        foreach (var name in (string[])["function", "prune", "states"])
        {
            // Bundled code that imports a CommonJS module needs a require function.
            File.Copy(Source(name + ".mjs"), Made(name + ".source.mjs"), overwrite: true);
            if (!Try(
                What, Made("node_modules/.bin/esbuild"), Made(name + ".source.mjs"), "--bundle", "--platform=node", "--format=esm", "--log-level=error",
                "--banner:js=import{createRequire}from'module';const require=createRequire(import.meta.url);", "--outfile=" + Made(name + ".mjs")))
            {
                return false;
            }
        }

        return true;
    }

    private string? FindPython() =>
        Try("Python with boto3", "python3", "-c", $"import boto3, sys; open('{Made("python")}', 'w').write(sys.executable)")
            ? File.ReadAllText(Made("python"))
            : null;

    private bool Try(string what, string program, params string[] arguments)
    {
        try
        {
            if (Run(program, arguments) is not { } fault)
            {
                return true;
            }

            Skipped.Add($"{what}: {program} {fault}");
        }
        catch (Win32Exception e)
        {
            Skipped.Add($"{what}: {program} cannot be started ({e.Message})");
        }

        return false;
    }

    private void Require(string program, params string[] arguments)
    {
        if (Run(program, arguments) is { } fault)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} {fault}");
        }
    }

    /// <returns>How it failed; null if it did not.</returns>
    private static string? Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Root, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"ended with {process.ExitCode}: {errors.Trim().Split('\n')[^1]}";
    }
}
