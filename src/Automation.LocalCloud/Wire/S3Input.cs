using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Automation.ApiTables;
using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// The input of an S3 operation: bucket and key from the path or the host, members from the query and from headers, and an XML body.
/// https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
/// </summary>
internal static class S3Input
{
    public static JsonObject Read(ApiModel model, ApiOperation operation, WireRequest request)
    {
        var (bucket, key) = S3Address.Of(request);
        var query = QueryText.Parse(request.Query);
        var input = new JsonObject();
        foreach (var member in operation.Input.Members)
        {
            var value = member.Location switch
            {
                ApiLocation.Path => member.Name == "Bucket" ? bucket : key,
                ApiLocation.Query => query.TryGetValue(member.WireName, out var text) ? InputTable.Scalar(member.Type, text) : null,
                ApiLocation.Header => Header(member, request),
                _ => Body(model, member, request),
            };
            if (value is not null)
            {
                input[member.WireName] = value;
            }
        }

        return input;
    }

    /// <summary>S3's error for a violated rule. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html</summary>
    public static AwsException Refusal(ApiOperation operation, Violation violation, WireRequest request)
    {
        var member = operation.Input.Members.First(
            each => violation.Path == each.WireName || violation.Path.StartsWith(each.WireName + ".", StringComparison.Ordinal));
        var name = member.WireName;
        return (member.Location, name, violation.Kind) switch
        {
            (ApiLocation.Payload, _, _) when violation.Path.EndsWith(".LocationConstraint", StringComparison.Ordinal) =>
                WrongLocation($"{violation.Value}", request.Scope?.Region ?? "us-east-1")
                ?? new AwsException("InvalidLocationConstraint", "The specified location-constraint is not valid")
                {
                    Members = new() { ["LocationConstraint"] = $"{violation.Value}" },
                },
            (ApiLocation.Payload, _, _) =>
                new AwsException("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"),
            (_, "x-amz-storage-class", _) => new AwsException("InvalidStorageClass", "The storage class you specified is not valid"),
            (ApiLocation.Header, _, ViolationKind.Missing) => new AwsException("MissingSecurityHeader", $"Your request is missing a required header: {name}"),
            (ApiLocation.Query, "max-keys" or "max-buckets", ViolationKind.Type) =>
                new AwsException("InvalidArgument", $"Provided {name} not an integer or within integer range"),
            _ => new AwsException("InvalidArgument", $"The argument {name} is not valid: {violation.Constraint}"),
        };
    }

    /// <summary>
    /// A Region's endpoint creates buckets there and does not look up another location. us-east-1 is also the global endpoint, which creates them everywhere.
    /// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    /// </summary>
    public static AwsException? WrongLocation(string? location, string region) =>
        region == "us-east-1" || location == region || (location == "EU" && region == "eu-west-1")
            ? null
            : new AwsException(
                "IllegalLocationConstraintException",
                $"The {location ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.");

    // Commas separate the items of a list in a header: x-amz-optional-object-attributes: RestoreStatus
    private static JsonNode? Header(ApiMember member, WireRequest request) => request.Header(member.WireName.ToLowerInvariant()) is not { } text ? null
        : member.Type.Kind == ApiTypeKind.List ? new JsonArray([.. text.Split(',', StringSplitOptions.TrimEntries).Select(item => JsonValue.Create(item))])
        : InputTable.Scalar(member.Type, text);

    // <Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>; the service itself refuses a body that is not XML.
    private static JsonObject? Body(ApiModel model, ApiMember member, WireRequest request)
    {
        if (request.Body.IsEmpty)
        {
            return null;
        }

        try
        {
            return Object(model, model.Structures[member.Type.Name], XElement.Parse(request.BodyText));
        }
        catch (XmlException)
        {
            return [];
        }
    }

    private static JsonObject Object(ApiModel model, ApiStructure structure, XElement element)
    {
        var result = new JsonObject();
        foreach (var member in structure.Members)
        {
            var found = element.Elements().Where(child => child.Name.LocalName == member.WireName).ToList();
            if (found.Count > 0)
            {
                result[member.WireName] = member.Type.Kind == ApiTypeKind.List
                    ? new JsonArray([.. Items(member, found).Select(item => Value(model, member.Type.Element!, item))])
                    : Value(model, member.Type, found[0]);
            }
        }

        return result;
    }

    // <Object>…</Object><Object>…</Object> are the items themselves; <Tags><Tag>…</Tag></Tags> wraps them.
    private static IEnumerable<XElement> Items(ApiMember member, IEnumerable<XElement> found) =>
        member.WireName == member.Name ? found.Elements() : found;

    private static JsonNode Value(ApiModel model, ApiType type, XElement element) =>
        type.Kind == ApiTypeKind.Named && model.Structures.TryGetValue(type.Name, out var structure)
            ? Object(model, structure, element)
            : InputTable.Scalar(type, element.Value);
}
