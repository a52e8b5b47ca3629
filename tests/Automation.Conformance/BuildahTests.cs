using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Wire;

namespace Automation.Conformance;

/// <summary>A client that builds images: it pushes what it has built and builds on what it has pulled. Skipped where buildah is not installed.</summary>
public sealed class BuildahTests : IDisposable
{
    private static readonly string? Buildah = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "buildah"))
        .FirstOrDefault(File.Exists);

    private readonly string _folder = Directory.CreateTempSubdirectory("automation-buildah").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("oci", "application/vnd.oci.image.manifest.v1+json")]
    [InlineData("v2s2", "application/vnd.docker.distribution.manifest.v2+json")]
    public async Task ImageThatWasBuiltAndPushed_IsTheBaseOfTheNextBuild(string format, string mediaType)
    {
        Assert.SkipWhen(Buildah is null, "buildah is not installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "buildah needs root here: other users may have no ranges of ids");
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), TestContext.Current.CancellationToken);
        Ecr(host, "CreateRepository", """{"repositoryName":"team/app"}""");
        var token = Ecr(host, "GetAuthorizationToken", "{}")["authorizationData"]![0]!["authorizationToken"]!.ToString();
        var credentials = Encoding.UTF8.GetString(Convert.FromBase64String(token));
        var image = $"docker://{host.Endpoint.Authority}/team/app:v1";
        await File.WriteAllTextAsync(Path.Combine(_folder, "hello"), "hello", TestContext.Current.CancellationToken);

        await Run("from", "--name", "first", "scratch");
        await Run("copy", "first", Path.Combine(_folder, "hello"), "/hello");
        await Run("commit", "--format", format == "oci" ? "oci" : "docker", "first", "built");
        await Run("push", "--tls-verify=false", "--creds", credentials, "--format", format, "built", image);
        await Run("rmi", "--all", "--force");
        await Run("from", "--name", "second", "--tls-verify=false", "--creds", credentials, image);
        var mounted = (await Run("mount", "second")).Trim();

        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(mounted, "hello"), TestContext.Current.CancellationToken));
        var detail = Assert.Single(Ecr(host, "DescribeImages", """{"repositoryName":"team/app"}""")["imageDetails"]!.AsArray())!;
        Assert.Equal((mediaType, "v1"), (detail["imageManifestMediaType"]!.ToString(), Assert.Single(detail["imageTags"]!.AsArray())!.ToString()));
        await Run("umount", "second");
    }

    private static JsonNode Ecr(CloudHost host, string operation, string body)
    {
        var headers = new Dictionary<string, string>
        {
            ["x-amz-target"] = $"AmazonEC2ContainerRegistry_V20150921.{operation}",
            ["host"] = host.Endpoint.Authority
        };
        var answer = host.Cloud.Handle(
            new WireRequest("POST", "/", "", headers, Encoding.UTF8.GetBytes(body)) { Scope = new CredentialScope("AKIDLOCAL", "us-east-1", "ecr") });
        Assert.Equal(200, answer.Status);
        return JsonNode.Parse(answer.Body.Span)!;
    }

    private async Task<string> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Buildah!, ["--storage-driver", "vfs", "--root", Path.Combine(_folder, "root"), "--runroot", Path.Combine(_folder, "run"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"buildah {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{errors}");
        return await output;
    }
}
