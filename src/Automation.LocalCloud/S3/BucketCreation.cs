using System.Net;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.S3;

/// <summary>Reads and checks a CreateBucket request. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html</summary>
internal static class BucketCreation
{
    /// <summary>It accepts every other Region as location, and not its own name, like the global endpoint.</summary>
    private const string Virginia = "us-east-1";

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    /// <exception cref="AwsException">The bucket cannot be created, here or on AWS.</exception>
    public static Bucket Read(string name, WireRequest request, CallContext context, DateTimeOffset now)
    {
        // <CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags>…
        var members = request.Body.IsEmpty ? [] : S3Xml.Read(request).Elements().ToDictionary(each => each.Name.LocalName);
        if (!request.Body.IsEmpty && members.Count == 0)
        {
            throw new AwsException("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
        }

        if (members.ContainsKey("Location") || members.ContainsKey("Bucket"))
        {
            throw Limit("does not serve directory buckets.");
        }

        CheckSettings(request);
        return new Bucket(name, Region(members.GetValueOrDefault("LocationConstraint")?.Value, context.Region), now)
        {
            Tags = (members.GetValueOrDefault("Tags")?.Elements() ?? []).ToDictionary(tag => Member(tag, "Key"), tag => Member(tag, "Value")),
        };
    }

    /// <summary>Re-creating a bucket of us-east-1 there succeeds and keeps its content.</summary>
    public static bool IsRepeated(Bucket bucket, Bucket? known) => bucket.Region == Virginia && known?.Region == Virginia;

    /// <exception cref="AwsException">InvalidBucketName.</exception>
    public static void CheckName(string name)
    {
        if (name.Length is < 3 or > 63
            || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
            || !char.IsAsciiLetterOrDigit(name[0])
            || !char.IsAsciiLetterOrDigit(name[^1])
            || name.Contains("..", StringComparison.Ordinal)
            || IPAddress.TryParse(name, out _)
            || Array.Exists(ReservedPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal))
            || Array.Exists(ReservedSuffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal)))
        {
            throw new AwsException("InvalidBucketName", "The specified bucket is not valid.") { Members = new() { ["BucketName"] = name } };
        }
    }

    private static string Region(string? location, string region) => S3Input.WrongLocation(location, region) is { } wrong ? throw wrong
        : location == "EU" ? "eu-west-1"
        : location ?? region;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html</summary>
    private static void CheckSettings(WireRequest request)
    {
        if (request.Header("x-amz-bucket-object-lock-enabled") is "true" or "True")
        {
            throw Limit("does not lock objects.");
        }

        if (request.Header("x-amz-bucket-namespace") is { } space && space != "global")
        {
            throw Limit($"does not serve the bucket namespace {space}.");
        }

        if (request.Header("x-amz-acl") is not (null or "private")
            || request.Headers.Keys.Any(name => name.StartsWith("x-amz-grant-", StringComparison.OrdinalIgnoreCase)))
        {
            throw request.Header("x-amz-object-ownership") is null or "BucketOwnerEnforced"
                ? new AwsException(
                    "InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
                : Limit("does not serve access control lists of buckets.");
        }
    }

    private static AwsException Limit(string what) => new("NotImplemented", $"The embedded cloud {what}", 501);

    private static string Member(XElement element, string name) => element.Elements().FirstOrDefault(each => each.Name.LocalName == name)?.Value ?? "";
}
