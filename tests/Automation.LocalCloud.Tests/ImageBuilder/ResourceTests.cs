using System.Text.Json.Nodes;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>What holds for every kind of resource: client tokens, tags, Regions, the table of operations.</summary>
public sealed class ResourceTests : IDisposable
{
    private readonly ImageBuilderFixture _cloud = new();

    [Fact]
    public void RepeatedMember_IsRefused() => AssertRefused("SerializationException", 400, _cloud.Cloud.Handle(
        new Wire.WireRequest("POST", "/ListImages", "", new Dictionary<string, string>(), """{"owner":"Self","owner":"Self"}"""u8.ToArray())
        {
            Scope = new Wire.CredentialScope("AKID", Region, "imagebuilder"),
        }));

    [Fact]
    public void Null_IsTheSameAsAbsent()
    {
        var pipeline =
            _cloud.CreatePipeline(
                more: JsonNode.Parse(
                    """{"enhancedImageMetadataEnabled":null,"status":null,"schedule":null,"imageTestsConfiguration":{"imageTestsEnabled":null}}""")!.AsObject());

        var shown = _cloud.Ok("GetImagePipeline", new { imagePipelineArn = pipeline })["imagePipeline"]!;

        Assert.Equal("ENABLED", shown["status"]!.GetValue<string>());
        Assert.True(shown["imageTestsConfiguration"]!["imageTestsEnabled"]!.GetValue<bool>());
    }

    [Fact]
    public void ClientToken_SameRequest_GetsTheSameResponseOnce()
    {
        var body = _cloud.Recipe();
        body["clientToken"] = "once";
        var first = _cloud.Ok("CreateContainerRecipe", body);
        var reordered = new JsonObject(body.Reverse().Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));

        var second = _cloud.Ok("CreateContainerRecipe", reordered);

        Assert.Equal(first["containerRecipeArn"]!.GetValue<string>(), second["containerRecipeArn"]!.GetValue<string>());
        Assert.Equal("once", second["clientToken"]!.GetValue<string>());
        Assert.NotEqual(first["requestId"]!.GetValue<string>(), second["requestId"]!.GetValue<string>());
    }

    [Fact]
    public void ClientToken_OtherRequest_IsRefused()
    {
        var body = _cloud.Recipe();
        body["clientToken"] = "once";
        _cloud.Ok("CreateContainerRecipe", body);
        body["semanticVersion"] = "1.0.1";

        _cloud.Refused("IdempotentParameterMismatchException", 400, "CreateContainerRecipe", body);
    }

    [Fact]
    public void ClientToken_OfAFailedRequest_CanBeUsedAgain()
    {
        var pipeline = new { imagePipelineArn = Arn("image-pipeline/app"), clientToken = "again" };
        _cloud.Refused("ResourceNotFoundException", 404, "StartImagePipelineExecution", pipeline);
        _cloud.CreatePipeline();

        var first = _cloud.Ok("StartImagePipelineExecution", pipeline);
        var second = _cloud.Ok("StartImagePipelineExecution", pipeline);

        Assert.Equal(first["imageBuildVersionArn"]!.GetValue<string>(), second["imageBuildVersionArn"]!.GetValue<string>());
    }

    [Fact]
    public void Regions_DoNotSeeEachOther()
    {
        var arn = _cloud.CreateRecipe();

        Assert.Empty(_cloud.Ok("ListContainerRecipes", new { }, "eu-west-1")["containerRecipeSummaryList"]!.AsArray());
        _cloud.Refused("ResourceNotFoundException", 404, "GetContainerRecipe", new { containerRecipeArn = arn }, "eu-west-1");
    }

    [Fact]
    public void Delete_UsedByAPipeline_IsRefused()
    {
        var distribution = _cloud.CreateDistribution("targets", (Region, "app", []));
        var pipeline = _cloud.CreatePipeline(more: new JsonObject { ["distributionConfigurationArn"] = distribution });
        var recipe = new { containerRecipeArn = Arn("container-recipe/app/1.0.0") };
        var infrastructure = new { infrastructureConfigurationArn = Arn("infrastructure-configuration/app") };

        _cloud.Refused("ResourceDependencyException", 400, "DeleteContainerRecipe", recipe);
        _cloud.Refused("ResourceDependencyException", 400, "DeleteInfrastructureConfiguration", infrastructure);
        _cloud.Refused("ResourceDependencyException", 400, "DeleteDistributionConfiguration", new { distributionConfigurationArn = distribution });
        _cloud.Ok("DeleteImagePipeline", new { imagePipelineArn = pipeline });
        _cloud.Ok("DeleteContainerRecipe", recipe);
        _cloud.Ok("DeleteInfrastructureConfiguration", infrastructure);
        _cloud.Ok("DeleteDistributionConfiguration", new { distributionConfigurationArn = distribution });
        _cloud.Refused("ResourceNotFoundException", 404, "GetContainerRecipe", recipe);
    }

    [Fact]
    public void Tags_AreAddedReplacedAndRemovedByPercentEncodedArn()
    {
        var path = "/tags/" + Uri.EscapeDataString(_cloud.CreateRecipe());
        Assert.Equal(200, _cloud.Send("POST", path, body: new JsonObject { ["tags"] = new JsonObject { ["a b"] = "1", ["c"] = "2" } }).Status);
        Assert.Equal(200, _cloud.Send("POST", path, body: new JsonObject { ["tags"] = new JsonObject { ["c"] = "3" } }).Status);
        Assert.Equal("""{"tags":{"a b":"1","c":"3"}}""", Body(_cloud.Send("GET", path)).ToJsonString());

        Assert.Equal(200, _cloud.Send("DELETE", path, "tagKeys=a%20b&tagKeys=none").Status);

        Assert.Equal("3", _cloud.Ok("ListContainerRecipes", new { })["containerRecipeSummaryList"]![0]!["tags"]!["c"]!.GetValue<string>());
        Assert.Equal("""{"tags":{"c":"3"}}""", Body(_cloud.Send("GET", path)).ToJsonString());
        AssertRefused("InvalidParameterException", 400, _cloud.Send("DELETE", path));
        AssertRefused("ResourceNotFoundException", 404, _cloud.Send("GET", "/tags/" + Uri.EscapeDataString(Arn("image-pipeline/none"))));
        AssertRefused("InvalidParameterException", 400, _cloud.Send("GET", "/tags/rubbish"));
    }

    [Fact]
    public void Requests_WithoutAnOperation_AreRefused()
    {
        AssertRefused("UnknownOperationException", 404, _cloud.Send("GET", "/Nothing"));
        AssertRefused("UnknownOperationException", 404, _cloud.Send("GET", "/CreateContainerRecipe"));
        AssertRefused("SerializationException", 400,
            _cloud.Cloud.Handle(new Wire.WireRequest("POST", "/ListImages", "", new Dictionary<string, string>(), "[1"u8.ToArray())
            {
                Scope = new Wire.CredentialScope("AKID", Region, "imagebuilder"),
            }));
    }

    [Fact]
    public void AllOperationsOfTheTable_AreServed()
    {
        var model = Wire.RequestValidator.Of("imagebuilder").Model;
        foreach (var operation in model.Operations.Values)
        {
            var path = operation.Path.Replace("{resourceArn}", "x", StringComparison.Ordinal);
            var response = _cloud.Send(operation.Method, path, body: operation.Method is "GET" or "DELETE" ? null : []);
            Assert.NotEqual("UnknownOperationException", response.Headers.GetValueOrDefault("x-amzn-ErrorType"));
            Assert.NotEqual(500, response.Status);
        }
    }

    [Fact]
    public void Outcomes_RequestedAsJson_AreChecked()
    {
        var outcomes = _cloud.Cloud.ImageBuilder.Outcomes;
        var answer = outcomes.Apply(JsonNode.Parse("""{"pattern":"app","reason":"no","kind":"Test","atStatus":"TESTING","builds":2}""")!.AsObject());

        Assert.Equal("TESTING", answer["outcomes"]![0]!["atStatus"]!.GetValue<string>());
        Assert.Throws<Wire.AwsException>(() => outcomes.Apply(JsonNode.Parse("""{"pattern":"app","reason":"no","atStatus":"SLEEPING"}""")!.AsObject()));
        Assert.Throws<Wire.AwsException>(() => outcomes.Apply(JsonNode.Parse("""{"pattern":"app"}""")!.AsObject()));
        Assert.Throws<Wire.AwsException>(() => outcomes.Apply(JsonNode.Parse("""{"pattern":"app","reason":"no","speed":1}""")!.AsObject()));
        Assert.Empty(outcomes.Apply(new JsonObject { ["clear"] = true })["outcomes"]!.AsArray());
    }

    public void Dispose() => _cloud.Dispose();
}
