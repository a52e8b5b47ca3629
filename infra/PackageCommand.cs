using System.Diagnostics;
using System.IO.Compression;

namespace Automation.Infra;

/// <summary>
/// Publishes the functions as native code when the CDK CLI needs their package: <c>package RUNTIME CATALOG</c>. It prints the path of a zip file.
/// The file is cached under the hash of its inputs, so that a deployment to another account or Region does not publish again.
/// </summary>
internal static class PackageCommand
{
    public const string Name = "package";

    /// <summary>The package of a catalog, which is published on demand.</summary>
    public static FunctionPackage.Published Package(string root, string runtime, string catalogFile) => new(
        Key(root, runtime, catalogFile),
        ["dotnet", typeof(PackageCommand).Assembly.Location, Name, runtime, catalogFile]);

    /// <returns>The exit code.</returns>
    public static int Run(string root, string runtime, string catalogFile)
    {
        var zip = Path.Combine(root, "artifacts", "functions", $"{Key(root, runtime, catalogFile)}.zip");
        try
        {
            if (!File.Exists(zip))
            {
                Write(Publish(root, runtime), File.ReadAllText(catalogFile), zip);
            }
        }
        catch (StackOptionsException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }

        Console.WriteLine(zip);
        return 0;
    }

    private static string Key(string root, string runtime, string catalogFile) =>
        BuildInputs.Key(root, BuildInputs.Functions, runtime, File.ReadAllText(catalogFile), Environment.GetEnvironmentVariable("AwsPackages"));

    private static void Write(string published, string catalog, string zip)
    {
        using var folder = FunctionFolder.Of(published, catalog);
        Directory.CreateDirectory(Path.GetDirectoryName(zip)!);
        var unfinished = $"{zip}.{Environment.ProcessId}";
        ZipFile.CreateFromDirectory(folder.Path, unfinished);
        File.Move(unfinished, zip, overwrite: true);
    }

    // Unchanged inputs are not compiled again.
    private static string Publish(string root, string runtime)
    {
        // This step chooses the AWS packages before the build and prints its choice in one line.
        Dotnet(root, "msbuild src/AwsPackages/Choose.proj -nologo -tl:off", "AwsPackages: it could not be decided which AWS packages to build with");
        Console.Error.WriteLine($"Publishing the functions for {runtime}");
        Dotnet(
            root,
            $"publish src/Automation.Functions -c Release -r {runtime} --nologo -v q",
            $"architecture: the functions could not be published for {runtime}; native code is made on Linux of the same architecture, with clang or gcc");
        return Path.Combine(root, "artifacts", "publish", "Automation.Functions", $"release_{runtime}");
    }

    // Standard output contains only the path.
    private static void Dotnet(string root, string arguments, string fault)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = root, RedirectStandardOutput = true })!;
        Console.Error.Write(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new StackOptionsException([$"{fault}, see above"]);
        }
    }
}
