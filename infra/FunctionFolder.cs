namespace Automation.Infra;

/// <summary>A folder that is deployed as it is: the published functions and the catalog of the stack.</summary>
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

    /// <param name="published">The folder with <c>bootstrap</c>.</param>
    /// <param name="catalog">The text of the catalog. The published folder has infra/catalog.json; another catalog gets a copy of the folder.</param>
    /// <exception cref="StackOptionsException">There is no such folder, or its functions would not start on Lambda.</exception>
    public static FunctionFolder Of(string published, string catalog)
    {
        var bootstrap = System.IO.Path.Combine(published, "bootstrap");
        if (!File.Exists(bootstrap))
        {
            throw new StackOptionsException([$"functions: there is no bootstrap in {published}"]);
        }

        if (Environment.GetEnvironmentVariable(RunsHere) != "1")
        {
            LambdaRuntime.Check(bootstrap);
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
}
