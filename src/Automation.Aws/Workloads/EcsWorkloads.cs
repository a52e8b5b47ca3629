using System.Text.Json;
using Automation.Aws.Sdk.Json;
using Automation.Core.Catalog;
using Automation.Core.Workloads;

namespace Automation.Aws.Workloads;

/// <summary>
/// Amazon ECS: running and pending tasks; the task definitions of services and of their last deployments; the newest task definition of each
/// family, which RunTask and Step Functions start; and what rules and schedules start.
/// </summary>
/// <remarks>
/// <code>
/// DescribeTasks (100)              { "tasks": [ { "group": "service:web", "startedAt": 1767600000.0, "containers": [ { "image": "…:latest", "imageDigest": "sha256:…" } ] } ] }
/// DescribeServices (10)            { "services": [ { "serviceName": "web", "taskDefinition": "arn:…", "deployments": [ { "taskDefinition": "arn:…" } ], "taskSets": [ … ] } ] }
/// DescribeServiceRevisions (20)    { "serviceRevisions": [ { "serviceRevisionArn": "arn:…", "containerImages": [ { "image": "…", "imageDigest": "sha256:…" } ] } ] }
/// </code>
/// ListTasks with the desired status RUNNING also lists pending tasks: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html.
/// ECS keeps deployments since October 2024 and for 90 days: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html.
/// </remarks>
internal sealed class EcsWorkloads : IWorkloadReader
{
    private readonly TaskDefinitions _definitions = new();
    private readonly KnownImages _revisions = new();

    public UsageKind Kind => UsageKind.Ecs;

    public async Task ReadAsync(WorkloadAccess access, WorkloadSurvey survey, CancellationToken cancellationToken)
    {
        var clusters = new List<string>();
        await foreach (var page in access.PagesAsync(JsonApi.Ecs, "ListClusters", null, "nextToken", cancellationToken))
        {
            clusters.AddRange(page.Texts("clusterArns"));
        }

        foreach (var cluster in clusters)
        {
            await ReadTasksAsync(access, survey, cluster, cancellationToken);
            await ReadServicesAsync(access, survey, cluster, cancellationToken);
        }

        foreach (var definition in await NewestAsync(access, cancellationToken))
        {
            await AddAsync(access, survey, definition, $"task definition {Short(definition)}", cancellationToken);
        }

        await foreach (var (definition, name) in EcsStarters.ReadAsync(access, clusters, cancellationToken))
        {
            await AddAsync(access, survey, definition, name, cancellationToken);
        }
    }

    private async Task ReadTasksAsync(WorkloadAccess access, WorkloadSurvey survey, string cluster, CancellationToken cancellationToken)
    {
        await foreach (var page in access.PagesAsync(JsonApi.Ecs, "ListTasks", writer =>
        {
            writer.WriteString("cluster", cluster);
            writer.WriteString("desiredStatus", "RUNNING");
        }, "nextToken", cancellationToken))
        {
            if (page.Texts("taskArns") is not { Count: > 0 } tasks)
            {
                continue;
            }

            using var answer = await access.FindAsync(JsonApi.Ecs, new JsonCall("DescribeTasks")
            {
                Body = writer =>
                {
                    writer.WriteString("cluster", cluster);
                    JsonElements.WriteTexts(writer, "tasks", tasks);
                },
            }, cancellationToken);
            foreach (var task in answer?.Root.List("tasks") ?? [])
            {
                Add(access, survey, task, Short(cluster));
            }
        }
    }

    // "group": "service:web" for the tasks of a service, otherwise "family:app" or the group that the caller gave.
    private void Add(WorkloadAccess access, WorkloadSurvey survey, JsonElement task, string cluster)
    {
        var group = task.Text("group") ?? "";
        var name = group.StartsWith("service:", StringComparison.Ordinal)
            ? $"service {group["service:".Length..]}"
            : $"task {Short(task.Text("taskDefinitionArn") ?? "")}";
        var since = task.Instant("startedAt");
        foreach (var container in task.List("containers"))
        {
            // A container that is still waiting for its image gets the image that its tag names when it starts.
            var runs = container.Text("imageDigest") is not null || task.Text("lastStatus") is not ("PROVISIONING" or "PENDING");
            survey.Add(container.Text("image"), container.Text("imageDigest"),
                new Workload(Kind, access.Account, access.Region, $"{name} of cluster {cluster}", runs, since));
        }
    }

    private async Task ReadServicesAsync(WorkloadAccess access, WorkloadSurvey survey, string cluster, CancellationToken cancellationToken)
    {
        await foreach (var page in access.PagesAsync(JsonApi.Ecs, "ListServices", writer =>
        {
            writer.WriteString("cluster", cluster);
            writer.WriteNumber("maxResults", 100);
        }, "nextToken", cancellationToken))
        {
            foreach (var some in page.Texts("serviceArns").Chunk(10))
            {
                using var answer = await access.FindAsync(JsonApi.Ecs, new JsonCall("DescribeServices")
                {
                    Body = writer =>
                    {
                        writer.WriteString("cluster", cluster);
                        JsonElements.WriteTexts(writer, "services", some);
                    },
                }, cancellationToken);
                foreach (var service in answer?.Root.List("services") ?? [])
                {
                    var name = $"service {service.Text("serviceName")} of cluster {Short(cluster)}";
                    var definitions = service.List("deployments").Concat(service.List("taskSets")).Append(service)
                        .Select(each => each.Text("taskDefinition")).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
                    foreach (var definition in definitions)
                    {
                        await AddAsync(access, survey, definition, name, cancellationToken);
                    }
                }

                await ReadDeploymentsAsync(access, survey, cluster, some, cancellationToken);
            }
        }
    }

    private async Task ReadDeploymentsAsync(WorkloadAccess access, WorkloadSurvey survey, string cluster, string[] some, CancellationToken cancellationToken)
    {
        if (access.Spec.Deployments == 0)
        {
            return;
        }

        var services = (await Task.WhenAll(some.Select(service => LastRevisionsAsync(access, cluster, service, cancellationToken)))).SelectMany(each => each)
            .DistinctBy(revision => revision.Arn)
            .ToDictionary(revision => revision.Arn, revision => $"an earlier deployment of service {Short(revision.Service)} of cluster {Short(cluster)}",
                StringComparer.Ordinal);
        foreach (var asked in services.Keys.Where(arn => !_revisions.TryGet(arn, out _)).Chunk(20))
        {
            using var answer =
                await access.CallAsync(JsonApi.Ecs,
                    new JsonCall("DescribeServiceRevisions") { Body = writer => JsonElements.WriteTexts(writer, "serviceRevisionArns", asked) },
                    cancellationToken);
            foreach (var revision in answer.Root.List("serviceRevisions"))
            {
                // Until its first task has started, a revision lists no images, so its task definition counts.
                var arn = revision.Text("serviceRevisionArn")!;
                if (revision.List("containerImages").Select(image => new ContainerImage(image.Text("image"), image.Text("imageDigest")))
                    .ToList() is { Count: > 0 } images)
                {
                    _revisions.Add(arn, images);
                }
                else if (revision.Text("taskDefinition") is { } definition)
                {
                    await AddAsync(access, survey, definition, services[arn], cancellationToken);
                }
            }
        }

        foreach (var (arn, name) in services)
        {
            if (_revisions.TryGet(arn, out var images))
            {
                Add(access, survey, images, name);
            }
        }
    }

    // The newest first: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
    private static async Task<IReadOnlyList<(string Arn, string Service)>> LastRevisionsAsync(
        WorkloadAccess access, string cluster, string service, CancellationToken cancellationToken)
    {
        using var answer = await access.FindAsync(JsonApi.Ecs, new JsonCall("ListServiceDeployments")
        {
            Body = writer =>
            {
                writer.WriteString("cluster", cluster);
                writer.WriteString("service", service);
                writer.WriteNumber("maxResults", 100);
            },
        }, cancellationToken);
        return [.. (answer?.Root.List("serviceDeployments") ?? [])
            .OrderByDescending(deployment => deployment.Instant("createdAt")).Take(access.Spec.Deployments)
            .Select(deployment => deployment.Text("targetServiceRevisionArn")).OfType<string>().Select(arn => (arn, service))];
    }

    /// <summary>The newest active revision of each family. In descending order it comes first.</summary>
    private static async Task<IReadOnlyList<string>> NewestAsync(WorkloadAccess access, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var page in access.PagesAsync(JsonApi.Ecs, "ListTaskDefinitions", writer =>
        {
            writer.WriteString("status", "ACTIVE");
            writer.WriteString("sort", "DESC");
        }, "nextToken", cancellationToken))
        {
            foreach (var arn in page.Texts("taskDefinitionArns"))
            {
                newest.TryAdd(arn[..arn.LastIndexOf(':')], arn);
            }
        }

        return [.. newest.Values];
    }

    private async Task AddAsync(WorkloadAccess access, WorkloadSurvey survey, string definition, string name, CancellationToken cancellationToken) =>
        Add(access, survey, await _definitions.ImagesAsync(access, definition, cancellationToken), name);

    private void Add(WorkloadAccess access, WorkloadSurvey survey, IReadOnlyList<ContainerImage> images, string name)
    {
        foreach (var image in images)
        {
            survey.Add(image.Name, image.Digest, new Workload(Kind, access.Account, access.Region, name, Runs: false));
        }
    }

    // arn:aws:ecs:eu-west-1:123456789012:cluster/prod, …:service/prod/web, …:task-definition/app:3
    private static string Short(string arn) => arn[(arn.LastIndexOf('/') + 1)..];
}
