using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ssm;

/// <summary>
/// Parameter Store of AWS Systems Manager, without policies and encryption. Tools and templates read parameters before they
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

    private readonly ParameterTags _tags;
    private readonly ParameterFilters _filters;

    public SsmService(Engine engine)
        : base("ssm", "AmazonSSM", "1.1")
    {
        _engine = engine;
        _parameters = new Table<Parameter>("ssm.parameters", engine.Store, () => SsmJson.Default.Parameter);
        _earlier = new Table<Parameter>("ssm.earlier-versions", engine.Store, () => SsmJson.Default.Parameter);
        _tags = new ParameterTags(this);
        _filters = new ParameterFilters(Version);
        ResourceTypes = [new ParameterType(this)];
    }

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    /// <summary>The value of a parameter, or null.</summary>
    /// <param name="name">The name, the ARN, or <c>name:version</c>.</param>
    public string? Value(string region, string name) =>
        (Find(region, name) ?? (name.Split(':') is [var plain, var version] && Find(region, plain) is { } newest ? Version(newest, version) : null))?.Value;

    /// <summary>The version of a parameter, by its number or a label; null for one that does not exist, or is older than the hundred that are kept.</summary>
    private Parameter? Version(Parameter newest, string selector) =>
        selector == Number(newest.Version) ? newest
        : _earlier.Find($"{newest.Region}/{newest.Name}:{selector}") ?? Earlier(newest).Append(newest).FirstOrDefault(version => version.Labels.Contains(selector));

    /// <param name="name">The name or the ARN. In the ARN, the first slash of <c>/a/b</c> is the one after <c>parameter</c>.</param>
    internal Parameter? Find(string region, string name)
    {
        const string Marker = ":parameter/";
        if (Arn.Is(name) && name.IndexOf(Marker, StringComparison.Ordinal) is var at and > 0)
        {
            var path = name[(at + Marker.Length)..];
            return _parameters.Find($"{region}//{path}") ?? _parameters.Find($"{region}/{path}");
        }

        return _parameters.Find($"{region}/{name}") ?? PublicParameters.Find(region, name, _engine.Options.Start);
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

        if (parameter.DataType is not ("text" or "aws:ec2:image" or "aws:ssm:integration"))
        {
            throw new AwsException(
                "ValidationException", $"The following data type is not supported: {parameter.DataType} (Data type names are all lowercase.)");
        }

        ParameterNames.CheckReserved(parameter.Name);
        if (parameter.AllowedPattern is { } pattern && !Fits(parameter.Value, pattern))
        {
            throw new AwsException("ParameterPatternMismatchException", $"Parameter value, cannot be validated against allowedPattern: {pattern}");
        }

        var known = Find(parameter.Region, parameter.Name);
        if (known is not null && !overwrite)
        {
            throw new AwsException(
                "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.");
        }

        if (known is not null)
        {
            var oldest = known with { Version = known.Version + 1 - MaxVersions };
            if (_earlier.Find(Key(oldest)) is { Labels.Count: > 0 })
            {
                throw new AwsException(
                    "ParameterMaxVersionLimitExceeded",
                    $"You attempted to create a new version of {known.Name} by calling the PutParameter API with the overwrite flag. Version {oldest.Version}, "
                    + "the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, "
                    + "and try again.");
            }

            _earlier.Set(Key(known), known);
            _earlier.Remove(Key(oldest));
        }

        var saved = parameter with { Version = (known?.Version ?? 0) + 1, Modified = _engine.Clock.Now, Tags = known?.Tags ?? parameter.Tags };
        _parameters.Set($"{saved.Region}/{saved.Name}", saved);
        return saved;
    }

    /// <summary>Stores a version whose labels or tags have changed.</summary>
    internal void Save(Parameter version)
    {
        if (_parameters.Find($"{version.Region}/{version.Name}")?.Version == version.Version)
        {
            _parameters.Set($"{version.Region}/{version.Name}", version);
        }
        else
        {
            _earlier.Set(Key(version), version);
        }
    }

    // An expression that is not valid here fits nothing: AWS's own are Java's.
    private static bool Fits(string value, string pattern)
    {
        try
        {
            return Regex.IsMatch(value, $"^(?:{pattern})$", RegexOptions.None, TimeSpan.FromSeconds(1));
        }
        catch (Exception refused) when (refused is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
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
    internal List<Parameter> Earlier(Parameter newest) =>
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
            "GetParameter" or "GetParameterHistory" or "PutParameter" or "DeleteParameter" or "LabelParameterVersion" or "UnlabelParameterVersion" =>
                [Of(input.Text("Name") ?? "*")],
            "AddTagsToResource" or "RemoveTagsFromResource" or "ListTagsForResource" => [Of(input.Text("ResourceId") ?? "*")],
            "GetParameters" or "DeleteParameters" => [.. input.Texts("Names").Select(Of)],
            _ => null,
        };

        Need Of(string name) => new($"ssm:{operation}", Arn.Is(name) ? name : context.Arn("ssm", $"parameter/{name.TrimStart('/')}"));
    }

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        switch (operation)
        {
            case "GetParameter":
                return new JsonObject { ["Parameter"] = ParameterViews.Describe(Named(input.Required("Name"), context), context) };
            case "GetParameters":
                return GetParameters(input.Texts("Names"), context);
            case "GetParametersByPath":
                return GetParametersByPath(input, context);
            case "DescribeParameters":
                return DescribeParameters(input, context);
            case "GetParameterHistory":
                return GetParameterHistory(input, context);
            case "PutParameter":
                return PutParameter(input, context);
            case "DeleteParameter":
                var gone = input.Required("Name");
                return Remove(context.Region, gone) ? [] : throw NotFound(gone);
            case "DeleteParameters":
                var removed = input.Texts("Names").ToLookup(name => Remove(context.Region, name));
                return new JsonObject { ["DeletedParameters"] = JsonMembers.ToList(removed[true]), ["InvalidParameters"] = JsonMembers.ToList(removed[false]) };
            default:
                return _tags.Call(operation, context, input) ?? throw WireJson.UnknownOperation("ssm", operation);
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

        ParameterNames.Check(name);
        var parameter = Find(context.Region, name) ?? ByFlatName(context.Region, name) ?? throw NotFound(reference);
        if (selector is null)
        {
            return (parameter, null);
        }

        return (Version(parameter, selector) ?? throw new AwsException(
            "ParameterVersionNotFound", $"Systems Manager could not find version {selector} of {name}. Verify the version and try again."), ":" + selector);
    }

    /// <summary>A name without a path may be asked for with a slash in front. The service answers with the name that was asked for.</summary>
    private Parameter? ByFlatName(string region, string name) =>
        name.LastIndexOf('/') == 0 && Find(region, name[1..]) is { } flat ? flat with { Name = name } : null;

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
                var described = ParameterViews.Metadata(version, context);
                described.Remove("ARN");
                described["Value"] = version.Value;
                described["Labels"] = JsonMembers.ToList(version.Labels);
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
                found.Add((JsonNode)ParameterViews.Describe(Named(name, context), context));
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

        var recursive = input.Flag("Recursive") ?? false;
        var all = Filtered(input, context, byPath: true).Where(each => ParameterNames.IsBelow(each.Name, path, recursive)).ToList();
        var (page, next) = Paging.Take(all, Size(input, 10), input.Text("NextToken"));
        return Paging.With(new JsonObject { ["Parameters"] = new JsonArray([.. page.Select(each => ParameterViews.Describe((each, null), context))]) }, next);
    }

    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
    private JsonObject DescribeParameters(JsonObject input, CallContext context)
    {
        var (page, next) = Paging.Take(Filtered(input, context), Size(input, 50), input.Text("NextToken"));
        return Paging.With(new JsonObject { ["Parameters"] = new JsonArray([.. page.Select(each => ParameterViews.Metadata(each, context))]) }, next);
    }

    private static int Size(JsonObject input, int most) => input.Whole("MaxResults") is not { } size ? most
        : size >= 1 && size <= most ? (int)size
        : throw new AwsException("ValidationException",
            $"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and {most}");

    private IReadOnlyList<Parameter> Filtered(JsonObject input, CallContext context, bool byPath = false) => _filters.Apply(
        input, _parameters.Values.Where(each => each.Region == context.Region).OrderBy(each => each.Name, StringComparer.Ordinal), byPath);

    private JsonObject PutParameter(JsonObject input, CallContext context)
    {
        var (tags, overwrite) = (input.Tags("Tags"), input.Flag("Overwrite") ?? false);
        if (tags.Count > 0 && overwrite)
        {
            throw new AwsException(
                "ValidationException",
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for "
                + "an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.");
        }

        var read = Read(input, context.Region);
        ParameterNames.Check(read.Name);
        var put = Put(read with { Tags = tags }, overwrite);
        return new JsonObject { ["Version"] = put.Version, ["Tier"] = put.Tier };
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
            KeyId = type == "SecureString" ? input.Text("KeyId") ?? "alias/aws/ssm" : null,
            Tier = input.Text("Tier") ?? "Standard",
        };
    }

    internal static AwsException NotFound(string name) => new("ParameterNotFound", $"Parameter {name} not found.");
}
