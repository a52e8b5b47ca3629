using System.Globalization;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecs;

/// <summary>Clusters, task definitions, services and tasks. Nothing runs: a task only lists its images until it is stopped.</summary>
internal sealed class EcsState(Engine engine)
{
    private readonly Table<Cluster> _clusters = new("ecs.clusters", engine.Store, () => EcsJson.Default.Cluster);
    private readonly Table<TaskDefinition> _definitions = new("ecs.definitions", engine.Store, () => EcsJson.Default.TaskDefinition);
    private readonly Table<Service> _services = new("ecs.services", engine.Store, () => EcsJson.Default.Service);
    private readonly Table<EcsTask> _tasks = new("ecs.tasks", engine.Store, () => EcsJson.Default.EcsTask);

    public IReadOnlyList<Cluster> Clusters(CallContext context) =>
        Sorted(_clusters.Values.Where(each => each.Account == context.AccountId && each.Region == context.Region), each => each.Name);

    public IReadOnlyList<TaskDefinition> Definitions(CallContext context) => [.. _definitions.Values
        .Where(each => each.Account == context.AccountId && each.Region == context.Region).OrderBy(each => each.Family, StringComparer.Ordinal)
        .ThenBy(each => each.Revision)];

    public IReadOnlyList<Service> Services(CallContext context, string cluster) => Sorted(
        _services.Values.Where(each => each.Account == context.AccountId && each.Region == context.Region && each.Cluster == cluster), each => each.Name);

    public IReadOnlyList<EcsTask> Tasks(CallContext context, string cluster) => Sorted(
        _tasks.Values.Where(each => each.Account == context.AccountId && each.Region == context.Region && each.Cluster == cluster), each => each.Id);

    public Cluster CreateCluster(CallContext context, string name)
    {
        var cluster = new Cluster(context.AccountId, context.Region, name);
        _clusters.Set(Key(context, name), cluster);
        return cluster;
    }

    /// <param name="nameOrArn">Null means <c>default</c>.</param>
    /// <exception cref="AwsException">ClusterNotFoundException.</exception>
    public string Cluster(CallContext context, string? nameOrArn) => Short(nameOrArn ?? "default") is var name && _clusters.Find(Key(context, name)) is not null
        ? name
        : throw new AwsException("ClusterNotFoundException", "Cluster not found.");

    public TaskDefinition Register(CallContext context, string family, IReadOnlyList<ContainerDefinition> containers)
    {
        var revision = Definitions(context).LastOrDefault(each => each.Family == family)?.Revision + 1 ?? 1;
        var definition = new TaskDefinition(context.AccountId, context.Region, family, revision, true, containers, engine.Clock.Now);
        _definitions.Set(definition.Arn, definition);
        return definition;
    }

    /// <param name="named">An ARN, <c>family:revision</c>, or a family for its newest active revision.</param>
    /// <exception cref="AwsException">ClientException.</exception>
    public TaskDefinition Definition(CallContext context, string named)
    {
        var name = Short(named);
        return (name.Split(':') is [var family, var revision]
                ? Definitions(context).FirstOrDefault(each => each.Family == family && each.Revision.ToString(CultureInfo.InvariantCulture) == revision)
                : Definitions(context).LastOrDefault(each => each.Family == name && each.Active))
            ?? throw new AwsException("ClientException", "Unable to describe task definition.");
    }

    public TaskDefinition Deregister(TaskDefinition definition)
    {
        var inactive = definition with { Active = false };
        _definitions.Set(definition.Arn, inactive);
        return inactive;
    }

    public EcsTask StartTask(CallContext context, string cluster, TaskDefinition definition, string? group)
    {
        var task = new EcsTask(
            context.AccountId, context.Region, cluster, engine.Ids.Next().ToString("N"), definition.Arn, group ?? $"family:{definition.Family}",
            Resolve(definition), engine.Clock.Now, "RUNNING", "RUNNING");
        _tasks.Set(task.Arn, task);
        return task;
    }

    /// <exception cref="AwsException">InvalidParameterException.</exception>
    public EcsTask StopTask(CallContext context, string cluster, string idOrArn)
    {
        var task = Tasks(context, cluster).FirstOrDefault(each => each.Id == Short(idOrArn))
            ?? throw new AwsException("InvalidParameterException", "The referenced task was not found.");
        var stopped = task with { LastStatus = "STOPPED", DesiredStatus = "STOPPED" };
        _tasks.Set(task.Arn, stopped);
        return stopped;
    }

    /// <exception cref="AwsException">ServiceNotFoundException.</exception>
    public Service Service(CallContext context, string cluster, string nameOrArn) =>
        Services(context, cluster).FirstOrDefault(each => each.Name == Short(nameOrArn))
            ?? throw new AwsException("ServiceNotFoundException", "Service not found.");

    public Service CreateService(CallContext context, string cluster, string name, TaskDefinition definition, int count)
    {
        if (Services(context, cluster).Any(each => each.Name == name))
        {
            throw new AwsException("InvalidParameterException", "Creation of service was not idempotent.");
        }

        return Deploy(context, new Service(context.AccountId, context.Region, cluster, name, count, [], engine.Clock.Now), definition, count);
    }

    /// <summary>Starts a deployment: the tasks of the previous one end, and new tasks start from the images that their tags name now.</summary>
    public Service Deploy(CallContext context, Service service, TaskDefinition definition, int count)
    {
        StopTasks(context, service);
        var containers = Resolve(definition);
        var deployed = service with
        {
            DesiredCount = count,
            Deployments = [.. service.Deployments, new Deployment(engine.Ids.Next().ToString("N")[..17], definition.Arn, containers, engine.Clock.Now)]
        };
        _services.Set(deployed.Arn, deployed);
        for (var i = 0; i < count; i++)
        {
            StartTask(context, service.Cluster, definition, $"service:{service.Name}");
        }

        return deployed;
    }

    public void DeleteService(CallContext context, Service service)
    {
        StopTasks(context, service);
        _services.Remove(service.Arn);
    }

    public static string Short(string nameOrArn) => nameOrArn[(nameOrArn.LastIndexOf('/') + 1)..];

    private void StopTasks(CallContext context, Service service)
    {
        foreach (var task in Tasks(context, service.Cluster).Where(each => each.Group == $"service:{service.Name}" && each.DesiredStatus == "RUNNING"))
        {
            StopTask(context, service.Cluster, task.Id);
        }
    }

    private List<Container> Resolve(TaskDefinition definition) =>
        [.. definition.Containers.Select(container => new Container(container.Name, container.Image, engine.Registry.DigestOf(container.Image)))];

    private static string Key(CallContext context, string name) => $"{context.AccountId}/{context.Region}/{name}";

    private static List<T> Sorted<T>(IEnumerable<T> all, Func<T, string> key) => [.. all.OrderBy(key, StringComparer.Ordinal)];
}
