using System.Text;
using Automation.LocalCloud.Wire;
using Automation.Models.Official;
using Xunit;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>Tests the checker itself, because a checker that finds nothing proves nothing.</summary>
public sealed class AnswerTests
{
    [Fact]
    public void Models_AreAvailable()
    {
        Assert.SkipWhen(OfficialModel.Find("ecr") is null, OfficialModel.HowToFetch + "; until then no answer of the embedded cloud is checked against them.");

        Assert.All(["cloudformation", "ecr", "events", "imagebuilder", "lambda", "s3", "scheduler", "sns", "sqs", "ssm", "states", "sts"],
            service => Assert.NotNull(OfficialModel.Find(service)));
    }

    [Theory]
    [InlineData("""{"tags":[{"Key":"a","Value":"b"}]}""", null)]
    [InlineData("""{"labels":[]}""", "labels: AWS returns no such member")]
    [InlineData("""{"tags":[{"Key":"a","Value":"b","More":"c"}]}""", "tags[].More: AWS returns no such member")]
    [InlineData("""{"tags":[{"Key":"a"}]}""", "tags[].Value: required, but missing")]
    [InlineData("""{"tags":{"a":"b"}}""", "tags: Object, at AWS list")]
    [InlineData("""{"tags":null}""", "tags: null, which AWS leaves out")]
    [InlineData("""{"tags":[{"Key":"a","Value":1}]}""", "tags[].Value: Number, at AWS string")]
    [InlineData("[]", "the body is not a JSON object")]
    public void JsonResponse_IsComparedWithTheOutput(string body, string? violation) => AssertFound(violation, Check("ecr", "ListTagsForResource", 200, body));

    [Theory]
    [InlineData("""{"images":[],"failures":[{"failureCode":"ImageNotFound"}]}""", null)]
    [InlineData("""{"images":[],"failures":[{"failureCode":"ImageLost"}]}""", "failures[].failureCode: «ImageLost» is not a value of ImageFailureCode")]
    public void JsonResponse_HasOnlyExistingEnumValues(string body, string? violation) => AssertFound(violation, Check("ecr", "BatchGetImage", 200, body));

    [Theory]
    [InlineData("""{"repositories":[{"createdAt":1767600000.5}]}""", null)]
    [InlineData("""{"repositories":[{"createdAt":"2026-01-05T08:00:00Z"}]}""", "repositories[].createdAt: String, at AWS timestamp")]
    public void JsonResponse_HasTimesAsNumbers(string body, string? violation) => AssertFound(violation, Check("ecr", "DescribeRepositories", 200, body));

    [Theory]
    [InlineData(400, """{"__type":"RepositoryNotFoundException","message":"m"}""", null)]
    [InlineData(400, """{"__type":"AccessDeniedException","message":"m"}""", null)]
    [InlineData(400, """{"__type":"RepositoryLostException","message":"m"}""", "error RepositoryLostException is not among those of the operation")]
    [InlineData(400, """{"message":"m"}""", "the error has no code")]
    [InlineData(500, """{"__type":"InternalFailure","message":"The embedded cloud failed: x"}""", "a bug of the embedded cloud")]
    public void JsonError_IsDocumentedForTheOperation(int status, string body, string? violation) =>
        AssertFound(violation, Check("ecr", "ListImages", status, body));

    [Theory]
    [InlineData(404, "ResourceNotFoundException", null)]
    [InlineData(400, "ResourceNotFoundException", "error ResourceNotFoundException has status 400, at AWS 404")]
    public void RestError_HasTheStatusOfTheModel(int status, string code, string? violation) =>
        AssertFound(violation, Check("imagebuilder", "StartImagePipelineExecution", status, $$"""{"__type":"{{code}}","message":"m"}"""));

    [Theory]
    [InlineData(
        "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>", null)]
    [InlineData("<PublishResponse><PublishResult><Id>1</Id></PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>",
        "Id: AWS returns no such element")]
    [InlineData("<PublishResponse><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>", "there is no PublishResult")]
    [InlineData("<PublishResponse><PublishResult/></PublishResponse>", "there is no ResponseMetadata with a RequestId")]
    [InlineData("<Publish/>", "root element Publish, at AWS PublishResponse")]
    public void QueryResponse_IsComparedWithTheOutput(string body, string? violation) => AssertFound(violation, Check("sns", "Publish", 200, body));

    [Theory]
    [InlineData("<ListBucketResult><Name>b</Name><KeyCount>1</KeyCount><Contents><Key>k</Key></Contents></ListBucketResult>", null)]
    [InlineData("<ListBucketResult><KeyCount>one</KeyCount></ListBucketResult>", "KeyCount: «one», at AWS number")]
    [InlineData("<ListBucketResult><Contents><Keys>k</Keys></Contents></ListBucketResult>", "Contents.Keys: AWS returns no such element")]
    [InlineData("<Listing/>", "root element Listing, at AWS ListBucketResult")]
    public void S3Response_IsComparedWithTheOutput(string body, string? violation) => AssertFound(violation, Check("s3", "ListObjectsV2", 200, body));

    private static IReadOnlyList<string> Check(string service, string operation, int status, string body)
    {
        var model = OfficialModel.Find(service);
        Assert.SkipWhen(model is null, OfficialModel.HowToFetch);
        return AnswerChecker.Check(service, model, operation, new WireResponse(status, Encoding.UTF8.GetBytes(body)));
    }

    private static void AssertFound(string? violation, IReadOnlyList<string> found)
    {
        if (violation is null)
        {
            Assert.Empty(found);
        }
        else
        {
            Assert.Contains(found, line => line.StartsWith(violation, StringComparison.Ordinal));
        }
    }
}
