using System.Text.Json.Nodes;
using Amazon.Runtime;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.LocalCloud.CloudFormation;

namespace Automation.Cli.Tests;

/// <summary>Outside the repository, the catalog comes from the deployed functions.</summary>
public sealed class DeployedCatalogTests : IDisposable
{
    private const string Template = """
        {"Resources":{
          "FunctionsReconcileA7FC4E8E":{"Type":"AWS::Lambda::Function","Properties":{"Code":{"S3Bucket":"any","S3Key":"functions.zip"},
            "Role":"arn:aws:iam::123456789012:role/any","Handler":"bootstrap","Runtime":"provided.al2023"}},
          "Queue":{"Type":"AWS::SQS::Queue"}}}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("automation-catalog-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Catalog_OfADeployedStack_IsInThePackageOfItsFunctions()
    {
        await using var fleet = await CommandFixture.StartAsync(null);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "bootstrap"), "", Token);
        File.Copy(CommandFixture.PathOf("catalog.json"), Path.Combine(_folder.FullName, "catalog.json"));
        Deploy(fleet);

        Assert.Equal(["app", "app-web"], (await ReadAsync(fleet, "Automation")).Images.Select(image => image.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Status_OutsideTheRepository_FollowsTheCatalogInTheStack()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "bootstrap"), "", Token);
        File.Copy(CommandFixture.PathOf("catalog.json"), Path.Combine(_folder.FullName, "catalog.json"));
        AddFunction(fleet);
        var elsewhere = Directory.CreateTempSubdirectory("automation-elsewhere-");
        try
        {
            var run = await CommandRun.OfAsync(
                new DrivenTime(fleet.Host.Cloud), ["status", "-o", "ndjson", "--endpoint", fleet.Host.Endpoint.ToString()], elsewhere.FullName, Token);

            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Equal(["app", "app-web"],
                run.Output.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!["image"]!.ToString()).Order(StringComparer.Ordinal));
        }
        finally
        {
            elsewhere.Delete();
        }
    }

    // The clone has its own catalog, but the embedded cloud may run another one: automation cloud --catalog FILE.
    [Theory]
    [InlineData(true, "app", "app-web")]
    [InlineData(false, "other")]
    public async Task Status_InAClone_FollowsTheCatalogThatTheEmbeddedCloudRuns(bool deployed, params string[] images)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "bootstrap"), "", Token);
        if (deployed)
        {
            File.Copy(CommandFixture.PathOf("catalog.json"), Path.Combine(_folder.FullName, "catalog.json"));
        }

        AddFunction(fleet);
        var clone = Directory.CreateTempSubdirectory("automation-clone-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(clone.FullName, "cdk.json"), """{ "context": { "catalog": "mine.json" } }""", Token);
            await File.WriteAllTextAsync(
                Path.Combine(clone.FullName, "mine.json"),
                """{ "images": [ { "name": "other", "from": "public.ecr.aws/x/y:1", "repository": "images/other", "build": { "schedule": "rate(7 days)" } } ] }""", Token);
            var run = await CommandRun.OfAsync(
                new DrivenTime(fleet.Host.Cloud), ["status", "-o", "ndjson", "--endpoint", fleet.Host.Endpoint.ToString()], clone.FullName, Token);

            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Equal(images, run.Output.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!["image"]!.ToString()).Order(StringComparer.Ordinal));
        }
        finally
        {
            clone.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Catalog_MissingInThePackage_IsRefusedWithWhatToDo()
    {
        await using var fleet = await CommandFixture.StartAsync(null);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "bootstrap"), "", Token);
        Deploy(fleet);

        var refusal = await Assert.ThrowsAsync<CommandException>(() => ReadAsync(fleet, "Automation"));
        Assert.StartsWith("The catalog cannot be read from the deployed stack: the package of Automation-FunctionsReconcile", refusal.Message,
            StringComparison.Ordinal);
        Assert.EndsWith("has no catalog.json. Run this in the repository, or name the file with --catalog.", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Other", "Stack with id Other does not exist")]
    [InlineData(null, "its workflow belongs to no stack")]
    public async Task Catalog_StackDoesNotExist_IsRefused(string? stack, string reason)
    {
        await using var fleet = await CommandFixture.StartAsync(null);

        Assert.Contains(reason, (await Assert.ThrowsAsync<CommandException>(() => ReadAsync(fleet, stack))).Message, StringComparison.Ordinal);
    }

    // The stack of the fleet, with a function as the CDK app defines it.
    private void AddFunction(CommandFixture fleet)
    {
        var template = JsonNode.Parse(File.ReadAllText(CommandFixture.PathOf("stack.json")))!;
        template["Resources"]!["FunctionsReconcileA7FC4E8E"] = JsonNode.Parse(Template)!["Resources"]!["FunctionsReconcileA7FC4E8E"]!.DeepClone();
        fleet.Host.Cloud.Run(() => fleet.Host.Cloud.Stacks.Update(new StackSource("Automation", template.ToJsonString())
        {
            Assets = new Dictionary<string, string> { ["functions.zip"] = _folder.FullName },
        }));
    }

    private void Deploy(CommandFixture fleet) => fleet.Host.Cloud.Run(() => fleet.Host.Cloud.Stacks.Create(new StackSource("Automation", Template)
    {
        Assets = new Dictionary<string, string> { ["functions.zip"] = _folder.FullName },
    }));

    private static async Task<Core.Catalog.ImageCatalog> ReadAsync(CommandFixture fleet, string? stack)
    {
        using var http = new HttpClient();
        var calls = new SignedCalls(fleet.Host.Endpoint, new BasicAWSCredentials("test", "test"), http, TimeProvider.System);
        return await new DeployedCatalog(calls, http, "us-east-1").ReadAsync(stack, "", Token);
    }
}
