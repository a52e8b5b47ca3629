using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CodeBuild;

/// <summary>The part of AWS CodeBuild that shows in which images projects build. Nothing builds here.
/// https://docs.aws.amazon.com/codebuild/latest/APIReference/</summary>
public sealed partial class CodeBuildService(Engine engine) : JsonRpcService("codebuild", "CodeBuild_20161006", "1.1")
{
    private const string InvalidCode = "InvalidInputException";
    private const int PageSize = 100;

    private readonly DescribedResources _projects = new("codebuild.projects", engine.Store);

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_codebuild.html. Only administrators may change resources
    /// here.</summary>
    protected override IReadOnlyList<Need>? Needs(string operation, CallContext context, JsonObject input) => operation switch
    {
        "ListProjects" => [new Need("codebuild:ListProjects", "*")],
        "BatchGetProjects" => [.. input.Texts("names").Select(name => new Need("codebuild:BatchGetProjects", ArnOf(context, name)))],
        _ => null,
    };

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        switch (operation)
        {
            case "CreateProject":
                return new JsonObject { ["project"] = Create(context, input) };
            case "ListProjects":
                return List(context, input);
            case "BatchGetProjects":
                return Get(context, input);
            case "DeleteProject":
                _projects.Remove(ArnOf(context, input.Required("name", InvalidCode)));
                return [];
            default:
                throw WireJson.UnknownOperation("codebuild", operation);
        }
    }

    private JsonObject Create(CallContext context, JsonObject input)
    {
        var name = input.Required("name", InvalidCode);
        if (!Name().IsMatch(name))
        {
            throw Invalid($"Invalid project name: {name}");
        }

        foreach (var (part, member) in new[] { ("source", "type"), ("artifacts", "type"), ("environment", "type"), ("environment", "image"), ("environment", "computeType") })
        {
            Part(input, part).Required(member, InvalidCode);
        }

        var arn = ArnOf(context, name);
        if (_projects.Find(arn) is not null)
        {
            throw new AwsException("ResourceAlreadyExistsException", $"Project already exists: {arn}");
        }

        var project = DescribedResources.Members(input, "description", "source", "secondarySources", "sourceVersion", "secondarySourceVersions", "artifacts",
            "secondaryArtifacts", "cache", "environment", "timeoutInMinutes", "queuedTimeoutInMinutes", "encryptionKey", "tags", "vpcConfig", "logsConfig",
            "fileSystemLocations", "buildBatchConfig", "concurrentBuildLimit", "autoRetryLimit");
        project["name"] = name;
        project["arn"] = arn;
        project["serviceRole"] = input.Required("serviceRole", InvalidCode);
        project["created"] = WireJson.Epoch(engine.Clock.Now);
        project["lastModified"] = WireJson.Epoch(engine.Clock.Now);
        return _projects.Put(arn, name, project);
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var names = _projects.In(context).Select(each => each.Name).Order(StringComparer.Ordinal).ToList();
        if (input.Text("sortOrder") == "DESCENDING")
        {
            names.Reverse();
        }

        var (page, next) = Paging.Take(names, PageSize, input.Text("nextToken"), InvalidCode);
        return Paging.With(new JsonObject { ["projects"] = JsonMembers.ToList(page) }, next, "nextToken");
    }

    private JsonObject Get(CallContext context, JsonObject input)
    {
        var names = input.Texts("names");
        if (names.Count is 0 or > PageSize)
        {
            throw Invalid($"names must have 1 to {PageSize} members");
        }

        var found = names.Select(name => (name, Project: _projects.Find(ArnOf(context, name)))).ToList();
        return new JsonObject
        {
            ["projects"] = new JsonArray([.. found.Where(each => each.Project is not null).Select(each => (JsonNode)DescribedResources.Copy(each.Project!.Description))]),
            ["projectsNotFound"] = JsonMembers.ToList(found.Where(each => each.Project is null).Select(each => each.name)),
        };
    }

    private static JsonObject Part(JsonObject input, string name) => input.Object(name) ?? throw Invalid($"{name} is required");

    // A project is named by its name or its ARN.
    private static string ArnOf(CallContext context, string name) =>
        name.StartsWith("arn:", StringComparison.Ordinal) ? name : context.Arn("codebuild", $"project/{name}");

    private static AwsException Invalid(string message) => new(InvalidCode, message);

    /// <summary>https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html</summary>
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
