using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ssm;

/// <summary>One parameter.</summary>
/// <param name="Type"><c>String</c>, <c>StringList</c> or <c>SecureString</c>; nothing is encrypted.</param>
/// <param name="Version">Counts the changes of the value, from 1.</param>
internal sealed record Parameter(string Region, string Name, string Type, string Value, long Version, DateTimeOffset Modified)
{
    public string? Description { get; init; }

    public string? AllowedPattern { get; init; }

    public string DataType { get; init; } = "text";

    public string Tier { get; init; } = "Standard";
}

/// <summary>
/// Parameter Store of AWS Systems Manager, without history, policies and encryption: what tools and templates read before they deploy
/// (the CDK the version of its bootstrap stack).
/// https://docs.aws.amazon.com/systems-manager/latest/APIReference/
/// </summary>
public sealed class SsmService : JsonRpcService
{
    private const string AssumedBootstrapVersion = "30";

    private readonly Cloud _cloud;
    private readonly Table<Parameter> _parameters;

    public SsmService(Cloud cloud)
        : base("ssm", "AmazonSSM", "1.1")
    {
        _cloud = cloud;
        _parameters = new Table<Parameter>("ssm.parameters", cloud.Store);
        ResourceTypes = [new ParameterType(this)];
    }

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    /// <summary>The value of a parameter, or null.</summary>
    public string? Value(string region, string name) => Find(region, name)?.Value;

    /// <summary>
    /// For a stack that is loaded directly, into a cloud that nobody bootstrapped: <c>/cdk-bootstrap/QUALIFIER/version</c>, which every
    /// CDK template asks for. Null for every other name.
    /// https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
    /// </summary>
    internal static string? Assumed(string name) =>
        name.StartsWith("/cdk-bootstrap/", StringComparison.Ordinal) && name.EndsWith("/version", StringComparison.Ordinal) ? AssumedBootstrapVersion : null;

    internal Parameter? Find(string region, string name) => _parameters.Find($"{region}/{name}");

    /// <exception cref="AwsException">ParameterAlreadyExists; ValidationException; UnsupportedParameterType.</exception>
    internal Parameter Put(Parameter parameter, bool overwrite)
    {
        if (parameter.Name.Length == 0 || parameter.Value.Length == 0)
        {
            throw new AwsException("ValidationException", "Name and Value of a parameter must have at least one character.");
        }

        if (parameter.Type is not ("String" or "StringList" or "SecureString"))
        {
            throw new AwsException("UnsupportedParameterType", $"The parameter type {parameter.Type} is not supported.");
        }

        var known = Find(parameter.Region, parameter.Name);
        if (known is not null && !overwrite)
        {
            throw new AwsException("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.");
        }

        var saved = parameter with { Version = (known?.Version ?? 0) + 1, Modified = _cloud.Clock.Now };
        _parameters.Set($"{saved.Region}/{saved.Name}", saved);
        return saved;
    }

    internal bool Remove(string region, string name) => _parameters.Remove($"{region}/{name}");

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        switch (operation)
        {
            case "GetParameter":
                var name = input.Required("Name");
                return new JsonObject { ["Parameter"] = Describe(Find(context.Region, name) ?? throw NotFound(name), context) };
            case "GetParameters":
                var names = input.Texts("Names");
                return new JsonObject
                {
                    ["Parameters"] = new JsonArray([.. names.Select(each => Find(context.Region, each)).OfType<Parameter>().Select(each => Describe(each, context))]),
                    ["InvalidParameters"] = JsonMembers.ToList(names.Where(each => Find(context.Region, each) is null)),
                };
            case "PutParameter":
                var put = Put(Read(input, context.Region), input.Flag("Overwrite") ?? false);
                return new JsonObject { ["Version"] = put.Version, ["Tier"] = put.Tier };
            case "DeleteParameter":
                var gone = input.Required("Name");
                return Remove(context.Region, gone) ? [] : throw NotFound(gone);
            default:
                throw WireJson.UnknownOperation("ssm", operation);
        }
    }

    private Parameter Read(JsonObject input, string region)
    {
        var name = input.Required("Name");
        return new Parameter(region, name, input.Text("Type") ?? Find(region, name)?.Type ?? "String", input.Required("Value"), 0, default)
        {
            Description = input.Text("Description"),
            AllowedPattern = input.Text("AllowedPattern"),
            DataType = input.Text("DataType") ?? "text",
            Tier = input.Text("Tier") ?? "Standard",
        };
    }

    private static JsonObject Describe(Parameter parameter, CallContext context) => new()
    {
        ["Name"] = parameter.Name,
        ["Type"] = parameter.Type,
        ["Value"] = parameter.Value,
        ["Version"] = parameter.Version,
        ["LastModifiedDate"] = WireJson.Epoch(parameter.Modified),
        ["ARN"] = context.Arn("ssm", $"parameter/{parameter.Name.TrimStart('/')}"),
        ["DataType"] = parameter.DataType,
    };

    private static AwsException NotFound(string name) => new("ParameterNotFound", $"Parameter {name} not found.");
}
