using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Automation.Functions.Tests;

/// <summary>
/// The deployed package, published like in cdk.json. The publish itself proves that there were no warnings, because trim and AOT warnings
/// are errors here as everywhere.
/// </summary>
[Trait("Category", "Slow")]
public sealed partial class PackageTests(PackageTests.Publication published) : IClassFixture<PackageTests.Publication>
{
    [Fact]
    public void Package_ContainsOnlyExecutableAndCatalog() =>
        Assert.Equal(["bootstrap", "catalog.json"],
            Directory.EnumerateFileSystemEntries(published.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public void Bootstrap_NeedsNoNewerSymbolsThanAmazonLinux2023Has()
    {
        var bytes = File.ReadAllBytes(Path.Combine(published.Folder, "bootstrap"));

        // The string table of the ELF file contains the symbol versions that the loader will require.
        var versions = GlibcVersion().Matches(Encoding.Latin1.GetString(bytes)).Select(match => Version.Parse(match.Groups[1].Value)).Distinct().ToList();

        Assert.NotEmpty(versions);
        Assert.True(versions.Max() <= new Version(2, 34), $"bootstrap needs GLIBC_{versions.Max()}, Amazon Linux 2023 has 2.34");
    }

    [Fact]
    public void Package_Zipped_IsSmallerThanTenMegabytes()
    {
        using var zip = new MemoryStream();
        ZipFile.CreateFromDirectory(published.Folder, zip);

        Assert.InRange(zip.Length, 1_000_000, 10_000_000);
    }

    [GeneratedRegex(@"GLIBC_(\d+\.\d+)")]
    private static partial Regex GlibcVersion();

    /// <summary>Publishes once for all tests of the class.</summary>
    public sealed class Publication
    {
        private static readonly bool CanPublish = OperatingSystem.IsLinux()
            && RuntimeInformation.OSArchitecture == Architecture.X64
            && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc")));

        private readonly Lazy<string> _folder = new(Publish);

        /// <summary>The publish folder. Skips the test if this machine cannot build native code for Lambda.</summary>
        public string Folder
        {
            get
            {
                Assert.SkipUnless(CanPublish, "Publishing native code for linux-x64 needs that system, with clang or gcc.");
                return _folder.Value;
            }
        }

        private static string Publish()
        {
            var root = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(root, "cdk.json")))
            {
                root = Path.GetDirectoryName(root)!;
            }

            var start = new ProcessStartInfo("dotnet", "publish src/Automation.Functions -c Release -r linux-x64 --nologo -v q")
            {
                WorkingDirectory = root,
                RedirectStandardOutput = true
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"dotnet publish ended with {process.ExitCode}:\n{output}");
            return Path.Combine(root, "artifacts", "publish", "Automation.Functions", "release_linux-x64");
        }
    }
}
