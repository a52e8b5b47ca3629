using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
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
/// Parameter Store of AWS Systems Manager, without labels, policies and encryption. Tools and templates read parameters before they
/// deploy; the CDK reads the version of its bootstrap stack.
/// https://docs.aws.amazon.com/systems-manager/latest/APIReference/
/// </summary>
public sealed class SsmService : JsonRpcService, IParameters
{
    /// <summary>https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html</summary>
    private const int MaxVersions = 100;

    private const int MaxReference = 2048;

    private readonly Engine _engine;
    private readonly Table<Parameter> _parameters;

    /// <summary>Earlier versions, by <c>Region/name:version</c>.</summary>
    private readonly Table<Parameter> _earlier;

    public SsmService(Engine engine)
        : base("ssm", "AmazonSSM", "1.1")
    {
        _engine = engine;
        _parameters = new Table<Parameter>("ssm.parameters", engine.Store);
        _earlier = new Table<Parameter>("ssm.earlier-versions", engine.Store);
        ResourceTypes = [new ParameterType(this)];
    }

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    /// <summary>The value of a parameter, or null.</summary>
    /// <param name="name">The name, the ARN, or <c>name:version</c>.</param>
    public string? Value(string region, string name) =>
        (Find(region, name) ?? (name.Split(':') is [var plain, var version] && Find(region, plain) is { } newest ? Version(newest, version) : null))?.Value;

    /// <summary>The version of a parameter, or null: one that does not exist, is older than the hundred that are kept, or is a label.</summary>
    private Parameter? Version(Parameter newest, string version) =>
        version == Number(newest.Version) ? newest : _earlier.Find($"{newest.Region}/{newest.Name}:{version}");

    /// <param name="name">The name or the ARN. In the ARN, the first slash of <c>/a/b</c> is the one after <c>parameter</c>.</param>
    internal Parameter? Find(string region, string name)
    {
        const string Marker = ":parameter/";
        if (Arn.Is(name) && name.IndexOf(Marker, StringComparison.Ordinal) is var at and > 0)
        {
            var path = name[(at + Marker.Length)..];
            return _parameters.Find($"{region}//{path}") ?? _parameters.Find($"{region}/{path}");
        }

        return _parameters.Find($"{region}/{name}");
    }

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
            throw new AwsException(
                "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.");
        }

        if (known is not null)
        {
            _earlier.Set(Key(known), known);
            _earlier.Remove(Key(known with { Version = known.Version + 1 - MaxVersions }));
        }

        var saved = parameter with { Version = (known?.Version ?? 0) + 1, Modified = _engine.Clock.Now };
        _parameters.Set($"{saved.Region}/{saved.Name}", saved);
        return saved;
    }

    internal bool Remove(string region, string name)
    {
        foreach (var version in Find(region, name) is { } known ? Earlier(known) : [])
        {
            _earlier.Remove(Key(version));
        }

        return _parameters.Remove($"{region}/{name}");
    }

    /// <summary>The versions before the newest, oldest first.</summary>
    private List<Parameter> Earlier(Parameter newest) =>
    [
        .. Enumerable.Range(1, MaxVersions - 1).Reverse().Select(back => newest.Version - back).Where(version => version > 0)
            .Select(version => _earlier.Find(Key(newest with { Version = version }))).OfType<Parameter>(),
    ];

    private static string Key(Parameter version) => $"{version.Region}/{version.Name}:{Number(version.Version)}";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_ssm.html</summary>
    protected override IReadOnlyList<Need>? Needs(string operation, CallContext context, JsonObject input)
    {
        return operation switch
        {
            "GetParameter" or "GetParameterHistory" or "PutParameter" or "DeleteParameter" => [Of(input.Text("Name") ?? "*")],
            "GetParameters" => [.. input.Texts("Names").Select(Of)],
            _ => null,
        };

        Need Of(string name) => new($"ssm:{operation}", Arn.Is(name) ? name : context.Arn("ssm", $"parameter/{name.TrimStart('/')}"));
    }

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        switch (operation)
        {
            case "GetParameter":
                return new JsonObject { ["Parameter"] = Describe(Named(input.Required("Name"), context), context) };
            case "GetParameters":
                return GetParameters(input.Texts("Names"), context);
            case "GetParametersByPath":
                return GetParametersByPath(input, context);
            case "DescribeParameters":
                return DescribeParameters(input, context);
            case "GetParameterHistory":
                return GetParameterHistory(input, context);
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

    /// <summary>
    /// Finds a parameter by its name, <c>name:version</c>, or ARN (with or without version).
    /// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
    /// </summary>
    /// <exception cref="AwsException">ParameterNotFound; ParameterVersionNotFound.</exception>
    private (Parameter Parameter, string? Selector) Named(string reference, CallContext context)
    {
        if (reference.Length > MaxReference)
        {
            throw new AwsException(
                "ValidationException",
                $"1 validation error detected: Value '{reference}' at 'name' failed to satisfy constraint: Member must have length less than or equal to {MaxReference}");
        }

        var (name, selector) = (reference, (string?)null);
        if (Arn.Is(reference))
        {
            // arn:aws:ssm:us-east-1:123456789012:parameter/a/b:3. The ARN does not show whether the name begins with a slash.
            if (Arn.TryParse(reference) is not { Service: "ssm" } arn
                || arn.Region != context.Region || arn.Account != context.AccountId
                || !arn.Resource.StartsWith("parameter/", StringComparison.Ordinal)
                || arn.Resource.Split(':') is not { Length: 1 or 2 } parts)
            {
                throw NotFound(reference);
            }

            var path = parts[0]["parameter".Length..];
            name = Find(context.Region, path) is null ? path[1..] : path;
            selector = parts.Length == 2 ? parts[1] : null;
        }
        else if (reference.Split(':') is [var plain, var chosen])
        {
            (name, selector) = (plain, chosen);
        }

        var parameter = Find(context.Region, name) ?? throw NotFound(reference);
        if (selector is null)
        {
            return (parameter, null);
        }

        if (!selector.All(char.IsAsciiDigit))
        {
            throw new AwsException("ParameterVersionNotFound", $"The embedded cloud keeps no labels of parameters, so {name} has no label {selector}.");
        }

        return (Version(parameter, selector) ?? throw new AwsException(
            "ParameterVersionNotFound", $"Systems Manager could not find version {selector} of {name}. Verify the version and try again."), ":" + selector);
    }

    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
    private JsonObject GetParameterHistory(JsonObject input, CallContext context)
    {
        var name = input.Required("Name");
        var size = Size(input, 50);
        var newest = Named(name, context).Parameter;
        var (page, next) = Paging.Take([.. Earlier(newest), newest], size, input.Text("NextToken"));
        return Paging.With(new JsonObject
        {
            ["Parameters"] = new JsonArray([.. page.Select(version =>
            {
                var described = Metadata(version, context);
                described.Remove("ARN");
                described["Value"] = version.Value;
                described["Labels"] = new JsonArray();
                return described;
            })]),
        }, next);
    }

    private JsonObject GetParameters(IReadOnlyList<string> names, CallContext context)
    {
        var found = new JsonArray();
        var invalid = new List<string>();
        foreach (var name in names)
        {
            try
            {
                found.Add(Describe(Named(name, context), context));
            }
            catch (AwsException)
            {
                invalid.Add(name);
            }
        }

        return new JsonObject { ["Parameters"] = found, ["InvalidParameters"] = JsonMembers.ToList(invalid) };
    }

    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
    private JsonObject GetParametersByPath(JsonObject input, CallContext context)
    {
        var path = input.Required("Path");
        if (path[0] != '/')
        {
            throw new AwsException("ValidationException", "The parameter path must begin with a slash.");
        }

        var below = path.TrimEnd('/') + "/";
        var recursive = input.Flag("Recursive") ?? false;
        var all = Filtered(input, context).Where(each =>
            each.Name.StartsWith(below, StringComparison.Ordinal) && (recursive || each.Name.IndexOf('/', below.Length) < 0)).ToList();
        var (page, next) = Paging.Take(all, Size(input, 10), input.Text("NextToken"));
        return Paging.With(new JsonObject { ["Parameters"] = new JsonArray([.. page.Select(each => Describe((each, null), context))]) }, next);
    }

    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
    private JsonObject DescribeParameters(JsonObject input, CallContext context)
    {
        var (page, next) = Paging.Take(Filtered(input, context), Size(input, 50), input.Text("NextToken"));
        return Paging.With(new JsonObject { ["Parameters"] = new JsonArray([.. page.Select(each => Metadata(each, context))]) }, next);
    }

    private static int Size(JsonObject input, int most) => input.Whole("MaxResults") is not { } size ? most
        : size >= 1 && size <= most ? (int)size
        : throw new AwsException("ValidationException",
            $"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and {most}");

    // [{"Key":"Name","Option":"BeginsWith","Values":["/app"]}]
    private List<Parameter> Filtered(JsonObject input, CallContext context)
    {
        IEnumerable<Parameter> all = _parameters.Values.Where(each => each.Region == context.Region).OrderBy(each => each.Name, StringComparer.Ordinal);
        foreach (var filter in input.Objects("ParameterFilters").Concat(input.Objects("Filters")))
        {
            var values = filter.Texts("Values");
            Func<Parameter, string> of = filter.Required("Key") switch
            {
                "Name" => each => each.Name,
                "Type" => each => each.Type,
                var other => throw new AwsException("InvalidFilterKey", $"The embedded cloud does not filter parameters by '{other}'."),
            };
            Func<string, string, bool> matches = (filter.Text("Option") ?? "Equals") switch
            {
                "Equals" => (text, value) => text == value,
                "BeginsWith" => (text, value) => text.StartsWith(value, StringComparison.Ordinal),
                "Contains" => (text, value) => text.Contains(value, StringComparison.Ordinal),
                var other => throw new AwsException("InvalidFilterOption", $"The filter option {other} is not valid."),
            };
            all = all.Where(each => values.Any(value => matches(of(each), value)));
        }

        return [.. all];
    }

    private Parameter Read(JsonObject input, string region)
    {
        var name = input.Required("Name");
        var type = input.Text("Type") ?? Find(region, name)?.Type
            ?? throw new AwsException("ValidationException", "A parameter type is required when you create a parameter.");
        return new Parameter(region, name, type, input.Required("Value"), 0, default)
        {
            Description = input.Text("Description"),
            AllowedPattern = input.Text("AllowedPattern"),
            DataType = input.Text("DataType") ?? "text",
            Tier = input.Text("Tier") ?? "Standard",
        };
    }

    private static JsonObject Describe((Parameter Parameter, string? Selector) named, CallContext context)
    {
        var (parameter, selector) = named;
        var described = new JsonObject
        {
            ["Name"] = parameter.Name,
            ["Type"] = parameter.Type,
            ["Value"] = parameter.Value,
            ["Version"] = parameter.Version,
            ["LastModifiedDate"] = WireJson.Epoch(parameter.Modified),
            ["ARN"] = ArnOf(parameter, context),
            ["DataType"] = parameter.DataType,
        };
        if (selector is not null)
        {
            described["Selector"] = selector;
        }

        return described;
    }

    private static JsonObject Metadata(Parameter parameter, CallContext context)
    {
        var metadata = new JsonObject
        {
            ["Name"] = parameter.Name,
            ["ARN"] = ArnOf(parameter, context),
            ["Type"] = parameter.Type,
            ["LastModifiedDate"] = WireJson.Epoch(parameter.Modified),
            ["Version"] = parameter.Version,
            ["Tier"] = parameter.Tier,
            ["DataType"] = parameter.DataType,
        };
        if (parameter.Description is not null)
        {
            metadata["Description"] = parameter.Description;
        }

        if (parameter.AllowedPattern is not null)
        {
            metadata["AllowedPattern"] = parameter.AllowedPattern;
        }

        return metadata;
    }

    private static string ArnOf(Parameter parameter, CallContext context) => context.Arn("ssm", $"parameter/{parameter.Name.TrimStart('/')}");

    private static AwsException NotFound(string name) => new("ParameterNotFound", $"Parameter {name} not found.");
}
