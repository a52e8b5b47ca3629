using System.Text.Json.Nodes;

namespace Automation.Infra.Tests;

/// <summary>The functions are published when a deployment needs them, not when the app is synthesised.</summary>
public sealed class PackageTests
{
    private static readonly FunctionPackage.Published Package = PackageCommand.Package(Synthesis.Root, "linux-x64", Synthesis.CatalogFile(Synthesis.Shipped));

    [Fact]
    public void Package_NotPublishedYet_IsACommandInTheAssetManifest()
    {
        var assets = JsonNode.Parse(Synthesis.Assets(Package))!["files"]!.AsObject();
        var file = Assert.Single(assets, asset => asset.Value!["source"]!["executable"] is not null);

        Assert.Equal(Package.Hash, file.Key);
        Assert.Equal(["dotnet", typeof(PackageCommand).Assembly.Location, "package", "linux-x64", Synthesis.CatalogFile(Synthesis.Shipped)],
            file.Value!["source"]!["executable"]!.AsArray().Select(part => part!.ToString()));
        Assert.Equal(Package.Hash, Assert.Single(file.Value["destinations"]!.AsObject()).Value!["objectKey"]!.ToString());
    }

    [Fact]
    public void Functions_OfAnUnpublishedPackage_NameItByItsHash()
    {
        var functions = Synthesis.With(Package).Of("AWS::Lambda::Function").ToList();

        Assert.Equal(11, functions.Count);
        Assert.All(functions, function => Assert.Equal(Package.Hash, function.Properties["Code"]!["S3Key"]!.ToString()));
        Assert.All(functions,
            function =>
                Assert.Equal("cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}", function.Properties["Code"]!["S3Bucket"]!["Fn::Sub"]!.ToString()));
    }

    [Fact]
    public void Hash_ChangesOnlyWithCatalogAndRuntime()
    {
        var shipped = Synthesis.CatalogFile(Synthesis.Shipped);

        Assert.Equal(Package.Hash, PackageCommand.Package(Synthesis.Root, "linux-x64", shipped).Hash);
        Assert.NotEqual(Package.Hash, PackageCommand.Package(Synthesis.Root, "linux-arm64", shipped).Hash);
        Assert.NotEqual(Package.Hash, PackageCommand.Package(Synthesis.Root, "linux-x64", Synthesis.CatalogFile("approval")).Hash);
    }
}
