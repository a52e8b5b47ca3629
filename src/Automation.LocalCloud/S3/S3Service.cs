using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.S3;

/// <summary>
/// The part of Amazon S3 that deployments use: buckets, objects, multipart uploads, lists. Overwritten and deleted versions are not
/// kept. Policies and encryption settings are stored but have no effect. Other operations are refused by name with NotImplemented.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/
/// </summary>
public sealed class S3Service : IWireService, IObjects
{
    private readonly Engine _engine;
    private readonly ObjectOperations _objects;

    public S3Service(Engine engine)
    {
        _engine = engine;
        State = new S3State(engine);
        _objects = new ObjectOperations(State, engine.Options.AccountId);
        ResourceTypes = [new BucketType(State, engine), new BucketPolicyType(State)];
    }

    public string SigningName => "s3";

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    internal S3State State { get; }

    /// <summary>The content of an object, by bucket and key.</summary>
    /// <exception cref="AwsException">NoSuchBucket, NoSuchKey.</exception>
    public ReadOnlyMemory<byte> Read(string bucket, string key) => State.Read(State.Get(bucket, key));

    public string? OperationOf(WireRequest request) => S3Operation.Of(request);

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var operation = S3Operation.Of(request);
        if (!InputTable.Find(SigningName)!.Has(operation))
        {
            throw S3Operation.NotServed(operation);
        }

        var (bucket, key) = S3Address.Of(request);
        return (bucket, key) switch
        {
            (null, _) => Service(operation),
            (_, null) => InBucket(operation, bucket, request, context),
            _ => _objects.Handle(operation, bucket, key, request),
        };
    }

    /// <summary><c>&lt;Error&gt;&lt;Code&gt;NoSuchKey&lt;/Code&gt;&lt;Message&gt;…&lt;/Message&gt;…</c>; a response to HEAD has no body.</summary>
    public WireResponse Error(WireRequest request, AwsException error)
    {
        if (request.Method == "HEAD")
        {
            return WireResponse.Empty(error.Status);
        }

        // Unlike all other documents, errors have no XML namespace.
        var document = new XElement(
            "Error",
            new XElement("Code", error.Code),
            new XElement("Message", error.Message),
            (error.Members ?? []).Select(member => new XElement(member.Key, member.Value?.ToString())),
            new XElement("RequestId", Ids.From(error.Message).ToString()));
        return S3Xml.Document(document, error.Status);
    }

    private WireResponse Service(string operation) => operation == "ListBuckets"
        ? S3Xml.Result(
            "ListAllMyBucketsResult",
            S3Xml.Element("Owner", S3Xml.Element("ID", _engine.Options.AccountId)),
            S3Xml.Element("Buckets", State.Buckets.Select(bucket => S3Xml.Element(
                "Bucket",
                S3Xml.Element("Name", bucket.Name),
                S3Xml.Element("CreationDate", S3Xml.Time(bucket.Created)),
                S3Xml.Element("BucketRegion", bucket.Region)))))
        : throw S3Operation.NotServed(operation);

    private WireResponse InBucket(string operation, string name, WireRequest request, CallContext context)
    {
        if (operation == "CreateBucket")
        {
            var created = BucketCreation.Read(name, request, context, _engine.Clock.Now);
            if (!BucketCreation.IsRepeated(created, State.FindBucket(name)))
            {
                State.Create(created);
            }

            return WireResponse.Empty(200) with { Headers = new Dictionary<string, string> { ["Location"] = $"/{name}" } };
        }

        var bucket = State.Bucket(name);
        if (request.Header("x-amz-expected-bucket-owner") is { } owner && owner != context.AccountId)
        {
            throw new AwsException("AccessDenied", "Access Denied", 403);
        }

        switch (operation)
        {
            case "HeadBucket":
                return WireResponse.Empty(200) with { Headers = new Dictionary<string, string> { ["x-amz-bucket-region"] = bucket.Region } };
            case "DeleteBucket":
                State.Delete(name);
                return WireResponse.Empty(204);
            case "GetBucketLocation":
                // The response does not name the oldest Region.
                return S3Xml.Document(S3Xml.Element("LocationConstraint", bucket.Region == "us-east-1" ? null : bucket.Region));
            case "GetBucketEncryption":
                var encryption = bucket.Encryption ?? new BucketEncryption("AES256", null);
                return S3Xml.Result(
                    "ServerSideEncryptionConfiguration",
                    S3Xml.Element("Rule", S3Xml.Element(
                        "ApplyServerSideEncryptionByDefault",
                        S3Xml.Element("SSEAlgorithm", encryption.Algorithm),
                        encryption.KeyId is { } key ? S3Xml.Element("KMSMasterKeyID", key) : null)));
            case "GetBucketPolicy":
                return WireResponse.Text(
                    200,
                    bucket.Policy ?? throw new AwsException("NoSuchBucketPolicy", "The bucket policy does not exist", 404),
                    "application/json");
            case "PutBucketPolicy":
                State.Set(bucket with { Policy = request.BodyText });
                return WireResponse.Empty(204);
            case "DeleteBucketPolicy":
                State.Set(bucket with { Policy = null });
                return WireResponse.Empty(204);
            default:
                return _objects.InBucket(operation, name, request);
        }
    }
}

/// <summary>S3's XML. https://docs.aws.amazon.com/AmazonS3/latest/API/</summary>
internal static class S3Xml
{
    private static readonly XNamespace Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    public static XElement Element(string name, params object?[] content) => new(Namespace + name, content);

    public static WireResponse Result(string root, params object?[] content) => Document(Element(root, content));

    public static WireResponse Document(XElement root, int status = 200) => new(
        status,
        (byte[])[.. "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8, .. XmlBody.Of(root)],
        "application/xml");

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <exception cref="AwsException">MalformedXML.</exception>
    public static XElement Read(WireRequest request)
    {
        try
        {
            return XElement.Parse(request.BodyText);
        }
        catch (XmlException)
        {
            throw new AwsException("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
        }
    }
}
