using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

/// <summary>A real client over a real port; skipped where skopeo is not installed.</summary>
public sealed class SkopeoTests : IDisposable
{
    private static readonly string? Skopeo = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "skopeo"))
        .FirstOrDefault(File.Exists);

    private readonly string _folder = Directory.CreateTempSubdirectory("automation-skopeo").FullName;
    private readonly RegistryFixture _registry = new();

    public void Dispose()
    {
        _registry.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Copy_MultiArchitectureImageThereAndBack_ReturnsTheSameBytesAndIsAPush()
    {
        Assert.SkipWhen(Skopeo is null, "skopeo is not installed");
        _registry.CreateRepository("team/web");
        var token = RegistryFixture.Text(_registry.Call("GetAuthorizationToken", "{}")["authorizationData"]![0]!["authorizationToken"]);
        var credentials = Encoding.UTF8.GetString(Convert.FromBase64String(token));
        await using var host = await LoopbackHost.StartAsync(_registry.Cloud, new LoopbackOptions(), cancellationToken: TestContext.Current.CancellationToken);
        var source = Layout("source", "amd64", "arm64");
        var image = $"docker://{host.Endpoint.Authority}/team/web:v1";

        await Run("copy", "--all", "--dest-tls-verify=false", "--dest-creds", credentials, $"oci:{source}", image);
        await Run("copy", "--all", "--src-tls-verify=false", "--src-creds", credentials, image, $"oci:{Path.Combine(_folder, "back")}");

        var sent = Blobs(source);
        Assert.Equal(7, sent.Count); // two images of manifest, config and layer, and the index
        Assert.Equal(sent, Blobs(Path.Combine(_folder, "back")));
        await _registry.Settle();
        Assert.Equal(["", "", "v1"], _registry.Events.Select(pushed => RegistryFixture.Text(pushed.Detail["image-tag"])));

        await Run("delete", "--tls-verify=false", "--creds", credentials, image);
        Assert.Equal(2, _registry.Call("ListImages", """{"repositoryName":"team/web"}""")["imageIds"]!.AsArray().Count);
    }

    private static SortedDictionary<string, string> Blobs(string layout) => new(
        Directory.EnumerateFiles(Path.Combine(layout, "blobs", "sha256"))
            .ToDictionary(file => Path.GetFileName(file), file => Convert.ToBase64String(File.ReadAllBytes(file)), StringComparer.Ordinal),
        StringComparer.Ordinal);

    private static async Task Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Skopeo!, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors);
    }

    /// <summary>An OCI image layout with an index with one small image per architecture.</summary>
    private string Layout(string name, params string[] architectures)
    {
        var folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256"));
        var manifests = string.Join(',', architectures.Select(Image));
        var index = Blob(RegistryFixture.OciIndex, $$"""{"schemaVersion":2, "mediaType":"{{RegistryFixture.OciIndex}}","manifests":[{{manifests}}]}""".Bytes());
        File.WriteAllText(Path.Combine(folder, "index.json"), $$"""{"schemaVersion":2,"manifests":[{{index.ToJsonString()}}]}""");
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        return folder;

        string Image(string architecture)
        {
            var tar = Tar(architecture);
            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            {
                gzip.Write(tar);
            }

            var layer = Blob("application/vnd.oci.image.layer.v1.tar+gzip", compressed.ToArray());
            var config = Blob(
                "application/vnd.oci.image.config.v1+json",
                $$$"""{"architecture":"{{{architecture}}}","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{{Digest(tar)}}}"]}}""".Bytes());
            var manifest = Blob(
                RegistryFixture.OciManifest,
                $$"""{"schemaVersion":2,"mediaType":"{{RegistryFixture.OciManifest}}", "config":{{config.ToJsonString()}},"layers":[{{layer.ToJsonString()}}]}""".Bytes());
            manifest["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = architecture };
            return manifest.ToJsonString();
        }

        JsonObject Blob(string mediaType, byte[] content)
        {
            var digest = Digest(content);
            File.WriteAllBytes(Path.Combine(folder, "blobs", "sha256", digest[7..]), content);
            return new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
        }
    }

    private static byte[] Tar(string content)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "architecture")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }

        return tar.ToArray();
    }

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
}

file static class Utf8
{
    public static byte[] Bytes(this string text) => Encoding.UTF8.GetBytes(text);
}
