using System.Text;
using System.Xml.Linq;
using Automation.LocalCloud.Tests.CloudFormation;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.S3;

/// <summary>
/// CreateBucket. us-east-1 is the global endpoint and creates buckets in every Region. Each other Region creates only its own.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html, and moto's tests of it that its authors ran against AWS.
/// </summary>
public sealed class CreateBucketTests : IDisposable
{
    private readonly DeployFixture _client = new();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("us-east-1", null, "us-east-1")]
    [InlineData("us-east-1", "us-east-2", "us-east-2")]
    [InlineData("us-east-1", "EU", "eu-west-1")]
    [InlineData("eu-west-1", "eu-west-1", "eu-west-1")]
    [InlineData("eu-west-1", "EU", "eu-west-1")]
    public void Location_OfTheEndpoint_IsTheRegion(string region, string? location, string expected)
    {
        Assert.Equal(200, Create("box", region, location).Status);
        Assert.Equal(expected, _client.S3("HEAD", "/box").Headers["x-amz-bucket-region"]);
    }

    [Theory]
    [InlineData("us-east-1", "us-east-1", "InvalidLocationConstraint", "The specified location-constraint is not valid")]
    [InlineData("us-east-1", "moon-1", "InvalidLocationConstraint", "The specified location-constraint is not valid")]
    [InlineData("us-west-2", null, "IllegalLocationConstraintException", "The unspecified location constraint is incompatible")]
    [InlineData("us-west-2", "us-east-1", "IllegalLocationConstraintException", "The us-east-1 location constraint is incompatible")]
    [InlineData("us-west-2", "us-east-2", "IllegalLocationConstraintException", "The us-east-2 location constraint is incompatible")]
    [InlineData("us-west-2", "us-gov-east-2", "IllegalLocationConstraintException", "The us-gov-east-2 location constraint is incompatible")]
    [InlineData("us-west-2", "EU", "IllegalLocationConstraintException", "The EU location constraint is incompatible")]
    public void Location_OfAnotherEndpoint_IsRefused(string region, string? location, string code, string message)
    {
        var error = Refused(Create("box", region, location), 400, code);

        Assert.StartsWith(message, DeployFixture.Text(error, "Message"), StringComparison.Ordinal);
        Assert.Equal(404, _client.S3("HEAD", "/box").Status);
    }

    [Fact]
    public void SameBucketAgain_SucceedsInVirginiaOnly()
    {
        Create("box", "us-east-1", null);
        _client.S3("PUT", "/box/kept", body: "x"u8.ToArray());
        Create("west", "us-west-2", "us-west-2");

        Assert.Equal(200, Create("box", "us-east-1", null).Status);
        Assert.Equal(200, _client.S3("HEAD", "/box/kept").Status);
        Refused(Create("box", "us-east-1", "us-west-2"), 409, "BucketAlreadyOwnedByYou");
        Refused(Create("west", "us-east-1", null), 409, "BucketAlreadyOwnedByYou");
        Assert.Equal("west", DeployFixture.Text(Refused(Create("west", "us-west-2", "us-west-2"), 409, "BucketAlreadyOwnedByYou"), "BucketName"));
    }

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html</summary>
    [Theory]
    [InlineData("Not_Valid")]
    [InlineData("ab")]
    [InlineData("a..b")]
    [InlineData("192.168.5.4")]
    [InlineData("xn--box")]
    [InlineData("sthree-box")]
    [InlineData("amzn-s3-demo-box")]
    [InlineData("box-s3alias")]
    [InlineData("box--ol-s3")]
    [InlineData("box.mrap")]
    [InlineData("box--table-s3")]
    public void Name_AgainstTheRules_IsRefused(string name) =>
        Assert.Equal(name, DeployFixture.Text(Refused(Create(name, "us-east-1", null), 400, "InvalidBucketName"), "BucketName"));

    [Theory]
    [InlineData("<CreateBucketConfiguration/>", null, null, 400, "MalformedXML")]
    [InlineData("<CreateBucketConfiguration><Location><Name>a</Name></Location></CreateBucketConfiguration>", null, null, 501, "NotImplemented")]
    [InlineData("<CreateBucketConfiguration><Bucket><Type>Directory</Type></Bucket></CreateBucketConfiguration>", null, null, 501, "NotImplemented")]
    [InlineData("", "x-amz-bucket-object-lock-enabled", "true", 501, "NotImplemented")]
    [InlineData("", "x-amz-bucket-namespace", "account-regional", 501, "NotImplemented")]
    [InlineData("", "x-amz-acl", "public-read", 400, "InvalidBucketAclWithObjectOwnership")]
    [InlineData("", "x-amz-grant-read", "id=1", 400, "InvalidBucketAclWithObjectOwnership")]
    public void Setting_WithoutEffectHere_IsRefused(string body, string? header, string? value, int status, string code)
    {
        var headers = header is null ? [] : new Dictionary<string, string> { [header] = value! };

        Refused(_client.S3("PUT", "/box", body: Encoding.UTF8.GetBytes(body), headers: headers), status, code);
    }

    [Fact]
    public void AccessControlList_WithAnotherOwnership_IsNamedAsALimit() => Refused(
        _client.S3("PUT", "/box", headers: new() { ["x-amz-acl"] = "public-read", ["x-amz-object-ownership"] = "ObjectWriter" }), 501, "NotImplemented");

    [Theory]
    [InlineData("x-amz-acl", "private")]
    [InlineData("x-amz-object-ownership", "BucketOwnerEnforced")]
    [InlineData("x-amz-bucket-object-lock-enabled", "false")]
    public void Setting_ThatIsTheDefault_IsAccepted(string header, string value) =>
        Assert.Equal(200, _client.S3("PUT", "/box", headers: new() { [header] = value }).Status);

    private WireResponse Create(string name, string region, string? location) => _client.S3(
        "PUT",
        $"/{name}",
        body: location is null
            ? []
            : Encoding.UTF8.GetBytes(new XElement("CreateBucketConfiguration", new XElement("LocationConstraint", location)).ToString()),
        region: region);

    private static XElement Refused(WireResponse response, int status, string code)
    {
        Assert.Equal(status, response.Status);
        var error = XElement.Parse(Encoding.UTF8.GetString(response.Body.Span));
        Assert.Equal(code, DeployFixture.Text(error, "Code"));
        return error;
    }
}
