using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;
using Automation.Models.Official;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>
/// The faults of a response according to AWS's own model of the service: unknown members, values of another type, unknown enum values,
/// missing required members, error codes that the operation does not document, and wrong HTTP statuses.
/// </summary>
internal sealed class AnswerChecker(string service, OfficialModel model, bool isXml)
{
    /// <summary>Errors that every operation may return: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html and similar
    /// pages.</summary>
    private static readonly HashSet<string> CommonErrors = new(StringComparer.Ordinal)
    {
        "AccessDenied", "AccessDeniedException", "ExpiredTokenException", "IncompleteSignature", "InternalFailure", "InvalidAction", "InvalidClientTokenId",
        "InvalidParameterCombination", "InvalidParameterValue", "InvalidQueryParameter", "MalformedHttpRequestException", "MalformedInput",
        "MalformedQueryString", "MissingAction", "MissingAuthenticationToken", "MissingParameter", "NotAuthorized", "OptInRequired",
        "RequestAbortedException", "RequestEntityTooLargeException", "RequestExpired", "RequestTimeoutException", "SerializationException",
        "ServiceUnavailable", "Throttling", "ThrottlingException", "UnknownOperationException", "UnrecognizedClientException", "ValidationError",
        "ValidationException",
    };

    private readonly List<string> _found = [];

    /// <summary>CloudWatch answers in the protocol of the request.</summary>
    private bool IsXml { get; } = service is "s3" or "sns" or "sts" or "iam" or "cloudformation" || (service == "monitoring" && isXml);

    public static IReadOnlyList<string> Check(string service, OfficialModel model, string operation, WireResponse answer)
    {
        var checker = new AnswerChecker(service, model, answer.ContentType == "text/xml");
        if (!model.Operations.TryGetValue(operation, out var official))
        {
            // An operation that does not exist can only be refused.
            return answer.Status < 400 ? [$"AWS has no operation {operation}"] : [];
        }

        if (answer.Status >= 400)
        {
            checker.CheckError(official, answer);
        }
        else
        {
            checker.CheckSuccess(operation, official, answer);
        }

        return checker._found;
    }

    private void CheckError(OfficialOperation operation, WireResponse answer)
    {
        if (answer.Body.IsEmpty)
        {
            if (service != "s3")
            {
                _found.Add("an error without a document");
            }

            return;
        }

        var (code, message) = IsXml ? XmlError(answer) : JsonError(answer);
        if (message.StartsWith("The embedded cloud failed", StringComparison.Ordinal))
        {
            _found.Add($"a bug of the embedded cloud: {message}");
        }

        // The model of S3 lists almost none of its errors.
        if (service == "s3" || message.Contains("embedded cloud", StringComparison.Ordinal))
        {
            return;
        }

        var known = operation.Errors.FirstOrDefault(name => name == code || (IsXml && model.Structures[name].Error!.Code == code));
        if (known is null && !CommonErrors.Contains(code))
        {
            _found.Add($"error {code} is not among those of the operation: {string.Join(", ", operation.Errors)}");
        }
        else if (known is not null && (service is "imagebuilder" or "lambda" or "scheduler" || IsXml) && model.Structures[known].Error!.Status != answer.Status)
        {
            _found.Add($"error {code} has status {answer.Status}, at AWS {model.Structures[known].Error!.Status}");
        }
    }

    private (string Code, string Message) JsonError(WireResponse answer)
    {
        if (JsonNode.Parse(answer.Body.Span) is not JsonObject document)
        {
            _found.Add("the error is not a JSON object");
            return ("", "");
        }

        var code = (document["__type"]?.ToString() ?? answer.Headers.GetValueOrDefault("x-amzn-ErrorType") ?? "").Split('#')[^1].Split(':')[0];
        if (code.Length == 0)
        {
            _found.Add("the error has no code");
        }

        return (code, (document["message"] ?? document["Message"])?.ToString() ?? "");
    }

    private (string Code, string Message) XmlError(WireResponse answer)
    {
        var document = Parse(answer);
        var error = document is null || document.Name.LocalName == "Error" ? document : Child(document, "Error");
        if (error is null || Child(error, "Code") is not { } code)
        {
            _found.Add("the error has no code");
            return ("", "");
        }

        return (code.Value, Child(error, "Message")?.Value ?? "");
    }

    private void CheckSuccess(string name, OfficialOperation operation, WireResponse answer)
    {
        var output = operation.Output is null ? null : model.Structures[operation.Output];
        var payload = output?.Members.FirstOrDefault(member => member.Value.Location == "payload") ?? default;
        if (service is "imagebuilder" or "scheduler" or "s3" && answer.Status != operation.Status && answer.Status is not (206 or 304))
        {
            _found.Add($"status {answer.Status}, at AWS {operation.Status}");
        }

        if (payload.Value is { Type: not "structure" })
        {
            return;
        }

        if (IsXml)
        {
            CheckXmlDocument(name, operation, output, payload.Key, answer);
        }
        else if (answer.Body.IsEmpty)
        {
            if (output is not null && Body(output).Any(member => member.Value.Required))
            {
                _found.Add("an empty body");
            }
        }
        else if (JsonNode.Parse(answer.Body.Span) is not JsonObject document)
        {
            _found.Add("the body is not a JSON object");
        }
        else if (output is null)
        {
            _found.AddRange(document.Select(member => $"{member.Key}: AWS returns no such member"));
        }
        else
        {
            CheckObject(output, document, "");
        }
    }

    private void CheckObject(OfficialStructure structure, JsonObject value, string path)
    {
        var members = Body(structure).ToDictionary(member => member.Value.JsonName ?? member.Key, member => member.Value, StringComparer.Ordinal);
        foreach (var (name, item) in value)
        {
            if (!members.TryGetValue(name, out var shape))
            {
                _found.Add($"{path}{name}: AWS returns no such member");
            }
            else
            {
                CheckJson(shape, item, path + name);
            }
        }

        _found.AddRange(
            members.Where(member => member.Value.Required && !value.ContainsKey(member.Key)).Select(member => $"{path}{member.Key}: required, but missing"));
        if (structure.Union && value.Count != 1)
        {
            _found.Add($"{path}: a union has exactly one member");
        }
    }

    private void CheckJson(OfficialShape shape, JsonNode? value, string path)
    {
        if (value is null)
        {
            _found.Add($"{path}: null, which AWS leaves out");
            return;
        }

        switch (shape.Type)
        {
            case "structure" when value is JsonObject item:
                CheckObject(model.Structures[shape.Ref!], item, path + ".");
                break;
            case "list" when value is JsonArray list:
                foreach (var element in list)
                {
                    CheckJson(Named(shape), element, path + "[]");
                }

                break;
            case "map" when value is JsonObject map:
                foreach (var (_, element) in map)
                {
                    CheckJson(shape.Element!, element, path + "{}");
                }

                break;
            case "string" or "blob" when value.GetValueKind() == JsonValueKind.String:
                CheckEnum(shape, value.GetValue<string>(), path);
                break;
            case "number" when value.GetValueKind() == JsonValueKind.Number:
                if (shape.Width is "integer" or "long" && value.ToJsonString().Contains('.', StringComparison.Ordinal))
                {
                    _found.Add($"{path}: {value} is not an integer");
                }

                break;
            case "boolean" when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False:
            case "timestamp" when value.GetValueKind() == (shape.Format == "date-time" ? JsonValueKind.String : JsonValueKind.Number):
            case "document":
                break;
            default:
                _found.Add($"{path}: {value.GetValueKind()}, at AWS {shape.Type}");
                break;
        }
    }

    /// <summary>An enum on a list or map applies to its elements or keys; only lists are checked.</summary>
    private static OfficialShape Named(OfficialShape list) => list.Enum is null ? list.Element! : list.Element! with { Enum = list.Enum };

    private void CheckEnum(OfficialShape shape, string value, string path)
    {
        if (shape.Enum is { } name && !model.Enums[name].Contains(value, StringComparer.Ordinal))
        {
            _found.Add($"{path}: «{value}» is not a value of {name}");
        }
    }

    // Query: <PublishResponse><PublishResult><MessageId/></PublishResult><ResponseMetadata><RequestId/></ResponseMetadata></PublishResponse>
    // S3: <ListBucketResult><Name/>…</ListBucketResult>
    private void CheckXmlDocument(string name, OfficialOperation operation, OfficialStructure? output, string? payload, WireResponse answer)
    {
        if (service == "s3")
        {
            var root = payload is null ? output : model.Structures[output!.Members[payload].Ref!];
            if (answer.Body.IsEmpty)
            {
                return;
            }

            if (root is null || Parse(answer) is not { } s3)
            {
                _found.Add("a body where AWS returns none");
                return;
            }

            var expected = payload is null ? root.XmlName ?? operation.Output : output!.Members[payload].XmlName ?? root.XmlName ?? payload;
            if (s3.Name.LocalName != expected && root.XmlName is not null)
            {
                _found.Add($"root element {s3.Name.LocalName}, at AWS {expected}");
            }

            CheckElements(root, s3, "");
            return;
        }

        if (Parse(answer) is not { } document)
        {
            return;
        }

        if (document.Name.LocalName != name + "Response")
        {
            _found.Add($"root element {document.Name.LocalName}, at AWS {name}Response");
        }

        if (Child(document, "ResponseMetadata") is not { } metadata || Child(metadata, "RequestId") is null)
        {
            _found.Add("there is no ResponseMetadata with a RequestId");
        }

        if (output is { Members.Count: > 0 })
        {
            if (Child(document, name + "Result") is { } result)
            {
                CheckElements(output, result, "");
            }
            else
            {
                _found.Add($"there is no {name}Result");
            }
        }
    }

    private void CheckElements(OfficialStructure structure, XElement value, string path)
    {
        var members = Body(structure).ToDictionary(member => member.Value.XmlName ?? member.Key, member => member.Value, StringComparer.Ordinal);
        foreach (var group in value.Elements().GroupBy(element => element.Name.LocalName, StringComparer.Ordinal))
        {
            if (!members.TryGetValue(group.Key, out var shape))
            {
                _found.Add($"{path}{group.Key}: AWS returns no such element");
                continue;
            }

            if (shape.Type != "list" && group.Count() > 1)
            {
                _found.Add($"{path}{group.Key}: given {group.Count()} times");
            }

            foreach (var element in group)
            {
                CheckXml(shape.Type == "list" && shape.XmlFlattened ? Named(shape) : shape, element, path + group.Key);
            }
        }

        _found.AddRange(members.Where(member => member.Value.Required && value.Elements().All(element => element.Name.LocalName != member.Key))
            .Select(member => $"{path}{member.Key}: required, but missing"));
    }

    private void CheckXml(OfficialShape shape, XElement value, string path)
    {
        switch (shape.Type)
        {
            case "structure":
                CheckElements(model.Structures[shape.Ref!], value, path + ".");
                break;
            case "list":
                foreach (var element in value.Elements())
                {
                    if (element.Name.LocalName != (shape.Element!.XmlName ?? "member"))
                    {
                        _found.Add($"{path}: element {element.Name.LocalName}, at AWS {shape.Element!.XmlName ?? "member"}");
                    }

                    CheckXml(Named(shape), element, path + "[]");
                }

                break;
            case "map":
                foreach (var entry in value.Elements())
                {
                    if (entry.Name.LocalName != "entry" || Child(entry, "key") is null || Child(entry, "value") is not { } item)
                    {
                        _found.Add($"{path}: a map has entries of a key and a value");
                    }
                    else
                    {
                        CheckXml(shape.Element!, item, path + "{}");
                    }
                }

                break;
            default:
                CheckXmlText(shape, value, path);
                break;
        }
    }

    private void CheckXmlText(OfficialShape shape, XElement value, string path)
    {
        var valid = shape.Type switch
        {
            _ when value.HasElements => false,
            "boolean" => value.Value is "true" or "false",
            "number" => decimal.TryParse(value.Value, System.Globalization.CultureInfo.InvariantCulture, out _),
            "timestamp" => DateTimeOffset.TryParse(value.Value, System.Globalization.CultureInfo.InvariantCulture, out _),
            _ => true,
        };
        if (!valid)
        {
            _found.Add($"{path}: «{value.Value}», at AWS {shape.Type}");
        }

        CheckEnum(shape, value.Value, path);
    }

    private XElement? Parse(WireResponse answer)
    {
        try
        {
            return XElement.Parse(Encoding.UTF8.GetString(answer.Body.Span));
        }
        catch (XmlException e)
        {
            _found.Add($"the body is not XML: {e.Message}");
            return null;
        }
    }

    private static XElement? Child(XElement element, string name) => element.Elements().FirstOrDefault(child => child.Name.LocalName == name);

    private static IEnumerable<KeyValuePair<string, OfficialShape>> Body(OfficialStructure structure) =>
        structure.Members.Where(member => member.Value.Location is null);
}
