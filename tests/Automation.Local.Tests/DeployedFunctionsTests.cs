using System.Text;
using Automation.Local.Deployment;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;

namespace Automation.Local.Tests;

public sealed class DeployedFunctionsTests : IDisposable
{
    private const string Template = """
        {"Resources":{"FunctionsReconcile":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"reconcile","Handler":"bootstrap",
          "Runtime":"provided.al2023","Role":"arn:aws:iam::123456789012:role/any","Code":{"S3Bucket":"any","S3Key":"functions.zip"}}}}}
        """;

    private readonly DirectoryInfo _package = Directory.CreateTempSubdirectory("automation-package-");

    public void Dispose() => _package.Delete(recursive: true);

    /// <summary><c>invoke --endpoint</c> runs the function on the rules that it has there, which are not those of the clone.</summary>
    [Theory]
    [InlineData("""{ "images": [] }""")]
    [InlineData(null)]
    public async Task Catalog_IsTheOneInThePackageOfTheFunction(string? catalog)
    {
        await File.WriteAllTextAsync(Path.Combine(_package.FullName, "bootstrap"), "", TestContext.Current.CancellationToken);
        if (catalog is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(_package.FullName, "catalog.json"), catalog, TestContext.Current.CancellationToken);
        }

        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Drive = false }, TestContext.Current.CancellationToken);
        host.Cloud.Run(() => host.Cloud.Stacks.Create(new StackSource("Automation", Template)
        {
            Assets = new Dictionary<string, string> { ["functions.zip"] = _package.FullName },
        }));
        using var functions = new DeployedFunctions(host.Endpoint, "us-east-1");

        var read = await functions.CatalogAsync("reconcile", TestContext.Current.CancellationToken);

        Assert.Equal(catalog, read is null ? null : Encoding.UTF8.GetString(read));
        Assert.Null(await functions.CatalogAsync("other", TestContext.Current.CancellationToken));
    }
}
