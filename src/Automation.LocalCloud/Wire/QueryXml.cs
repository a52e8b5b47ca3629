using System.Xml.Linq;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// The AWS Query protocol: a form with <c>Action=…&amp;Version=…</c> in, XML out.
/// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
/// </summary>
/// <param name="xmlNamespace">Such as <c>http://cloudformation.amazonaws.com/doc/2010-05-15/</c>.</param>
internal sealed class QueryXml(string xmlNamespace)
{
    private readonly XNamespace _namespace = xmlNamespace;

    /// <summary>The parameters of a form body, or of the query for a GET.</summary>
    public static Dictionary<string, string> Read(WireRequest request) =>
        request.Parsed(each => QueryText.Parse(each.Body.IsEmpty ? each.Query : each.BodyText));

    public XElement Element(string name, params object?[] content) => new(_namespace + name, content);

    /// <summary>A list: <c>&lt;Name&gt;&lt;member&gt;…&lt;/member&gt;&lt;/Name&gt;</c>.</summary>
    public XElement List(string name, IEnumerable<object?> members) => Element(name, members.Select(member => Element("member", member)));

    /// <summary><c>&lt;OperationResponse&gt;&lt;OperationResult&gt;…&lt;/OperationResult&gt;&lt;ResponseMetadata/&gt;…</c>; without content there is no result
    /// element.</summary>
    public WireResponse Result(string operation, Guid requestId, params object?[] content)
    {
        var response = Element($"{operation}Response");
        if (content.Length > 0)
        {
            response.Add(Element($"{operation}Result", content));
        }

        response.Add(Element("ResponseMetadata", Element("RequestId", requestId.ToString())));
        return Xml(200, response);
    }

    /// <param name="details">Further members of the error.</param>
    public WireResponse Error(AwsException error, params object?[] details) => Xml(error.Status, Element(
        "ErrorResponse",
        Element(
            "Error", Element("Type", error.Status < 500 ? "Sender" : "Receiver"), Element("Code", error.Code), Element("Message", error.Message), details),
        Element("RequestId", Ids.From(error.Message).ToString())));

    private static WireResponse Xml(int status, XElement root) =>
        new(status, XmlBody.Of(root), "text/xml");
}
