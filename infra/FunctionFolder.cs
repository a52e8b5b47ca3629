using System.Diagnostics;

namespace Automation.Infra;

/// <summary>The folder that is deployed: the published functions and the catalog of the stack.</summary>
internal sealed class FunctionFolder : IDisposable
{
    /// <summary>The local run sets this to 1, because its functions run on the machine that published them.</summary>
    private const string RunsHere = "AUTOMATION_LOCAL";

    private readonly bool _temporary;

    private FunctionFolder(string path, bool temporary)
    {
        Path = path;
        _temporary = temporary;
    }

    public string Path { get; }

    /// <param name="catalog">The text of the catalog. The published folder has infra/catalog.json; another catalog gets a copy of the folder.</param>
    /// <exception cref="StackOptionsException">The functions could not be published, are not in the folder of the options, or would not start on Lambda.</exception>
    public static FunctionFolder Of(string root, StackOptions options, string catalog)
    {
        var published = Published(root, options);
        if (Environment.GetEnvironmentVariable(RunsHere) != "1")
        {
            LambdaRuntime.Check(System.IO.Path.Combine(published, "bootstrap"));
        }

        if (File.Exists(System.IO.Path.Combine(published, "catalog.json")) && File.ReadAllText(System.IO.Path.Combine(published, "catalog.json")) == catalog)
        {
            return new FunctionFolder(published, temporary: false);
        }

        var copy = Directory.CreateTempSubdirectory("automation-functions-").FullName;
        foreach (var file in Directory.EnumerateFiles(published, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(copy, System.IO.Path.GetRelativePath(published, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        File.WriteAllText(System.IO.Path.Combine(copy, "catalog.json"), catalog);
        return new FunctionFolder(copy, temporary: true);
    }

    public void Dispose()
    {
        if (_temporary)
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    // A folder named by the options is used unchanged. Otherwise the functions are published for the architecture of the stack; only what has
    // changed since the last publish is compiled.
    private static string Published(string root, StackOptions options)
    {
        if ((Environment.GetEnvironmentVariable("AUTOMATION_FUNCTIONS") ?? options.Functions) is { } given)
        {
            var folder = System.IO.Path.GetFullPath(System.IO.Path.Combine(root, given));
            return File.Exists(System.IO.Path.Combine(folder, "bootstrap"))
                ? folder
                : throw new StackOptionsException([$"functions: the folder {folder} has no bootstrap"]);
        }

        // This step chooses the AWS packages before the build and prints its choice in one line.
        if (!Dotnet(root, "msbuild src/AwsPackages/Choose.proj -nologo -tl:off"))
        {
            throw new StackOptionsException(["AwsPackages: could not decide which AWS packages to build with; see the output above"]);
        }

        Console.Error.WriteLine($"Publishing the functions for {options.Runtime}");
        return Dotnet(root, $"publish src/Automation.Functions -c Release -r {options.Runtime} --nologo -v q")
            ? System.IO.Path.Combine(root, $"artifacts/publish/Automation.Functions/release_{options.Runtime}")
            : throw new StackOptionsException([$"architecture: the functions could not be published for {options.Runtime}; see the output above. Publish native code on Linux of the same architecture, with clang or gcc"]);
    }

    private static bool Dotnet(string root, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = root })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
