using Automation.ApiTables;

namespace Automation.Shims.Sdk.Generator;

/// <summary>A model and the names and types that follow from it by the SDK's conventions.</summary>
internal sealed class Service
{
    public Service(ApiModel model)
    {
        Model = model;
        var protocol = model.Value("protocol").Split(' ');
        IsRest = protocol[0] == "rest-json";
        JsonVersion = IsRest ? "" : protocol[0].Substring("json-".Length);
        TargetPrefix = IsRest ? "" : protocol[1];
        if (model.Exceptions.Keys.FirstOrDefault(code => !ErrorCodes.Contains(code)) is { } unused)
        {
            throw new FormatException($"exception {unused} is not an error of any operation");
        }

        Written = Reachable(model.Operations.Values.Select(operation => operation.Input));
        Read = Reachable(model.Operations.Values.Select(operation => operation.Output));
    }

    public ApiModel Model { get; }

    /// <summary>Root namespace, such as <c>Amazon.ECR</c>.</summary>
    public string Namespace => Model.Value("namespace");

    /// <summary>Prefix of client, config and base exception, such as <c>AmazonECR</c>.</summary>
    public string Client => Model.Value("client");

    /// <summary><see cref="Client"/> without <c>Amazon</c>: prefix of paginators and endpoint parameters.</summary>
    public string ShortName => Client.Substring("Amazon".Length);

    public string Marshalling => Namespace + ".Model.Internal.MarshallTransformations";

    /// <summary>True for rest-json, where each operation has a method, path and query. Otherwise the protocol is AWS JSON: POST / with X-Amz-Target.</summary>
    public bool IsRest { get; }

    public string JsonVersion { get; }

    public string TargetPrefix { get; }

    /// <summary>The SDK sends x-amz-api-version to rest-json services and to ECR, not to Step Functions (1.0).</summary>
    public bool SendsApiVersion => JsonVersion != "1.0";

    /// <summary>Structures that occur in requests.</summary>
    public HashSet<string> Written { get; }

    /// <summary>Structures that occur in responses.</summary>
    public HashSet<string> Read { get; }

    public bool IsEnum(ApiType type) => type.Kind == ApiTypeKind.Named && Model.Enums.ContainsKey(type.Name);

    /// <summary>The error codes of all operations, in alphabetical order.</summary>
    public IEnumerable<string> ErrorCodes => Model.Operations.Values
        .SelectMany(operation => operation.Errors)
        .Distinct(StringComparer.Ordinal)
        .OrderBy(code => code, StringComparer.Ordinal);

    public static string ExceptionName(string errorCode) =>
        errorCode.EndsWith("Exception", StringComparison.Ordinal) ? errorCode : errorCode + "Exception";

    /// <summary>The C# type of a property. Scalars are nullable in v4; all other types are references.</summary>
    public string PropertyType(ApiType type)
    {
        if (type.Kind == ApiTypeKind.Scalar && type.Name is not ("string" or "MemoryStream"))
        {
            return Qualify(type) + "?";
        }

        return Qualify(type);
    }

    /// <summary>The C# type without the nullable mark, as the element type of a collection.</summary>
    public string Qualify(ApiType type) => type.Kind switch
    {
        ApiTypeKind.List => $"List<{Qualify(type.Element!)}>",
        ApiTypeKind.Map => $"Dictionary<string, {Qualify(type.Element!)}>",
        ApiTypeKind.Scalar => type.Name,
        _ when Model.Enums.ContainsKey(type.Name) || Model.Structures.ContainsKey(type.Name) => type.Name,
        _ => throw new FormatException($"type {type.Name} is neither an enum nor a structure"),
    };

    private HashSet<string> Reachable(IEnumerable<ApiStructure> roots)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<ApiStructure>(roots);
        while (open.Count > 0)
        {
            foreach (var member in open.Dequeue().Members)
            {
                var type = member.Type;
                while (type.Element is not null)
                {
                    type = type.Element;
                }

                if (type.Kind == ApiTypeKind.Named &&
                    Model.Structures.TryGetValue(type.Name, out var structure) &&
                    found.Add(type.Name))
                {
                    open.Enqueue(structure);
                }
            }
        }

        return found;
    }
}
