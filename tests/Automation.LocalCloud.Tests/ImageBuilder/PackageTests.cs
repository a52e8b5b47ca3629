using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.ImageBuilder;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>The packages of a build, from the package databases in the layers of its parent.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Dpkg = "var/lib/dpkg/status";
    private const string Apk = "lib/apk/db/installed";
    private readonly ImageBuilderFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData(Dpkg, "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.41-12\nDescription: C\n Version: no\n\n", "libc6 2.41-12")]
    [InlineData("./" + Dpkg, "Package: b\nVersion: 1:2\n\nPackage: a\nVersion: 3\n", "a 3, b 1:2")]
    [InlineData(Dpkg, "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: b\nStatus: install ok installed\nVersion: 2\n", "b 2")]
    [InlineData(Dpkg + ".d/tzdata", "Package: tzdata\nVersion: 2025b\n", "tzdata 2025b")]
    [InlineData(Apk, "C:Q1xyz=\nP:musl\nV:1.2.5-r9\nA:x86_64\n\nP:busybox\nV:1.37.0-r12\n\n", "busybox 1.37.0-r12, musl 1.2.5-r9")]
    [InlineData(Dpkg + ".d/tzdata.md5sums", "Package: no\nVersion: 1\n", "")]
    [InlineData("var/lib/dpkg/status-old", "Package: no\nVersion: 1\n", "")]
    [InlineData("home/lib/apk/db/installed", "P:no\nV:1\n\n", "")]
    [InlineData(Dpkg, "Package: unversioned\n\nVersion: 1\n\n", "")]
    public void Database_IsRead(string path, string text, string expected) => Assert.Equal(expected, Read([(path, text)]));

    [Fact]
    public void Database_OfAHigherLayer_ReplacesTheLowerOne() =>
        Assert.Equal("a 2", Read([(Dpkg, "Package: a\nVersion: 1\n")], [(Dpkg, "Package: a\nVersion: 2\n")], [("etc/motd", "hello")]));

    [Theory]
    [InlineData("var/lib/dpkg/.wh.status")]
    [InlineData("var/lib/.wh.dpkg")]
    [InlineData(".wh.var")]
    [InlineData(".wh..wh..opq")]
    [InlineData("var/lib/dpkg/.wh..wh..opq")]
    public void Database_ThatAHigherLayerRemoves_IsGone(string whiteout) =>
        Assert.Equal("", Read([(Dpkg, "Package: a\nVersion: 1\n")], [(whiteout, "")]));

    [Theory]
    [InlineData("")]
    [InlineData("not an archive")]
    [InlineData("\u001f\u008bneither")]
    public void Layer_OfOtherBytes_HasNone(string content) => Assert.Empty(PackageDatabase.Read([Encoding.Latin1.GetBytes(content)]));

    [Fact]
    public async Task Packages_OfABuild_AreThoseOfItsParent_PageByPage()
    {
        var build = await BuildAsync(string.Concat(Enumerable.Range(10, 30).Select(i => $"Package: p{i}\nVersion: 1.{i}\n\n")));

        var first = _cloud.Ok("ListImagePackages", new { imageBuildVersionArn = build });
        var second = _cloud.Ok("ListImagePackages", new { imageBuildVersionArn = build, nextToken = first["nextToken"]!.ToString() });

        Assert.Equal(25, first["imagePackageList"]!.AsArray().Count);
        Assert.Equal(5, second["imagePackageList"]!.AsArray().Count);
        var package = first["imagePackageList"]![0]!;
        Assert.Equal(("p10", "1.10"), (package["packageName"]!.ToString(), package["packageVersion"]!.ToString()));
        Assert.Null(second["nextToken"]);
    }

    [Fact]
    public async Task Packages_ParentWasReplacedSince_AreThoseOfTheBuild()
    {
        var build = await BuildAsync("Package: a\nVersion: 1\n");
        PushBase("Package: a\nVersion: 2\n");

        Assert.Equal("1", _cloud.Ok("ListImagePackages", new { imageBuildVersionArn = build })["imagePackageList"]![0]!["packageVersion"]!.ToString());
    }

    [Fact]
    public async Task Packages_WithoutEnhancedMetadata_AreNotRecorded()
    {
        var build = await BuildAsync("Package: a\nVersion: 1\n", new JsonObject { ["enhancedImageMetadataEnabled"] = false });

        Assert.Empty(_cloud.Ok("ListImagePackages", new { imageBuildVersionArn = build })["imagePackageList"]!.AsArray());
    }

    [Fact]
    public async Task Packages_OfADeletedBuild_AreNotFound()
    {
        var build = await BuildAsync("Package: a\nVersion: 1\n");
        _cloud.Ok("DeleteImage", new { imageBuildVersionArn = build });

        _cloud.Refused("ResourceNotFoundException", 404, "ListImagePackages", new { imageBuildVersionArn = build });
    }

    [Theory]
    [InlineData("image/app/1.0.0")]
    [InlineData("image/app/x.x.x")]
    [InlineData("container-recipe/app/1.0.0/1")]
    public void Packages_OfSomethingElseThanABuild_AreRefused(string path) =>
        _cloud.Refused("InvalidRequestException", 400, "ListImagePackages", new { imageBuildVersionArn = Arn(path) });

    private static string Read(params IReadOnlyList<(string Path, string Text)>[] layers) =>
        string.Join(", ", PackageDatabase.Read(layers.Select(files => OciImage.Of(files).Layer)).Select(package => $"{package.Name} {package.Version}"));

    private async Task<string> BuildAsync(string status, JsonObject? pipeline = null)
    {
        _cloud.CreateRepository("base");
        _cloud.CreateRepository("app");
        PushBase(status);
        var build = _cloud.Start(_cloud.CreatePipeline(parent: $"{Host}/base:1", more: pipeline));
        await _cloud.IdleAsync();
        Assert.Equal("AVAILABLE", _cloud.Status(build));
        return build;
    }

    private void PushBase(string status)
    {
        var image = OciImage.Of([(Dpkg, status)]);
        _cloud.Cloud.Run(() =>
        {
            _cloud.Cloud.Ecr.PutBlob(Region, "base", image.Layer);
            _cloud.Cloud.Ecr.PutBlob(Region, "base", image.Config);
            return _cloud.Cloud.Ecr.PutManifest(Region, "base", image.Manifest, OciImage.ManifestType, "1");
        });
    }
}
