using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.SageMaker;

/// <summary>The part of Amazon SageMaker AI that shows which images models use. Nothing runs them.
/// https://docs.aws.amazon.com/sagemaker/latest/APIReference/</summary>
public sealed partial class SageMakerService(Engine engine) : JsonRpcService("sagemaker", "SageMaker", "1.1")
{
    private const int PageSize = 100;

    private readonly DescribedResources _models = new("sagemaker.models", engine.Store);

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_sagemaker.html. Only administrators may change resources
    /// here.</summary>
    protected override IReadOnlyList<Need>? Needs(string operation, CallContext context, JsonObject input) => operation switch
    {
        "ListModels" => [new Need("sagemaker:ListModels", "*")],
        "DescribeModel" => [new Need("sagemaker:DescribeModel", ArnOf(context, input.Text("ModelName") ?? "*"))],
        _ => null,
    };

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        switch (operation)
        {
            case "CreateModel":
                return Create(context, input);
            case "ListModels":
                return List(context, input);
            case "DescribeModel":
                return DescribedResources.Copy(Existing(context, input).Description);
            case "DeleteModel":
                _models.Remove(Existing(context, input).Arn);
                return [];
            default:
                throw WireJson.UnknownOperation("sagemaker", operation);
        }
    }

    private JsonObject Create(CallContext context, JsonObject input)
    {
        var name = input.Required("ModelName");
        if (!Name().IsMatch(name))
        {
            throw new AwsException("ValidationException", $"Value '{name}' at 'modelName' failed to satisfy constraint: {Name()}");
        }

        var arn = ArnOf(context, name);
        if (_models.Find(arn) is not null)
        {
            throw new AwsException("ValidationException", $"Cannot create already existing model \"{arn}\".");
        }

        if (input.Object("PrimaryContainer") is null && !input.Objects("Containers").Any())
        {
            throw new AwsException("ValidationException", "One of PrimaryContainer and Containers is required.");
        }

        var model = DescribedResources.Members(
            input, "PrimaryContainer", "Containers", "InferenceExecutionConfig", "ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation");
        model["ModelName"] = name;
        model["ModelArn"] = arn;
        model["CreationTime"] = WireJson.Epoch(engine.Clock.Now);
        _models.Put(arn, name, model);
        return new JsonObject { ["ModelArn"] = arn };
    }

    // By default the newest come first.
    private JsonObject List(CallContext context, JsonObject input)
    {
        var found = _models.In(context).Where(each => input.Text("NameContains") is not { } part || each.Name.Contains(part, StringComparison.OrdinalIgnoreCase));
        found = input.Text("SortBy") == "Name" ? found.OrderBy(each => each.Name, StringComparer.Ordinal) : found;
        var ordered = input.Text("SortOrder") == "Ascending" ? found.ToList() : [.. found.Reverse()];
        var size = (int)Math.Clamp(input.Whole("MaxResults") ?? 10, 1, PageSize);
        var (page, next) = Paging.Take(ordered, size, input.Text("NextToken"));
        return Paging.With(new JsonObject
        {
            ["Models"] = new JsonArray([
                .. page.Select(each => (JsonNode)DescribedResources.Members(each.Description, "ModelName", "ModelArn", "CreationTime"))
            ]),
        }, next);
    }

    private DescribedResource Existing(CallContext context, JsonObject input) => ArnOf(context, input.Required("ModelName")) is var arn
        && _models.Find(arn) is { } found ? found : throw new AwsException("ValidationException", $"Could not find model \"{arn}\".");

    // SageMaker's ARNs are in lower case.
    private static string ArnOf(CallContext context, string name) => context.Arn("sagemaker", $"model/{name.ToLowerInvariant()}");

    /// <summary>https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html</summary>
    [GeneratedRegex("^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
