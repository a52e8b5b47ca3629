using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecs;

/// <summary>
/// The part of Amazon ECS that shows which images run: clusters, task definitions, services with their deployments, tasks.
/// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/
/// </summary>
public sealed class EcsService(Engine engine) : JsonRpcService("ecs", "AmazonEC2ContainerServiceV20141113", "1.1"), IContainerTasks
{
    private readonly EcsState _state = new(engine);

    void IContainerTasks.Start(string clusterArn, string taskDefinition)
    {
        var context = new CallContext(clusterArn.Split(':')[3], clusterArn.Split(':')[4], "");
        _state.StartTask(context, _state.Cluster(context, clusterArn), _state.Definition(context, taskDefinition), null);
    }

    IReadOnlyList<ClusterImage> IContainerTasks.Images(string region)
    {
        var context = new CallContext(region, engine.Options.AccountId, "");
        return [
            .. _state.Clusters(context)
                .SelectMany(cluster => _state.Tasks(context, cluster.Name), (cluster, task) => (Arn: context.Arn("ecs", $"cluster/{cluster.Name}"), task))
                .SelectMany(
                    each => each.task.Containers.Where(container => container.Digest is not null),
                    (each, container) => (each.Arn, each.task, container.Digest, Repository: ImageName.Parse(container.Image)!.Repository))
                .GroupBy(each => (each.Arn, each.Digest, each.Repository, each.task.Group, each.task.TaskDefinition))
                .Select(group => new ClusterImage(
                    group.Key.Arn, group.Key.Digest!, group.Key.Repository, group.Key.Group, group.Key.TaskDefinition,
                    group.Count(each => each.task.LastStatus == "RUNNING"), group.Count(each => each.task.LastStatus != "RUNNING"),
                    group.Max(each => each.task.CreatedAt)))
        ];
    }

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_ecs.html. Only administrators may change resources here.</summary>
    protected override IReadOnlyList<Need>? Needs(string operation, CallContext context, JsonObject input)
    {
        var cluster = EcsState.Short(input.Text("cluster") ?? "default");
        return operation switch
        {
            "ListClusters" or "ListTaskDefinitions" or "DescribeTaskDefinition" or "ListServices" => [new Need($"ecs:{operation}", "*")],
            "ListTasks" => [new Need("ecs:ListTasks", context.Arn("ecs", $"container-instance/{cluster}/*"))],
            "DescribeTasks" => [
                .. input.Texts("tasks").Select(task => new Need("ecs:DescribeTasks", context.Arn("ecs", $"task/{cluster}/{EcsState.Short(task)}")))
            ],
            "DescribeServices" => [
                .. input.Texts("services")
                    .Select(service => new Need("ecs:DescribeServices", context.Arn("ecs", $"service/{cluster}/{EcsState.Short(service)}")))
            ],
            "ListServiceDeployments" => [
                new Need("ecs:ListServiceDeployments", context.Arn("ecs", $"service/{cluster}/{EcsState.Short(input.Text("service") ?? "*")}"))
            ],
            "DescribeServiceRevisions" => [.. input.Texts("serviceRevisionArns")
                .SelectMany(revision =>
                    new[] { revision, revision.Replace(":service-revision/", ":service/", StringComparison.Ordinal) is var service
                        ? service[..service.LastIndexOf('/')]
                        : "" })
                .Select(resource => new Need("ecs:DescribeServiceRevisions", resource))],
            _ => null,
        };
    }

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        switch (operation)
        {
            case "CreateCluster":
                return new JsonObject { ["cluster"] = Describe(_state.CreateCluster(context, input.Text("clusterName") ?? "default"), context) };
            case "ListClusters":
                return Page(input, "clusterArns", _state.Clusters(context), cluster => ArnOf(cluster, context), 100);
            case "RegisterTaskDefinition":
                return Register(context, input);
            case "DeregisterTaskDefinition":
                return new JsonObject { ["taskDefinition"] = Describe(_state.Deregister(_state.Definition(context, input.Required("taskDefinition")))) };
            case "DescribeTaskDefinition":
                return new JsonObject { ["taskDefinition"] = Describe(_state.Definition(context, input.Required("taskDefinition"))) };
            case "ListTaskDefinitions":
                return ListTaskDefinitions(context, input);
            case "ListTaskDefinitionFamilies":
                return Page(input, "families",
                    [.. _state.Definitions(context).Where(each => each.Active).Select(each => each.Family).Distinct(StringComparer.Ordinal)],
                    family => family, 100);
        }

        var cluster = operation == "DescribeServiceRevisions" ? "" : _state.Cluster(context, input.Text("cluster"));
        switch (operation)
        {
            case "RunTask":
                return RunTask(context, cluster, input);
            case "StopTask":
                return new JsonObject { ["task"] = Describe(_state.StopTask(context, cluster, input.Required("task")), context) };
            case "ListTasks":
                return ListTasks(context, cluster, input);
            case "DescribeTasks":
                return DescribeTasks(context, cluster, input);
            case "CreateService":
                return CreateService(context, cluster, input);
            case "UpdateService":
                return UpdateService(context, cluster, input);
            case "DeleteService":
                var gone = _state.Service(context, cluster, input.Required("service"));
                _state.DeleteService(context, gone);
                return new JsonObject { ["service"] = Describe(gone, context, "INACTIVE") };
            case "ListServices":
                return Page(input, "serviceArns", _state.Services(context, cluster), service => service.Arn, 10);
            case "DescribeServices":
                return DescribeServices(context, cluster, input);
            case "ListServiceDeployments":
                return ListServiceDeployments(context, cluster, input);
            case "DescribeServiceRevisions":
                return DescribeServiceRevisions(context, input);
            default:
                throw WireJson.UnknownOperation("ecs", operation);
        }
    }

    private JsonObject Register(CallContext context, JsonObject input)
    {
        ContainerDefinition[] containers = [
            .. input.Objects("containerDefinitions")
                .Select(container => new ContainerDefinition(container.Text("name") ?? "main", container.Text("image") ?? ""))
        ];
        if (containers.Length == 0 || containers.Any(container => container.Image.Length == 0))
        {
            throw new AwsException("ClientException", "Container.image should not be null or empty.");
        }

        return new JsonObject { ["taskDefinition"] = Describe(_state.Register(context, input.Required("family"), containers)) };
    }

    private JsonObject ListTaskDefinitions(CallContext context, JsonObject input)
    {
        var active = (input.Text("status") ?? "ACTIVE") == "ACTIVE";
        var definitions = _state.Definitions(context)
            .Where(each => each.Active == active && (input.Text("familyPrefix") is not { } family || each.Family == family));
        return Page(input, "taskDefinitionArns", [.. input.Text("sort") == "DESC" ? definitions.Reverse() : definitions], definition => definition.Arn, 100);
    }

    private JsonObject RunTask(CallContext context, string cluster, JsonObject input)
    {
        var definition = _state.Definition(context, input.Required("taskDefinition"));
        var count = input.Whole("count") ?? 1;
        if (count is < 1 or > 10)
        {
            throw new AwsException("InvalidParameterException", "Count should be between 1 and 10.");
        }

        var tasks = new JsonArray();
        for (var i = 0; i < count; i++)
        {
            tasks.Add((JsonNode)Describe(_state.StartTask(context, cluster, definition, input.Text("group")), context));
        }

        return new JsonObject { ["tasks"] = tasks, ["failures"] = new JsonArray() };
    }

    private JsonObject ListTasks(CallContext context, string cluster, JsonObject input)
    {
        var status = input.Text("desiredStatus") ?? "RUNNING";
        var service = input.Text("serviceName") is { } name ? $"service:{name}" : null;
        return Page(input, "taskArns",
            [.. _state.Tasks(context, cluster).Where(task => task.DesiredStatus == status && (service is null || task.Group == service))],
            task => task.Arn, 100);
    }

    private JsonObject DescribeTasks(CallContext context, string cluster, JsonObject input)
    {
        var asked = Limited(input, "tasks", 100);
        var known = _state.Tasks(context, cluster).ToDictionary(task => task.Id, StringComparer.Ordinal);
        return Described("tasks", asked, id => known.TryGetValue(EcsState.Short(id), out var task) ? Describe(task, context) : null);
    }

    private JsonObject CreateService(CallContext context, string cluster, JsonObject input)
    {
        var definition = _state.Definition(context, input.Required("taskDefinition"));
        return new JsonObject
        {
            ["service"] =
                Describe(_state.CreateService(context, cluster, input.Required("serviceName"), definition, (int)(input.Whole("desiredCount") ?? 0)), context)
        };
    }

    private JsonObject UpdateService(CallContext context, string cluster, JsonObject input)
    {
        var service = _state.Service(context, cluster, input.Required("service"));
        var definition = _state.Definition(context, input.Text("taskDefinition") ?? service.TaskDefinition);
        return new JsonObject
        {
            ["service"] = Describe(_state.Deploy(context, service, definition, (int)(input.Whole("desiredCount") ?? service.DesiredCount)), context)
        };
    }

    private JsonObject DescribeServices(CallContext context, string cluster, JsonObject input)
    {
        var asked = Limited(input, "services", 10);
        var known = _state.Services(context, cluster).ToDictionary(service => service.Name, StringComparer.Ordinal);
        return Described("services", asked, name => known.TryGetValue(EcsState.Short(name), out var service) ? Describe(service, context) : null);
    }

    private JsonObject ListServiceDeployments(CallContext context, string cluster, JsonObject input)
    {
        var service = _state.Service(context, cluster, input.Required("service"));
        var (page, next) = Paging.Take([.. service.Deployments.Reverse()], Size(input, 20), input.Text("nextToken"));
        return Paging.With(new JsonObject
        {
            ["serviceDeployments"] = new JsonArray([.. page.Select(deployment => new JsonObject
            {
                ["serviceDeploymentArn"] = context.Arn("ecs", $"service-deployment/{cluster}/{service.Name}/{deployment.Id}"),
                ["serviceArn"] = service.Arn,
                ["clusterArn"] = context.Arn("ecs", $"cluster/{cluster}"),
                ["createdAt"] = WireJson.Epoch(deployment.CreatedAt),
                ["startedAt"] = WireJson.Epoch(deployment.CreatedAt),
                ["finishedAt"] = WireJson.Epoch(deployment.CreatedAt),
                ["targetServiceRevisionArn"] = RevisionArn(service, deployment),
                ["status"] = "SUCCESSFUL",
            })]),
        }, next, "nextToken");
    }

    private JsonObject DescribeServiceRevisions(CallContext context, JsonObject input)
    {
        var known = _state.Clusters(context).SelectMany(cluster => _state.Services(context, cluster.Name))
            .SelectMany(service => service.Deployments, (service, deployment) => (service, deployment))
            .ToDictionary(each => RevisionArn(each.service, each.deployment), StringComparer.Ordinal);
        return Described("serviceRevisions", Limited(input, "serviceRevisionArns", 20), arn => !known.TryGetValue(arn, out var found) ? null : new JsonObject
        {
            ["serviceRevisionArn"] = arn,
            ["serviceArn"] = found.service.Arn,
            ["clusterArn"] = context.Arn("ecs", $"cluster/{found.service.Cluster}"),
            ["taskDefinition"] = found.deployment.TaskDefinition,
            ["containerImages"] = new JsonArray([.. found.deployment.Containers.Select(container => Describe(container, "containerName"))]),
            ["createdAt"] = WireJson.Epoch(found.deployment.CreatedAt),
        });
    }

    private static string RevisionArn(Service service, Deployment deployment) =>
        $"arn:aws:ecs:{service.Region}:{service.Account}:service-revision/{service.Cluster}/{service.Name}/{deployment.Id}";

    private static JsonNode ArnOf(Cluster cluster, CallContext context) => context.Arn("ecs", $"cluster/{cluster.Name}");

    private static JsonObject Describe(Cluster cluster, CallContext context) =>
        new() { ["clusterArn"] = ArnOf(cluster, context), ["clusterName"] = cluster.Name, ["status"] = "ACTIVE" };

    private static JsonObject Describe(TaskDefinition definition) => new()
    {
        ["taskDefinitionArn"] = definition.Arn,
        ["family"] = definition.Family,
        ["revision"] = definition.Revision,
        ["status"] = definition.Active ? "ACTIVE" : "INACTIVE",
        ["registeredAt"] = WireJson.Epoch(definition.RegisteredAt),
        ["containerDefinitions"] = new JsonArray(
            [.. definition.Containers.Select(container => new JsonObject { ["name"] = container.Name, ["image"] = container.Image })]),
    };

    private static JsonObject Describe(EcsTask task, CallContext context) => new()
    {
        ["taskArn"] = task.Arn,
        ["clusterArn"] = context.Arn("ecs", $"cluster/{task.Cluster}"),
        ["taskDefinitionArn"] = task.TaskDefinition,
        ["group"] = task.Group,
        ["lastStatus"] = task.LastStatus,
        ["desiredStatus"] = task.DesiredStatus,
        ["createdAt"] = WireJson.Epoch(task.CreatedAt),
        ["startedAt"] = WireJson.Epoch(task.CreatedAt),
        ["containers"] = new JsonArray([.. task.Containers.Select(container => Describe(container, "name"))]),
    };

    private static JsonObject Describe(Container container, string name)
    {
        var json = new JsonObject { [name] = container.Name, ["image"] = container.Image };
        if (container.Digest is not null)
        {
            json["imageDigest"] = container.Digest;
        }

        return json;
    }

    private static JsonObject Describe(Service service, CallContext context, string status = "ACTIVE") => new()
    {
        ["serviceArn"] = service.Arn,
        ["serviceName"] = service.Name,
        ["clusterArn"] = context.Arn("ecs", $"cluster/{service.Cluster}"),
        ["status"] = status,
        ["desiredCount"] = service.DesiredCount,
        ["runningCount"] = service.DesiredCount,
        ["pendingCount"] = 0,
        ["taskDefinition"] = service.TaskDefinition,
        ["createdAt"] = WireJson.Epoch(service.CreatedAt),
        ["deployments"] = new JsonArray(new JsonObject
        {
            ["id"] = $"ecs-svc/{service.Deployments[^1].Id}",
            ["status"] = "PRIMARY",
            ["taskDefinition"] = service.TaskDefinition,
            ["createdAt"] = WireJson.Epoch(service.Deployments[^1].CreatedAt),
        }),
    };

    private static JsonObject Described(string member, IReadOnlyList<string> asked, Func<string, JsonObject?> describe)
    {
        var found = new JsonArray();
        var failures = new JsonArray();
        foreach (var arn in asked)
        {
            if (describe(arn) is { } described)
            {
                found.Add((JsonNode)described);
            }
            else
            {
                failures.Add((JsonNode)new JsonObject { ["arn"] = arn, ["reason"] = "MISSING" });
            }
        }

        return new JsonObject { [member] = found, ["failures"] = failures };
    }

    private static IReadOnlyList<string> Limited(JsonObject input, string member, int most) =>
        input.Texts(member) is { Count: > 0 } asked && asked.Count <= most
        ? asked
        : throw new AwsException("InvalidParameterException", $"{member} must have 1 to {most} entries.");

    private static JsonObject Page<T>(JsonObject input, string member, IReadOnlyList<T> all, Func<T, JsonNode> write, int size)
    {
        var (page, next) = Paging.Take(all, Size(input, size), input.Text("nextToken"));
        return Paging.With(new JsonObject { [member] = new JsonArray([.. page.Select(each => (JsonNode?)write(each))]) }, next, "nextToken");
    }

    private static int Size(JsonObject input, int usual) => input.Whole("maxResults") is not { } size ? usual
        : size is >= 1 and <= 100 ? (int)size
        : throw new AwsException("InvalidParameterException", "maxResults must be between 1 and 100.");
}
