using System.Diagnostics;

namespace Automation.Infra;

/// <summary>The folder that is deployed: the published functions, with the catalog that the stack is made from beside them.</summary>
internal sealed class FunctionFolder : IDisposable
{
    private readonly bool _temporary;

    private FunctionFolder(string path, bool temporary)
    {
        Path = path;
        _temporary = temporary;
    }

    public string Path { get; }

    /// <param name="catalog">Its text. The published folder has infra/catalog.json; for another one a copy of the folder is made.</param>
    /// <exception cref="InvalidOperationException">The functions could not be published.</exception>
    public static FunctionFolder Of(string root, StackOptions options, string catalog)
    {
        var published = Published(root, options);
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

    private static string Published(string root, StackOptions options)
    {
        var folder = System.IO.Path.GetFullPath(System.IO.Path.Combine(
            root,
            Environment.GetEnvironmentVariable("AUTOMATION_FUNCTIONS") ?? options.Functions ?? $"artifacts/publish/Automation.Functions/release_{options.Runtime}"));
        if (File.Exists(System.IO.Path.Combine(folder, "bootstrap")))
        {
            return folder;
        }

        // `cdk` runs the build step of cdk.json first; without it this does the same.
        Console.Error.WriteLine($"No functions in {folder}: publishing them, which takes a minute.");
        using var publish = Process.Start(new ProcessStartInfo("dotnet", $"publish src/Automation.Functions -c Release -r {options.Runtime} --nologo -v q")
        {
            WorkingDirectory = root,
            RedirectStandardOutput = false,
        })!;
        publish.WaitForExit();
        return publish.ExitCode == 0 ? folder : throw new InvalidOperationException("dotnet publish src/Automation.Functions failed; see its output above.");
    }
}
