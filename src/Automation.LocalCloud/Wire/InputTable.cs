using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.ApiTables;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// The inputs of a service according to AWS's own model. A request that breaks a rule is refused before the service handles it. This applies to
/// services with a table of the same name; the others check their requests themselves.
/// </summary>
internal sealed class InputTable
{
    private static readonly ConcurrentDictionary<string, InputTable?> Loaded = new(StringComparer.Ordinal);

    private readonly string _service;
    private readonly RequestValidator _rules;
    private readonly HashSet<string> _wrappedLists = new(StringComparer.Ordinal) { "member", "entry" };

    private InputTable(string service)
    {
        _service = service;
        _rules = RequestValidator.Of(service);
    }

    /// <summary>Null if the service has no such table.</summary>
    public static InputTable? Find(string service) => Loaded.GetOrAdd(service, name =>
        name is "ecr" or "imagebuilder" or "states" || typeof(ApiModel).Assembly.GetManifestResourceInfo(name + ".model") is null
            ? null
            : new InputTable(name));

    /// <exception cref="AwsException">The request breaks a rule; the code is the service's own.</exception>
    public void Check(string operation, WireRequest request)
    {
        if (!_rules.Model.Operations.TryGetValue(operation, out var table))
        {
            return;
        }

        // The service itself refuses JSON of another type, with another error. In S3 every value is text, so the table decides which values must be numbers.
        var violations = _rules.Check(operation, Known(Input(table, request)))
            .Where(violation => violation.Kind != ViolationKind.Type || _service == "s3")
            .ToList();
        if (violations.Count > 0)
        {
            throw _service == "s3"
                ? S3Input.Refusal(table, violations[0], request)
                : Refusal([.. violations.Select(violation => violation with { Path = InLowerCase(Named(table, violation.Path)) })]);
        }
    }

    /// <summary>
    /// Without the names that ReceiveMessage of SQS takes in AttributeNames beyond the enum of the model: those of MessageSystemAttributeNames, the newer
    /// member.
    /// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
    /// </summary>
    private JsonObject Known(JsonObject input)
    {
        if (_service != "sqs" || input["AttributeNames"] is not JsonArray names)
        {
            return input;
        }

        var system = _rules.Model.Enums["MessageSystemAttributeName"];
        var known = input.DeepClone().AsObject();
        known["AttributeNames"] = new JsonArray([.. names.Where(name => !system.Contains($"{name}")).Select(name => name?.DeepClone())]);
        return known;
    }

    // A member in the query may have another name there: ScheduleGroup is the member GroupName.
    private static string Named(ApiOperation operation, string path) =>
        operation.Input.Members.FirstOrDefault(member => member.Location == ApiLocation.Query && member.WireName == path)?.Name ?? path;

    /// <summary>Whether the table has the operation.</summary>
    public bool Has(string operation) => _rules.Model.Operations.ContainsKey(operation);

    /// <summary>The input as JSON, for every protocol; null if the table does not have the operation.</summary>
    public JsonObject? Read(string operation, WireRequest request) =>
        _rules.Model.Operations.TryGetValue(operation, out var table) ? Input(table, request) : null;

    private AwsException Refusal(IReadOnlyList<Violation> violations) => (_service, violations[0]) switch
    {
        // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        ("ec2", { Kind: ViolationKind.Missing } missing) => new AwsException("MissingParameter", $"The request must contain the parameter {missing.Path}"),
        ("ec2", var wrong) => new AwsException("InvalidParameterValue", $"Value ({wrong.Value}) for parameter {wrong.Path} is invalid. {wrong.Constraint}"),
        ("sqs", { Kind: ViolationKind.Missing } missing) =>
            new AwsException("MissingParameter", $"The request must contain the parameter {InUpperCase(missing.Path)}."),
        ("sqs", var wrong) => new AwsException("InvalidAttributeName", $"Unknown Attribute {wrong.Value}: {wrong.Path}."),
        ("cloudformation" or "iam" or "monitoring" or "sns" or "sts", _) => new AwsException("ValidationError", Violation.Describe(violations)),
        ("logs", _) => new AwsException("InvalidParameterException", Violation.Describe(violations)),
        _ => new AwsException("ValidationException", Violation.Describe(violations)),
    };

    private JsonObject Input(ApiOperation operation, WireRequest request) => _service switch
    {
        "monitoring" when request.Header("x-amz-target") is not null => WireJson.ParseObject(request),
        "cloudformation" or "ec2" or "iam" or "monitoring" or "sns" or "sts" => Form(operation.Input, QueryXml.Read(request)),
        "lambda" or "scheduler" => Rest(operation, request),
        "sqs" when SqsForm.Applies(request) => SqsForm.Read(request),
        "s3" => S3Input.Read(_rules.Model, operation, request),
        _ => WireJson.ParseObject(request),
    };

    // GET /schedules/{Name}?groupName=default
    private static JsonObject Rest(ApiOperation operation, WireRequest request)
    {
        var input = request.Body.IsEmpty || operation.Name == "Invoke" ? [] : WireJson.ParseObject(request);
        var query = QueryText.Parse(request.Query);
        var holes = operation.Path.Split('/').Zip(request.Path.Split('/')).Where(pair => pair.First.StartsWith('{')).ToDictionary(
            pair => pair.First.Trim('{', '}', '+'), pair => Uri.UnescapeDataString(pair.Second), StringComparer.Ordinal);
        foreach (var member in operation.Input.Members)
        {
            var text = member.Location switch
            {
                ApiLocation.Path => holes.GetValueOrDefault(member.Name),
                ApiLocation.Query => query.GetValueOrDefault(member.WireName),
                _ => null,
            };
            if (member.Location == ApiLocation.Query && member.Type.Kind == ApiTypeKind.List && text is not null)
            {
                input[member.WireName] = new JsonArray([.. QueryText.All(request.Query, member.WireName).Select(item => JsonValue.Create(item))]);
            }
            else if (text is not null)
            {
                input[member.WireName] = Scalar(member.Type, text);
            }
        }

        return input;
    }

    // Tags.member.1.Key=a&Tags.member.1.Value=b -> {"Tags":[{"Key":"a","Value":"b"}]}
    private JsonObject Form(ApiStructure structure, Dictionary<string, string> fields)
    {
        var root = new Field();
        foreach (var (name, value) in fields)
        {
            var at = root;
            foreach (var part in name.Split('.'))
            {
                at = at.Children.TryGetValue(part, out var child) ? child : at.Children[part] = new Field();
            }

            at.Text = value;
        }

        return Object(structure, root);
    }

    private JsonObject Object(ApiStructure structure, Field field)
    {
        var result = new JsonObject();
        foreach (var member in structure.Members)
        {
            if (field.Children.TryGetValue(member.WireName, out var child))
            {
                result[member.WireName] = Value(member.Type, child);
            }
        }

        return result;
    }

    private JsonNode Value(ApiType type, Field field)
    {
        switch (type.Kind)
        {
            case ApiTypeKind.List:
                return new JsonArray([.. Items(field).Select(item => Value(type.Element!, item))]);
            case ApiTypeKind.Map:
                var map = new JsonObject();
                foreach (var item in Items(field))
                {
                    var key = item.Children.GetValueOrDefault("key") ?? item.Children.GetValueOrDefault("Name");
                    var value = item.Children.GetValueOrDefault("value") ?? item.Children.GetValueOrDefault("Value");
                    map[key?.Text ?? ""] = Value(type.Element!, value ?? new Field { Text = "" });
                }

                return map;
            case ApiTypeKind.Named when _rules.Model.Structures.TryGetValue(type.Name, out var structure):
                return Object(structure, field);
            default:
                return Scalar(type, field.Text ?? "");
        }
    }

    private IEnumerable<Field> Items(Field field)
    {
        var list = field.Children.Count == 1 && _wrappedLists.Contains(field.Children.Keys.First()) ? field.Children.Values.First() : field;
        return list.Children.Where(child => int.TryParse(child.Key, CultureInfo.InvariantCulture, out _))
            .OrderBy(child => int.Parse(child.Key, CultureInfo.InvariantCulture)).Select(child => child.Value);
    }

    /// <summary>Converts the text of a form, a path or a query to the table's type. Text that does not fit stays text, which is refused.</summary>
    internal static JsonNode Scalar(ApiType type, string text) => type.Name switch
    {
        "int" or "long" or "double" or "float" when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        "bool" when text is "true" or "false" => text == "true",
        _ => text,
    };

    // Target.Arn -> target.arn: messages spell the names of members like this.
    private static string InLowerCase(string path) =>
        string.Join('.', path.Split('.').Select(part => part.Length == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));

    private static string InUpperCase(string path) =>
        string.Join('.', path.Split('.').Select(part => part.Length == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));

    private sealed class Field
    {
        public string? Text { get; set; }

        public Dictionary<string, Field> Children { get; } = new(StringComparer.Ordinal);
    }
}
