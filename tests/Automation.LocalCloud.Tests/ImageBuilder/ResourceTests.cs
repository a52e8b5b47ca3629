using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

public sealed class ResourceTests : IDisposable
{
    private readonly ImageBuilderFixture _cloud = new();

    [Fact]
    public void ContainerRecipe_IsReadBackComplete()
    {
        var arn = _cloud.CreateRecipe("My App", "1.2.3");

        var answer = _cloud.Ok("GetContainerRecipe", new { containerRecipeArn = arn });

        Assert.Equal(Arn("container-recipe/my-app/1.2.3"), arn);
        var recipe = answer["containerRecipe"]!;
        Assert.Equal("My App", recipe["name"]!.GetValue<string>());
        Assert.Equal("1.2.3", recipe["version"]!.GetValue<string>());
        Assert.Equal("ECR", recipe["targetRepository"]!["service"]!.GetValue<string>());
        Assert.False(recipe["encrypted"]!.GetValue<bool>());
        Assert.Equal(Arn("container-recipe/my-app/1.2.x"), answer["latestVersionReferences"]!["latestMinorVersionArn"]!.GetValue<string>());
        Assert.NotNull(answer["requestId"]);
    }

    [Fact]
    public void CreateContainerRecipe_SameVersionAgain_IsRefused()
    {
        _cloud.CreateRecipe();
        _cloud.Refused("ResourceAlreadyExistsException", 400, "CreateContainerRecipe", _cloud.Recipe());
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "InvalidRequestException")]
    [InlineData("""{"name":"a/b"}""", "InvalidRequestException")]
    [InlineData("""{"semanticVersion":"1.0"}""", "InvalidVersionNumberException")]
    [InlineData("""{"semanticVersion":"1.x.0"}""", "InvalidVersionNumberException")]
    [InlineData("""{"semanticVersion":"1.0.1073741824"}""", "InvalidVersionNumberException")]
    [InlineData("""{"containerType":"PODMAN"}""", "InvalidRequestException")]
    [InlineData("""{"parentImage":null}""", "InvalidRequestException")]
    [InlineData("""{"targetRepository":{"service":"ECR"}}""", "InvalidRequestException")]
    [InlineData("""{"dockerfileTemplateUri":"s3://b/k"}""", "InvalidParameterCombinationException")]
    [InlineData("""{"dockerfileTemplateData":null}""", "InvalidParameterCombinationException")]
    [InlineData("""{"dockerfileTemplateData":null,"dockerfileTemplateUri":"s3://b/k"}""", "InvalidParameterValueException")]
    [InlineData("""{"imageOsVersionOverride":"12","platformOverride":null}""", "InvalidParameterCombinationException")]
    [InlineData("""{"tags":{"aws:x":"y"}}""", "InvalidRequestException")]
    [InlineData("""{"tags":5}""", "SerializationException")]
    [InlineData("""{"components":[]}""", "InvalidRequestException")]
    [InlineData("""{"dockerfileTemplateData":"RUN true"}""", "InvalidParameterValueException")]
    [InlineData("""{"dockerfileTemplateData":"FROM debian\nRUN echo {{{ imagebuilder:parentImage }}}"}""", "InvalidParameterValueException")]
    [InlineData("""{"dockerfileTemplateData":"# FROM {{{ imagebuilder:parentImage }}}\nFROM debian"}""", "InvalidParameterValueException")]
    [InlineData(
        """{"dockerfileTemplateData":"FROM {{{ imagebuilder:parentImage }}}","components":[{"componentArn":"arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"}]}""", "InvalidParameterValueException")]
    [InlineData("""{"dockerfileTemplateData":"FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:components }}}\n{{{ imagebuilder:environments }}}"}""",
        "InvalidParameterValueException")]
    public void CreateContainerRecipe_Invalid_IsRefusedAndChangesNothing(string change, string code)
    {
        var body = _cloud.Recipe();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        _cloud.Refused(code, 400, "CreateContainerRecipe", body);
        Assert.Empty(_cloud.Ok("ListContainerRecipes", new { })["containerRecipeSummaryList"]!.AsArray());
    }

    /// <summary>"Dockerfile template" of https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html</summary>
    [Theory]
    [InlineData("FROM {{{ imagebuilder:parentImage }}}", false)]
    [InlineData("FROM {{{imagebuilder:parentImage}}} AS base\n{{{ imagebuilder:environments }}}", true)]
    [InlineData("FROM debian AS tools\nFROM --platform=linux/amd64 {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}", true)]
    public void CreateContainerRecipe_WithWhatThePageRequires_IsAccepted(string template, bool hasComponents) =>
        _cloud.CreateRecipe(
            template: template, components: hasComponents ? [new { componentArn = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x" }] : null);

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
    public void CreateContainerRecipe_WithWildcard_Increments()
    {
        Assert.EndsWith("/1.0.0", _cloud.CreateRecipe(version: "1.0.x"), StringComparison.Ordinal);
        Assert.EndsWith("/1.0.1", _cloud.CreateRecipe(version: "1.0.x"), StringComparison.Ordinal);
        Assert.EndsWith("/1.1.0", _cloud.CreateRecipe(version: "1.x.x"), StringComparison.Ordinal);
        Assert.EndsWith("/2.0.0", _cloud.CreateRecipe(version: "x.x.x"), StringComparison.Ordinal);
    }

    [Fact]
    public void GetContainerRecipe_Wildcard_SelectsTheNewestVersionByNumber()
    {
        _cloud.CreateRecipe(version: "1.9.0");
        _cloud.CreateRecipe(version: "1.10.0");
        _cloud.CreateRecipe(version: "2.0.0");

        var recipe = _cloud.Ok("GetContainerRecipe", new { containerRecipeArn = Arn("container-recipe/app/1.x.x") })["containerRecipe"]!;

        Assert.Equal("1.10.0", recipe["version"]!.GetValue<string>());
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
    public void List_PagesThroughEverythingOnce()
    {
        for (var i = 0; i < 30; i++)
        {
            _cloud.CreateRecipe(version: $"1.0.{i}");
        }

        var versions = new List<string>();
        string? token = null;
        do
        {
            var body = new JsonObject { ["maxResults"] = 7 };
            if (token is not null)
            {
                body["nextToken"] = token;
            }

            var page = _cloud.Ok("ListContainerRecipes", body);
            versions.AddRange(page["containerRecipeSummaryList"]!.AsArray().Select(item => item!["arn"]!.GetValue<string>().Split('/')[^1]));
            token = page["nextToken"]?.GetValue<string>();
        }
        while (token is not null);

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"1.0.{i}"), versions);
    }

    [Fact]
    public void List_ChangedBetweenTwoPages_ContinuesAfterTheLastItem()
    {
        _cloud.CreateRecipe("bbb");
        var gone = _cloud.CreateRecipe("ccc");
        _cloud.CreateRecipe("ddd");
        var first = _cloud.Ok("ListContainerRecipes", new { maxResults = 2 });
        _cloud.CreateRecipe("aaa");
        _cloud.CreateRecipe("cdd");
        _cloud.Ok("DeleteContainerRecipe", new { containerRecipeArn = gone });

        var second = _cloud.Ok("ListContainerRecipes", new { maxResults = 2, nextToken = first["nextToken"]!.GetValue<string>() });

        Assert.Equal(["bbb", "ccc"], Names(first));
        Assert.Equal(["cdd", "ddd"], Names(second));
        Assert.Null(second["nextToken"]);

        static IEnumerable<string> Names(JsonObject page) =>
            page["containerRecipeSummaryList"]!.AsArray().Select(recipe => recipe!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task List_ForeignOrStaleToken_IsRefused()
    {
        _cloud.CreateRecipe(version: "1.0.0");
        _cloud.CreateRecipe(version: "1.0.1");
        var token = _cloud.Ok("ListContainerRecipes", new { maxResults = 1 })["nextToken"]!.GetValue<string>();

        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes", new { nextToken = "rubbish" });
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes", new { nextToken = token[..^2] + "AA" });
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListImagePipelines", new { nextToken = token });
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes",
            new { nextToken = token, filters = new[] { new { name = "name", values = new[] { "app" } } } });
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes", new { nextToken = token }, "eu-west-1");
        _cloud.Ok("ListContainerRecipes", new { nextToken = token });
        await _cloud.PassAsync(TimeSpan.FromHours(25));
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes", new { nextToken = token });
    }

    [Fact]
    public void List_Filters_AreAppliedAndUnknownOnesRefused()
    {
        _cloud.CreateRecipe("one");
        _cloud.CreateRecipe("two");

        var found = _cloud.Ok("ListContainerRecipes", new { filters = new[] { new { name = "name", values = new[] { "two", "three" } } } });

        Assert.Equal(["two"], found["containerRecipeSummaryList"]!.AsArray().Select(item => item!["name"]!.GetValue<string>()));
        _cloud.Refused("InvalidRequestException", 400, "ListContainerRecipes", new { filters = new[] { new { name = "color", values = new[] { "red" } } } });
        _cloud.Refused("InvalidRequestException", 400, "ListContainerRecipes", new { maxResults = 26 });
        Assert.Empty(_cloud.Ok("ListContainerRecipes", new { owner = "Amazon" })["containerRecipeSummaryList"]!.AsArray());
    }

    [Fact]
    public void Regions_DoNotSeeEachOther()
    {
        var arn = _cloud.CreateRecipe();

        Assert.Empty(_cloud.Ok("ListContainerRecipes", new { }, "eu-west-1")["containerRecipeSummaryList"]!.AsArray());
        _cloud.Refused("ResourceNotFoundException", 404, "GetContainerRecipe", new { containerRecipeArn = arn }, "eu-west-1");
    }

    [Fact]
    public void Policy_IsStoredAndMustBeAPolicy()
    {
        var arn = _cloud.CreateRecipe();
        _cloud.Refused("ResourceNotFoundException", 404, "GetContainerRecipePolicy", new { containerRecipeArn = arn });
        _cloud.Refused("InvalidParameterValueException", 400, "PutContainerRecipePolicy", new { containerRecipeArn = arn, policy = "{" });
        const string Policy = """{"Version":"2012-10-17","Statement":[]}""";
        _cloud.Ok("PutContainerRecipePolicy", new { containerRecipeArn = arn, policy = Policy });

        Assert.Equal(Policy, _cloud.Ok("GetContainerRecipePolicy", new { containerRecipeArn = arn })["policy"]!.GetValue<string>());
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

    [Theory]
    [InlineData("[]", "InvalidParameterValueException")]
    [InlineData("""[{"region":"us-east-1"}]""", "InvalidParameterValueException")]
    [InlineData("""[{"region":"us-east-1","amiDistributionConfiguration":{}},{"region":"us-east-1","amiDistributionConfiguration":{}}]""",
        "InvalidParameterCombinationException")]
    public void CreateDistributionConfiguration_WithoutOutputOrTwice_IsRefused(string distributions, string code) =>
        _cloud.Refused(code, 400, "CreateDistributionConfiguration", new JsonObject { ["name"] = "dist", ["distributions"] = JsonNode.Parse(distributions) });

    [Fact]
    public void DistributionConfiguration_UpdateReplacesAndListShowsRegions()
    {
        var arn = _cloud.CreateDistribution("dist", (Region, "app", ["latest"]), ("eu-west-1", "app", []));

        var summary = _cloud.Ok("ListDistributionConfigurations", new { })["distributionConfigurationSummaryList"]![0]!;

        Assert.Equal(["us-east-1", "eu-west-1"], summary["regions"]!.AsArray().Select(region => region!.GetValue<string>()));
        _cloud.Ok("UpdateDistributionConfiguration", new JsonObject
        {
            ["distributionConfigurationArn"] = arn,
            ["distributions"] = JsonNode.Parse(
                """[{"region":"eu-west-1","containerDistributionConfiguration":{"targetRepository":{"service":"ECR","repositoryName":"other"}}}]"""),
        });
        var updated = _cloud.Ok("GetDistributionConfiguration", new { distributionConfigurationArn = arn })["distributionConfiguration"]!;
        Assert.Equal("other", updated["distributions"]![0]!["containerDistributionConfiguration"]!["targetRepository"]!["repositoryName"]!.GetValue<string>());
        Assert.NotNull(updated["dateUpdated"]);
    }

    [Fact]
    public void Pipeline_NeedsExactlyOneRecipeAndKnownReferences()
    {
        var infrastructure = _cloud.CreateInfrastructure();
        var recipe = _cloud.CreateRecipe();
        _cloud.Refused(
            "InvalidParameterCombinationException", 400, "CreateImagePipeline", new { name = "pipe", infrastructureConfigurationArn = infrastructure });
        _cloud.Refused("InvalidParameterCombinationException", 400, "CreateImagePipeline",
            new
            {
                name = "pipe",
                infrastructureConfigurationArn = infrastructure,
                containerRecipeArn = recipe,
                imageRecipeArn = Arn("image-recipe/app/1.0.0")
            });
        _cloud.Refused("ResourceNotFoundException", 404, "CreateImagePipeline",
            new { name = "pipe", infrastructureConfigurationArn = infrastructure, containerRecipeArn = Arn("container-recipe/none/1.0.0") });
        _cloud.Refused("ResourceNotFoundException", 404, "CreateImagePipeline",
            new { name = "pipe", infrastructureConfigurationArn = Arn("infrastructure-configuration/none"), containerRecipeArn = recipe });
        _cloud.Refused("InvalidParameterValueException", 400, "CreateImagePipeline",
            new
            {
                name = "pipe",
                infrastructureConfigurationArn = infrastructure,
                containerRecipeArn = recipe,
                schedule = new { scheduleExpression = "every day" }
            });
        _cloud.Refused("InvalidParameterValueException", 400, "CreateImagePipeline",
            new { name = "pipe", infrastructureConfigurationArn = infrastructure, containerRecipeArn = recipe, schedule = new { timezone = "Etc/UTC" } });
        Assert.Empty(_cloud.Ok("ListImagePipelines", new { })["imagePipelineList"]!.AsArray());
    }

    [Fact]
    public void PipelineQuota_IsPerRegion()
    {
        _cloud.Cloud.ImageBuilder.Quotas = new ImageBuilderQuotas { Pipelines = 1 };
        _cloud.CreatePipeline();
        var recipe = _cloud.CreateRecipe("second");
        _cloud.Refused("ServiceQuotaExceededException", 402, "CreateImagePipeline",
            new { name = "second", infrastructureConfigurationArn = Arn("infrastructure-configuration/app"), containerRecipeArn = recipe });
    }

    [Fact]
    public void AmiPipeline_CanBeDescribedButNotBuilt()
    {
        var recipe =
            _cloud.Ok("CreateImageRecipe", new { name = "ami", semanticVersion = "1.0.0", parentImage = "ami-12345678" })["imageRecipeArn"]!.GetValue<string>();
        Assert.Equal("AMI", _cloud.Ok("GetImageRecipe", new { imageRecipeArn = recipe })["imageRecipe"]!["type"]!.GetValue<string>());
        var pipeline =
            _cloud.Ok("CreateImagePipeline",
                new
                {
                    name = "ami",
                    imageRecipeArn = recipe,
                    infrastructureConfigurationArn = _cloud.CreateInfrastructure()
                })["imagePipelineArn"]!.GetValue<string>();

        _cloud.Refused("InvalidRequestException", 400, "StartImagePipelineExecution", new { imagePipelineArn = pipeline });
        _cloud.Refused("ResourceDependencyException", 400, "DeleteImageRecipe", new { imageRecipeArn = recipe });
        Assert.Single(_cloud.Ok("ListImageRecipes", new { })["imageRecipeSummaryList"]!.AsArray());
    }

    [Fact]
    public void InfrastructureConfiguration_UpdateReplacesAndListIsShort()
    {
        var arn = _cloud.CreateInfrastructure(topic: "arn:aws:sns:us-east-1:123456789012:t");
        _cloud.Ok("UpdateInfrastructureConfiguration",
            new { infrastructureConfigurationArn = arn, instanceProfileName = "other", instanceTypes = new[] { "m5.large" } });

        var configuration = _cloud.Ok("GetInfrastructureConfiguration", new { infrastructureConfigurationArn = arn })["infrastructureConfiguration"]!;

        Assert.Null(configuration["snsTopicArn"]);
        Assert.Equal("other", configuration["instanceProfileName"]!.GetValue<string>());
        var summary = _cloud.Ok("ListInfrastructureConfigurations", new { })["infrastructureConfigurationSummaryList"]![0]!;
        Assert.Null(summary["terminateInstanceOnFailure"]);
        Assert.Equal("m5.large", summary["instanceTypes"]![0]!.GetValue<string>());
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
