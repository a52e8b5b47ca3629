namespace Automation.Conformance;

/// <summary>A client that builds images: it pushes what it has built and builds on what it has pulled. Skipped where buildah is not installed.</summary>
public sealed class BuildahTests
{
    [Theory]
    [InlineData("oci", "application/vnd.oci.image.manifest.v1+json")]
    [InlineData("v2s2", "application/vnd.docker.distribution.manifest.v2+json")]
    public async Task ImageThatWasBuiltAndPushed_IsTheBaseOfTheNextBuild(string format, string mediaType)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "buildah needs root here: other users may have no ranges of ids");
        await using var user = await RegistryUser.StartAsync("buildah");
        var image = $"docker://{user.Of("built")}";
        user.Write("hello", "hello");

        await RunAsync(user, "from", "--name", "first", "scratch");
        await RunAsync(user, "copy", "first", "hello", "/hello");
        await RunAsync(user, "commit", "--format", format == "oci" ? "oci" : "docker", "first", "built");
        await RunAsync(user, "push", "--tls-verify=false", "--creds", user.Credentials, "--format", format, "built", image);
        await RunAsync(user, "rmi", "--all", "--force");
        await RunAsync(user, "from", "--name", "second", "--tls-verify=false", "--creds", user.Credentials, image);
        var mounted = (await RunAsync(user, "mount", "second")).Trim();

        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(mounted, "hello"), TestContext.Current.CancellationToken));
        var detail = Assert.Single(user.Ecr(
            "DescribeImages", $$"""{"repositoryName":"{{RegistryUser.Repository}}","imageIds":[{"imageTag":"built"}]}""")["imageDetails"]!.AsArray())!;
        Assert.Equal((mediaType, "built"), (detail["imageManifestMediaType"]!.ToString(), Assert.Single(detail["imageTags"]!.AsArray())!.ToString()));
        await RunAsync(user, "umount", "second");
    }

    private static Task<string> RunAsync(RegistryUser user, params string[] arguments) => user.RunAsync(
        "buildah", ["--storage-driver", "vfs", "--root", user.PathOf("root"), "--runroot", user.PathOf("run"), .. arguments]);
}
