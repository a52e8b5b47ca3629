using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Batch;

/// <summary>
/// The part of AWS Batch that shows which images jobs would run: job definitions. Nothing runs them. REST JSON:
/// <c>POST /v1/registerjobdefinition</c>. https://docs.aws.amazon.com/batch/latest/APIReference/
/// </summary>
public sealed partial class BatchService(Engine engine) : IWireService
{
    private const int PageSize = 100;

    private static readonly Dictionary<string, string> Operations = new(StringComparer.Ordinal)
    {
        ["/v1/registerjobdefinition"] = "RegisterJobDefinition",
        ["/v1/describejobdefinitions"] = "DescribeJobDefinitions",
        ["/v1/deregisterjobdefinition"] = "DeregisterJobDefinition",
    };

    private readonly DescribedResources _definitions = new("batch.definitions", engine.Store);

    public string SigningName => "batch";

    public string? OperationOf(WireRequest request) => request.Method == "POST" ? Operations.GetValueOrDefault(request.Path) : null;

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_batch.html. Only administrators may change resources here.</summary>
    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) =>
        operation == "DescribeJobDefinitions" ? [new Need("batch:DescribeJobDefinitions", "*")] : null;

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var input = WireJson.ParseObject(request);
        return WireResponse.Json(OperationOf(request) switch
        {
            "RegisterJobDefinition" => Register(context, input),
            "DescribeJobDefinitions" => Describe(context, input),
            "DeregisterJobDefinition" => Deregister(context, input),
            _ => throw new AwsException("UnknownOperationException", $"The embedded cloud does not serve batch {request.Method} {request.Path}.", 404),
        });
    }

    public WireResponse Error(WireRequest request, AwsException error)
    {
        var code = error.Code == "ValidationException" ? "ClientException" : error.Code;
        return WireResponse.Json(new JsonObject { ["message"] = error.Message }, status: error.Status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = code },
        };
    }

    private JsonObject Register(CallContext context, JsonObject input)
    {
        var name = input.Required("jobDefinitionName");
        if (!Name().IsMatch(name))
        {
            throw Refused("Error executing request, Exception : jobDefinitionName must match [a-zA-Z0-9_-]{1,128}");
        }

        if (input.Required("type") is var type and not ("container" or "multinode"))
        {
            throw Refused($"Error executing request, Exception : '{type}' is not a type of job definitions");
        }

        var revision = _definitions.In(context).Count(each => each.Name == name) + 1;
        var arn = context.Arn("batch", $"job-definition/{name}:{revision}");
        var definition = DescribedResources.Members(input, "type", "parameters", "schedulingPriority", "containerProperties", "nodeProperties", "retryStrategy",
            "propagateTags", "timeout", "tags", "platformCapabilities", "eksProperties", "ecsProperties");
        definition["jobDefinitionName"] = name;
        definition["jobDefinitionArn"] = arn;
        definition["revision"] = revision;
        definition["status"] = "ACTIVE";
        _definitions.Put(arn, name, definition);
        return new JsonObject { ["jobDefinitionName"] = name, ["jobDefinitionArn"] = arn, ["revision"] = revision };
    }

    // The latest revisions come first.
    private JsonObject Describe(CallContext context, JsonObject input)
    {
        var named = input.Texts("jobDefinitions");
        var found = _definitions.In(context).Reverse()
            .Where(each => input.Text("jobDefinitionName") is not { } name || each.Name == name)
            .Where(each => named.Count == 0 || named.Any(one => Matches(each, one)))
            .Where(each => input.Text("status") is not { } status || each.Description.Text("status") == status)
            .ToList();
        var size = (int)Math.Clamp(input.Whole("maxResults") ?? PageSize, 1, PageSize);
        var (page, next) = Paging.Take(found, size, input.Text("nextToken"), "ClientException");
        return Paging.With(new JsonObject
        {
            ["jobDefinitions"] = new JsonArray([.. page.Select(each => (JsonNode)DescribedResources.Copy(each.Description))]),
        }, next, "nextToken");
    }

    private JsonObject Deregister(CallContext context, JsonObject input)
    {
        var wanted = input.Required("jobDefinition");
        if (_definitions.In(context).LastOrDefault(each => Matches(each, wanted)) is { } found)
        {
            var definition = DescribedResources.Copy(found.Description);
            definition["status"] = "INACTIVE";
            _definitions.Put(found.Arn, found.Name, definition);
        }

        return [];
    }

    /// <summary>A definition is named by its ARN, as <c>name:revision</c>, or by its name.</summary>
    private static bool Matches(DescribedResource definition, string wanted) =>
        definition.Arn == wanted || definition.Name == wanted || definition.Arn.EndsWith($"job-definition/{wanted}", StringComparison.Ordinal);

    private static AwsException Refused(string message) => new("ClientException", message);

    /// <summary>https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html</summary>
    [GeneratedRegex("^[a-zA-Z0-9_-]{1,128}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
