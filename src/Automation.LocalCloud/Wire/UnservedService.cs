using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// The answer to a call of a service that the embedded cloud lacks. It is in the protocol of the caller, so that every SDK shows the code and the
/// message. The status is 501, because no SDK retries it.
/// </summary>
internal static class UnservedService
{
    public const string Code = "ServiceNotInEmbeddedCloud";

    /// <summary>Signing names of the REST services that answer in XML; all others answer in JSON.
    /// https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html</summary>
    private static readonly HashSet<string> RestXml = new(
        ["cloudfront", "route53", "s3", "s3express", "s3-object-lambda", "s3-outposts"], StringComparer.Ordinal);

    public static WireResponse Answer(WireRequest request, string service, IReadOnlyList<string> served)
    {
        var message = $"The embedded cloud has no service '{service}'. It serves: {string.Join(", ", served)}.";
        if (request.Method == "HEAD")
        {
            return WireResponse.Empty(501);
        }

        // X-Amz-Target: DynamoDB_20120810.ListTables
        if (request.Header("x-amz-target") is not null)
        {
            return Json(request.Header("content-type") ?? "application/x-amz-json-1.1", "__type", "message", message);
        }

        return QueryXml.Read(request).ContainsKey("Action") || RestXml.Contains(service)
            ? Xml(message)
            : Json("application/json", "code", "message", message);
    }

    private static WireResponse Json(string contentType, string code, string text, string message) =>
        WireResponse.Json(new JsonObject { [code] = Code, [text] = message }, contentType, 501) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = Code },
        };

    // The Query protocol and the REST services share this document. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
    private static WireResponse Xml(string message) => new(
        501,
        XmlBody.Of(new XElement(
            "ErrorResponse",
            new XElement("Error", new XElement("Type", "Receiver"), new XElement("Code", Code), new XElement("Message", message)),
            new XElement("RequestId", Ids.From(message).ToString()))),
        "text/xml");
}
