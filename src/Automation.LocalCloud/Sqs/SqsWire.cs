using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>
/// Answers of SQS in the two protocols. The Query protocol's XML has the members of the JSON, with lists and maps flat and in the singular:
/// <c>&lt;Attribute&gt;&lt;Name&gt;VisibilityTimeout&lt;/Name&gt;&lt;Value&gt;60&lt;/Value&gt;&lt;/Attribute&gt;</c>.
/// </summary>
internal static class SqsWire
{
    private const string ContentType = "application/x-amz-json-1.0";

    private static readonly QueryXml Xml = new("http://queue.amazonaws.com/doc/2012-11-05/");

    /// <summary>The operations whose answer has no content.</summary>
    private static readonly FrozenSet<string> Empty = new[]
    {
        "AddPermission", "ChangeMessageVisibility", "DeleteMessage", "DeleteQueue", "PurgeQueue", "RemovePermission", "SetQueueAttributes", "TagQueue",
        "UntagQueue",
    }.ToFrozenSet();

    private static readonly FrozenDictionary<string, string> Singular = new Dictionary<string, string>
    {
        ["QueueUrls"] = "QueueUrl",
        ["queueUrls"] = "QueueUrl",
        ["Messages"] = "Message",
        ["Failed"] = "BatchResultErrorEntry",
        ["Results"] = "ListMessageMoveTasksResultEntry",
        ["Attributes"] = "Attribute",
        ["MessageAttributes"] = "MessageAttribute",
        ["Tags"] = "Tag",
    }.ToFrozenDictionary();

    public static WireResponse Answer(WireRequest request, string operation, JsonObject answer) =>
        !SqsForm.Applies(request) ? WireResponse.Json(answer, ContentType)
        : Empty.Contains(operation) ? Xml.Result(operation, RequestId(answer))
        : Xml.Result(operation, RequestId(answer), answer.Count == 0 ? "" : Content(operation, answer).ToArray());

    /// <summary>
    /// <c>{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"…"}</c>, and for older clients the Query protocol's code in
    /// <c>x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender</c>.
    /// </summary>
    public static WireResponse Error(WireRequest request, AwsException error)
    {
        var code = SqsCall.QueryCode(error.Code);
        if (SqsForm.Applies(request))
        {
            var message = error.Code == "QueueDoesNotExist" ? "The specified queue does not exist for this wsdl version." : error.Message;
            return Xml.Error(new AwsException(code, message, error.Status), Xml.Element("Detail"));
        }

        var body = new JsonObject { ["__type"] = $"com.amazonaws.sqs#{SqsCall.ShapeOf(error.Code)}", ["message"] = error.Message };
        return WireResponse.Json(body, ContentType, error.Status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-query-error"] = $"{code};{(error.Status < 500 ? "Sender" : "Receiver")}" },
        };
    }

    private static IEnumerable<XElement> Content(string operation, JsonObject json) => json.SelectMany(member => member.Value switch
    {
        null => [],
        JsonArray list => list.Select(item => Element(Name(operation, member.Key), operation, item!)),
        JsonObject map => map.Select(pair => Xml.Element(
            Name(operation, member.Key),
            Xml.Element(member.Key == "Tags" ? "Key" : "Name", pair.Key),
            Element("Value", operation, pair.Value!))),
        var value => [Element(member.Key, operation, value)],
    });

    private static XElement Element(string name, string operation, JsonNode value) => value switch
    {
        JsonObject json => Xml.Element(name, Content(operation, json).ToArray()),
        _ => Xml.Element(name, value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value.ToJsonString() : value.ToString()),
    };

    private static string Name(string operation, string member) => member == "Successful" ? $"{operation}ResultEntry" : Singular[member];

    private static Guid RequestId(JsonObject answer) => Ids.From(answer.ToJsonString(WireJson.Compact));
}
