using System.Net;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;

namespace Automation.Shims.Sdk.Tests;

/// <summary>rest-json: method, path and query per operation.</summary>
public sealed class ImageBuilderTests
{
    private const string ImageArn = "arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.0/1";

    private readonly Wire _wire = new();

    [Fact]
    public async Task GetImage_SendsTheArnAsQueryAndNoBody()
    {
        _wire.Answer("""{"requestId":"r"}""");

        await _wire.ImageBuilder().GetImageAsync(new GetImageRequest { ImageBuildVersionArn = ImageArn }, Cancellation);

        var sent = _wire.Only;
        Assert.Equal("GET", sent.Method);
        Assert.Equal("imagebuilder.eu-central-1.amazonaws.com", sent.Host);
        Assert.Equal(
            "/GetImage?imageBuildVersionArn=arn%3Aaws%3Aimagebuilder%3Aeu-central-1%3A123456789012%3Aimage%2Fapp%2F1.0.0%2F1",
            sent.PathAndQuery);
        Assert.Null(sent.Body);
        Assert.Null(sent.Header("content-type"));
        Assert.Null(sent.Header("x-amz-target"));
        Assert.Equal("2019-12-02", sent.Header("x-amz-api-version"));
        Assert.Contains("/eu-central-1/imagebuilder/aws4_request", sent.Header("authorization"), StringComparison.Ordinal);
        Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKID/", sent.Header("authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetImage_ReadsNestedStructuresEnumsTimesAndSkipsUnknownMembers()
    {
        _wire.Answer("""
            {
              "requestId": "body-id",
              "surprise": [{"deep": {"deeper": [1, 2, null]}}],
              "image": {
                "arn": "a",
                "type": "DOCKER",
                "platform": "Linux",
                "surprise": true,
                "enhancedImageMetadataEnabled": false,
                "deprecationTime": 1700000000.25,
                "dateCreated": "2026-01-02T03:04:05.678Z",
                "state": {"status": "AVAILABLE"},
                "imageTestsConfiguration": {"timeoutMinutes": 60},
                "outputResources": {"containers": [{"region": "eu-central-1", "imageUris": ["x:1", "x:1-2"]}], "amis": []},
                "tags": {"b": "2", "a": "1"},
                "workflows": null,
                "containerRecipe": {"version": "1.0.0"}
              }
            }
            """);

        var response = await _wire.ImageBuilder().GetImageAsync(new GetImageRequest { ImageBuildVersionArn = ImageArn }, Cancellation);

        Assert.Equal("body-id", response.RequestId);
        Assert.Equal("request-1", response.ResponseMetadata.RequestId);
        Assert.Equal(HttpStatusCode.OK, response.HttpStatusCode);
        var image = response.Image;
        Assert.Same(ImageType.DOCKER, image.Type);
        Assert.Same(ImageStatus.AVAILABLE, image.State.Status);
        Assert.Null(image.State.Reason);
        Assert.False(image.EnhancedImageMetadataEnabled);
        Assert.Equal(new DateTime(2023, 11, 14, 22, 13, 20, 250, DateTimeKind.Utc), image.DeprecationTime);
        Assert.Equal(DateTimeKind.Utc, image.DeprecationTime!.Value.Kind);
        Assert.Equal("2026-01-02T03:04:05.678Z", image.DateCreated);
        Assert.Equal(60, image.ImageTestsConfiguration.TimeoutMinutes);
        Assert.Null(image.ImageTestsConfiguration.ImageTestsEnabled);
        Assert.Equal(["x:1", "x:1-2"], Assert.Single(image.OutputResources.Containers).ImageUris);
        Assert.Empty(image.OutputResources.Amis);
        Assert.Equal("2", image.Tags["b"]);
        Assert.Null(image.Workflows);
        Assert.Null(image.ContainerRecipe.Components);
        Assert.Null(image.InfrastructureConfiguration);
    }

    [Fact]
    public async Task GetImage_FailedImage_HasTheFailureContext()
    {
        _wire.Answer("""
            {"image":{"state":{"status":"FAILED","reason":"r","failureContext":{
              "imageStatus":"DISTRIBUTING","failedStep":"Distribute","workflowArn":"w","workflowExecutionId":"we","stepExecutionId":"se",
              "componentFailure":{"componentArn":"c","phaseName":"build","stepName":"s","action":"ExecuteBash","errorMessage":"m"},
              "distributionFailure":{"errorMessage":"d","regionFailures":[
                {"region":"eu-west-1","status":"TIMED_OUT","imageConfigurationStep":"EXPORT_AMI","errorMessage":"e","targetAccountId":"1"}]}}}}}
            """);

        var response = await _wire.ImageBuilder().GetImageAsync(new GetImageRequest { ImageBuildVersionArn = ImageArn }, Cancellation);

        var context = response.Image.State.FailureContext;
        Assert.Equal(ImageStatus.DISTRIBUTING, context.ImageStatus);
        Assert.Equal("ExecuteBash", context.ComponentFailure.Action);
        var region = Assert.Single(context.DistributionFailure.RegionFailures);
        Assert.Equal(RegionFailureStatus.TIMED_OUT, region.Status);
        Assert.Equal(ImageConfigurationStep.EXPORT_AMI, region.ImageConfigurationStep);
        Assert.Equal("1", region.TargetAccountId);
    }

    [Fact]
    public async Task ListImages_WithoutAnyMember_SendsAnEmptyObject()
    {
        _wire.Answer("""{"imageVersionList":[]}""");

        await _wire.ImageBuilder().ListImagesAsync(new ListImagesRequest(), Cancellation);

        var sent = _wire.Only;
        Assert.Equal(("POST", "/ListImages", "{}"), (sent.Method, sent.PathAndQuery, sent.Body));
        Assert.Equal("application/json", sent.Header("content-type"));
    }

    [Fact]
    public async Task ListImages_WritesMembersInOrderAndOmitsNulls()
    {
        _wire.Answer("{}");

        await _wire.ImageBuilder().ListImagesAsync(
            new ListImagesRequest
            {
                Owner = Ownership.Self,
                MaxResults = 25,
                IncludeDeprecated = true,
                Filters = [new Filter { Name = "name", Values = ["app"] }, new Filter { Values = [] }],
            },
            Cancellation);

        Assert.Equal(
            """{"filters":[{"name":"name","values":["app"]},{"values":[]}],"includeDeprecated":true,"maxResults":25,"owner":"Self"}""",
            _wire.Only.Body);
    }

    [Fact]
    public async Task CreateContainerRecipe_WritesNestedStructuresMapsAndEnums()
    {
        _wire.Answer("{}");

        await _wire.ImageBuilder().CreateContainerRecipeAsync(
            new CreateContainerRecipeRequest
            {
                ClientToken = "token",
                Name = "app",
                ContainerType = ContainerType.DOCKER,
                PlatformOverride = Platform.MacOS,
                Components = [new ComponentConfiguration { ComponentArn = "c", Parameters = [new ComponentParameter { Name = "p", Value = ["v"] }] }],
                InstanceConfiguration = new InstanceConfiguration
                {
                    BlockDeviceMappings = [
                        new InstanceBlockDeviceMapping { Ebs = new EbsInstanceBlockDeviceSpecification { VolumeType = EbsVolumeType.Gp3, Encrypted = false } }
                    ],
                },
                Tags = new Dictionary<string, string> { ["a"] = "1", ["ü"] = "<&>" },
                TargetRepository = new TargetContainerRepository { RepositoryName = "app", Service = ContainerRepositoryService.ECR },
            },
            Cancellation);

        Assert.Equal(
            """{"clientToken":"token","components":[{"componentArn":"c","parameters":[{"name":"p","value":["v"]}]}],"containerType":"DOCKER","instanceConfiguration":{"blockDeviceMappings":[{"ebs":{"encrypted":false,"volumeType":"gp3"}}]},"name":"app","platformOverride":"macOS","tags":{"a":"1","\u00FC":"\u003C\u0026\u003E"},"targetRepository":{"repositoryName":"app","service":"ECR"}}""",
            _wire.Only.Body);
        Assert.Equal("PUT", _wire.Only.Method);
    }

    [Fact]
    public async Task StartResourceStateUpdate_SendsTimesAsWholeSeconds()
    {
        _wire.Answer("""{"lifecycleExecutionId":"lce-1"}""");

        var response = await _wire.ImageBuilder().StartResourceStateUpdateAsync(
            new StartResourceStateUpdateRequest
            {
                ClientToken = "t",
                ResourceArn = ImageArn,
                State = new ResourceState { Status = ResourceStatus.DEPRECATED },
                UpdateAt = new DateTime(2023, 11, 14, 22, 13, 20, 250, DateTimeKind.Utc),
            },
            Cancellation);

        Assert.Equal("lce-1", response.LifecycleExecutionId);
        Assert.EndsWith(""","state":{"status":"DEPRECATED"},"updateAt":1700000000}""", _wire.Only.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NullToken_BecomesRandomAndTheRequestDoesNotChange()
    {
        _wire.Answer("{}").Answer("{}");
        var client = _wire.ImageBuilder();
        var request = new StartImagePipelineExecutionRequest { ImagePipelineArn = "p" };

        await client.StartImagePipelineExecutionAsync(request, Cancellation);
        await client.StartImagePipelineExecutionAsync(request, Cancellation);

        Assert.Null(request.ClientToken);
        Assert.All(_wire.Sent, sent => Assert.Matches("""^\{"clientToken":"[0-9a-f-]{36}","imagePipelineArn":"p"\}$""", sent.Body));
        Assert.NotEqual(_wire.Sent[0].Body, _wire.Sent[1].Body);
    }

    [Fact]
    public async Task GivenToken_IsSentUnchanged()
    {
        _wire.Answer("{}");

        await _wire.ImageBuilder().CancelImageCreationAsync(
            new CancelImageCreationRequest { ClientToken = "mine", ImageBuildVersionArn = ImageArn },
            Cancellation);

        Assert.StartsWith("""{"clientToken":"mine",""", _wire.Only.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TagResource_PutsTheArnIntoThePathWithEncodedSlashes()
    {
        _wire.Answer("");

        await _wire.ImageBuilder().TagResourceAsync(
            new TagResourceRequest { ResourceArn = ImageArn, Tags = new Dictionary<string, string> { ["k"] = "v" } },
            Cancellation);

        var sent = _wire.Only;
        Assert.Equal("POST", sent.Method);
        Assert.Equal("/tags/arn%3Aaws%3Aimagebuilder%3Aeu-central-1%3A123456789012%3Aimage%2Fapp%2F1.0.0%2F1", sent.PathAndQuery);
        Assert.Equal("""{"tags":{"k":"v"}}""", sent.Body);
    }

    [Fact]
    public async Task UntagResource_RepeatsTheQueryKeyAndIgnoresTheResponseBody()
    {
        _wire.Answer("this is not JSON");

        var response = await _wire.ImageBuilder().UntagResourceAsync(
            new UntagResourceRequest { ResourceArn = "a/b", TagKeys = ["a", "b c"] },
            Cancellation);

        Assert.Equal("/tags/a%2Fb?tagKeys=a&tagKeys=b%20c", _wire.Only.PathAndQuery);
        Assert.Null(_wire.Only.Body);
        Assert.Equal(HttpStatusCode.OK, response.HttpStatusCode);
    }

    [Fact]
    public async Task MissingPathMember_IsRefusedBeforeTheCall()
    {
        var exception = await Assert.ThrowsAsync<AmazonImagebuilderException>(() =>
            _wire.ImageBuilder().ListTagsForResourceAsync(new ListTagsForResourceRequest(), Cancellation));

        Assert.Equal("Request object does not have required field ResourceArn set", exception.Message);
        Assert.Empty(_wire.Sent);
    }

    [Fact]
    public async Task EmptyQueryMember_IsRefusedBeforeTheCall()
    {
        var exception = await Assert.ThrowsAsync<AmazonImagebuilderException>(() =>
            _wire.ImageBuilder().GetImageAsync(new GetImageRequest { ImageBuildVersionArn = "" }, Cancellation));

        Assert.Equal("Request object does not have required field ImageBuildVersionArn set", exception.Message);
        Assert.Empty(_wire.Sent);
    }

    [Fact]
    public async Task MissingQueryList_IsRefusedBeforeTheCall()
    {
        var exception = await Assert.ThrowsAsync<AmazonImagebuilderException>(() =>
            _wire.ImageBuilder().UntagResourceAsync(new UntagResourceRequest { ResourceArn = "a" }, Cancellation));

        Assert.Equal("Request object does not have required field TagKeys set", exception.Message);
    }

    [Fact]
    public async Task MissingRequiredBodyMember_IsLeftToTheService()
    {
        _wire.Answer("{}");

        await _wire.ImageBuilder().ListImagePipelineImagesAsync(new ListImagePipelineImagesRequest(), Cancellation);

        Assert.Equal("{}", _wire.Only.Body);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
