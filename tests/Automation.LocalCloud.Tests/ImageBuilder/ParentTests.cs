using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>Parent images that are named by a parameter, or by the ARN of an Amazon-managed image.</summary>
public sealed class ParentTests : IDisposable
{
    private const string Managed = $"arn:aws:imagebuilder:{Region}:aws:image/amazon-linux-x86-latest";
    private readonly ImageBuilderFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("ssm:/imagebuilder/base")]
    [InlineData($"ssm:arn:aws:ssm:{Region}:{Account}:parameter/imagebuilder/base")]
    public async Task Parameter_NamesTheParentAtTheTimeOfTheBuild(string parent)
    {
        _cloud.CreateRepository("base");
        _cloud.CreateRepository("app");
        var digest = _cloud.Push("base", "1", "first");
        Put("/imagebuilder/base", $"{Host}/base:1");

        var arn = _cloud.Start(_cloud.CreatePipeline(parent: parent));
        await _cloud.IdleAsync();

        Assert.Equal("AVAILABLE", _cloud.Status(arn));
        Assert.Equal(digest, _cloud.Config("app", "1.0.0-1")["config"]!["Labels"]!["org.opencontainers.image.base.digest"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(null, "the parameter does not exist")]
    [InlineData("ssm:/other", "the parameter names another parameter")]
    public async Task Parameter_NamesNoImage_FailsTheBuild(string? value, string reason)
    {
        _cloud.CreateRepository("app");
        if (value is not null)
        {
            Put("/imagebuilder/base", value);
        }

        var arn = _cloud.Start(_cloud.CreatePipeline(parent: "ssm:/imagebuilder/base"));
        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Contains(reason, _cloud.Reason(arn), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameter_ServiceLinkedRoleMayNotReadIt_FailsTheBuild()
    {
        _cloud.CreateRepository("refused");
        _cloud.CreateRepository("allowed");
        Put("/golden/base", "public.ecr.aws/docker/library/debian:12");

        var refused = _cloud.Start(_cloud.CreatePipeline("refused", "ssm:/golden/base"));
        var allowed = _cloud.Start(
            _cloud.CreatePipeline("allowed", "ssm:/golden/base", more: new JsonObject { ["executionRole"] = $"arn:aws:iam::{Account}:role/Builds" }));
        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(refused));
        Assert.Contains("ssm:GetParameter", _cloud.Reason(refused), StringComparison.Ordinal);
        Assert.Contains("AWSServiceRoleForImageBuilder", _cloud.Reason(refused), StringComparison.Ordinal);
        Assert.Equal("AVAILABLE", _cloud.Status(allowed));
    }

    [Fact]
    public void ManagedImage_WildcardsSelectTheNewestMatchingVersion()
    {
        Order("2025.12.1");
        Order("2026.1.1");

        Assert.Equal($"{Managed}/2026.1.1/1", Arn(_cloud.Image($"{Managed}/x.x.x")));
        Assert.Equal($"{Managed}/2025.12.1/1", Arn(_cloud.Image($"{Managed}/2025.x.x")));
        Assert.Equal("AVAILABLE", _cloud.Status($"{Managed}/2026.1.1/1"));
        _cloud.Refused("ResourceNotFoundException", 404, "GetImage", new { imageBuildVersionArn = $"{Managed}/2027.x.x" });
    }

    [Fact]
    public async Task ManagedImage_AsParent_IsTheCurrentVersion()
    {
        _cloud.CreateRepository("app");
        Order("2026.1.1");

        _cloud.Start(_cloud.CreatePipeline(parent: $"{Managed}/x.x.x"));
        await _cloud.IdleAsync();

        Assert.Equal($"{Managed}/2026.1.1/1", _cloud.Config("app", "1.0.0-1")["config"]!["Labels"]!["org.opencontainers.image.base.name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"name":"a"}""")]
    [InlineData("""{"name":"a","version":"x.x.x"}""")]
    [InlineData("""{"name":"a","version":"1.0.0","more":1}""")]
    public void Request_Invalid_IsRefused(string order) => Assert.Equal(
        "ValidationException",
        Assert.Throws<AwsException>(() => _cloud.Cloud.Run(() => _cloud.Cloud.ImageBuilder.SetManagedImages(JsonNode.Parse(order)!.AsObject()))).Code);

    private void Order(string version)
    {
        _cloud.Cloud.Run(() => _cloud.Cloud.ImageBuilder.SetManagedImages(new JsonObject { ["name"] = "amazon-linux-x86-latest", ["version"] = version }));
        _cloud.Cloud.Run(() => _cloud.Cloud.Clock.Pass(TimeSpan.FromMinutes(1)));
    }

    private void Put(string name, string value) => Assert.Equal(200, _cloud.Send(
        "POST", "/", "", new JsonObject { ["Name"] = name, ["Value"] = value, ["Type"] = "String" }, service: "ssm", target: "AmazonSSM.PutParameter").Status);

    private static string Arn(JsonNode image) => image["arn"]!.GetValue<string>();
}
