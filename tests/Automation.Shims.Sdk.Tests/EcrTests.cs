using Amazon.ECR;
using Amazon.ECR.Model;

namespace Automation.Shims.Sdk.Tests;

/// <summary>AWS JSON 1.1.</summary>
public sealed class EcrTests
{
    private readonly Wire _wire = new();

    [Fact]
    public async Task PutImage_SendsTargetContentTypeAndSignatureScope()
    {
        _wire.Answer("""{"image":{"imageId":{"imageDigest":"sha256:1","imageTag":"stable"}}}""");

        var response = await _wire.Ecr().PutImageAsync(
            new PutImageRequest { RepositoryName = "golden/base", ImageManifest = """{"a":1}""", ImageTag = "stable" },
            Cancellation);

        var sent = _wire.Only;
        Assert.Equal(("POST", "api.ecr.eu-central-1.amazonaws.com", "/"), (sent.Method, sent.Host, sent.PathAndQuery));
        Assert.Equal("AmazonEC2ContainerRegistry_V20150921.PutImage", sent.Header("x-amz-target"));
        Assert.Equal("application/x-amz-json-1.1", sent.Header("content-type"));
        Assert.Equal("2015-09-21", sent.Header("x-amz-api-version"));
        Assert.Equal("""{"imageManifest":"{\u0022a\u0022:1}","imageTag":"stable","repositoryName":"golden/base"}""", sent.Body);
        Assert.Contains("/eu-central-1/ecr/aws4_request", sent.Header("authorization"), StringComparison.Ordinal);
        Assert.Contains("x-amz-target", sent.Header("authorization"), StringComparison.Ordinal);
        Assert.Contains("api/ECR#", sent.Header("user-agent"), StringComparison.Ordinal);
        Assert.Equal("sha256:1", response.Image.ImageId.ImageDigest);
    }

    [Fact]
    public async Task EmptyList_IsSentAndNullListIsNot()
    {
        _wire.Answer("{}").Answer("{}");
        var client = _wire.Ecr();

        await client.BatchGetImageAsync(new BatchGetImageRequest { ImageIds = [], RepositoryName = "r" }, Cancellation);
        await client.BatchGetImageAsync(new BatchGetImageRequest { RepositoryName = "r" }, Cancellation);

        Assert.Equal("""{"imageIds":[],"repositoryName":"r"}""", _wire.Sent[0].Body);
        Assert.Equal("""{"repositoryName":"r"}""", _wire.Sent[1].Body);
    }

    [Fact]
    public async Task OmittedAndNullLists_AreNull()
    {
        _wire.Answer("""{"failures":null}""");

        var response = await _wire.Ecr().BatchGetImageAsync(new BatchGetImageRequest { RepositoryName = "r" }, Cancellation);

        Assert.Null(response.Images);
        Assert.Null(response.Failures);
    }

    [Fact]
    public async Task Tags_HaveUpperCaseNamesOnTheWire()
    {
        _wire.Answer("""{"repository":{"repositoryArn":"a","createdAt":1.7E9}}""");

        var response = await _wire.Ecr().CreateRepositoryAsync(
            new CreateRepositoryRequest { RepositoryName = "r", Tags = [new Tag { Key = "k", Value = "v" }] },
            Cancellation);

        Assert.Equal("""{"repositoryName":"r","tags":[{"Key":"k","Value":"v"}]}""", _wire.Only.Body);
        Assert.Equal(new DateTime(2023, 11, 14, 22, 13, 20, DateTimeKind.Utc), response.Repository.CreatedAt);
    }

    [Fact]
    public async Task UploadLayerPart_SendsTheWholeBlobAtAnyPosition()
    {
        _wire.Answer("""{"lastByteReceived":2}""");
        using var blob = new MemoryStream([251, 239, 255]) { Position = 3 };

        var response = await _wire.Ecr().UploadLayerPartAsync(
            new UploadLayerPartRequest { LayerPartBlob = blob, PartFirstByte = 0, PartLastByte = 2, RepositoryName = "r", UploadId = "u" },
            Cancellation);

        Assert.Equal("""{"layerPartBlob":"++//","partFirstByte":0,"partLastByte":2,"repositoryName":"r","uploadId":"u"}""", _wire.Only.Body);
        Assert.Equal(2, response.LastByteReceived);
    }

    [Fact]
    public async Task DescribeImageScanFindings_ReadsMapsOfNumbersAndDoubles()
    {
        _wire.Answer("""
            {"imageScanStatus":{"status":"COMPLETE"},
             "imageScanFindings":{"findingSeverityCounts":{"HIGH":2,"LOW":0},
               "findings":[{"name":"CVE-1","severity":"HIGH","attributes":[{"key":"package_name","value":"openssl"}]}],
               "enhancedFindings":[{"score":7.5,"packageVulnerabilityDetails":{"cvss":[{"baseScore":7}],"vulnerablePackages":[{"epoch":1}]}}]}}
            """);

        var response = await _wire.Ecr().DescribeImageScanFindingsAsync(
            new DescribeImageScanFindingsRequest { ImageId = new ImageIdentifier { ImageDigest = "d" }, RepositoryName = "r" },
            Cancellation);

        Assert.Equal(ScanStatus.COMPLETE, response.ImageScanStatus.Status);
        Assert.Equal(2, response.ImageScanFindings.FindingSeverityCounts["HIGH"]);
        Assert.Equal("openssl", response.ImageScanFindings.Findings[0].Attributes[0].Value);
        var enhanced = Assert.Single(response.ImageScanFindings.EnhancedFindings);
        Assert.Equal(7.5, enhanced.Score);
        Assert.Equal(7.0, enhanced.PackageVulnerabilityDetails.Cvss[0].BaseScore);
        Assert.Equal(1, enhanced.PackageVulnerabilityDetails.VulnerablePackages[0].Epoch);
    }

    [Fact]
    public async Task PageOfThousandImages_IsReadCompletely()
    {
        var images = string.Join(",",
            Enumerable.Range(0, 1000).Select(i => $$"""{"imageDigest":"sha256:{{i:x64}}","imageTags":["t{{i}}"],"imageSizeInBytes":{{5_000_000_000L + i}}}"""));
        _wire.Answer($$"""{"imageDetails":[{{images}}],"nextToken":"n"}""");

        var response = await _wire.Ecr().DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = "r" }, Cancellation);

        Assert.Equal(1000, response.ImageDetails.Count);
        Assert.Equal(5_000_000_999L, response.ImageDetails[999].ImageSizeInBytes);
        Assert.Equal("n", response.NextToken);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
