using System.Text.Json;
using Automation.Aws.Sdk.Json;
using Automation.Core.Catalog;
using Automation.Core.Workloads;

namespace Automation.Aws.Workloads;

/// <summary>AWS Batch: active job definitions, of each kind that runs containers.</summary>
/// <remarks><code>
/// POST /v1/describejobdefinitions
/// { "jobDefinitions": [ { "jobDefinitionName": "job", "revision": 3, "containerProperties": { "image": "…" },
///     "nodeProperties": { "nodeRangeProperties": [ { "container": { "image": "…" } } ] },
///     "ecsProperties": { "taskProperties": [ { "containers": [ { "image": "…" } ] } ] },
///     "eksProperties": { "podProperties": { "containers": [ { "image": "…" } ], "initContainers": [ … ] } } } ] }
/// </code>
/// https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobDefinitions.html</remarks>
internal sealed class BatchWorkloads : IWorkloadReader
{
    public UsageKind Kind => UsageKind.Batch;

    public async Task ReadAsync(WorkloadAccess access, WorkloadSurvey survey, CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var from = next;
            using var page = await access.CallAsync(JsonApi.Batch, new JsonCall("DescribeJobDefinitions")
            {
                Path = "/v1/describejobdefinitions",
                Body = writer =>
                {
                    writer.WriteString("status", "ACTIVE");
                    writer.WriteNumber("maxResults", 100);
                    if (from is not null)
                    {
                        writer.WriteString("nextToken", from);
                    }
                },
            }, cancellationToken);
            foreach (var definition in page.Root.List("jobDefinitions"))
            {
                var revision = definition.Member("revision") is { ValueKind: JsonValueKind.Number } number ? $":{number.GetInt64()}" : "";
                var workload = new Workload(
                    Kind, access.Account, access.Region, $"job definition {definition.Text("jobDefinitionName")}{revision}", Runs: false);
                foreach (var image in Images(definition))
                {
                    survey.Add(image, null, workload);
                }
            }

            next = page.Root.Text("nextToken");
        }
        while (next is { Length: > 0 });
    }

    private static IEnumerable<string?> Images(JsonElement definition)
    {
        var nodes = definition.Member("nodeProperties").List("nodeRangeProperties").ToList();
        var tasks = nodes.Append(definition).SelectMany(each => each.Member("ecsProperties").List("taskProperties"));
        var pods = nodes.Append(definition).Select(each => each.Member("eksProperties").Member("podProperties"));
        return [
            definition.Member("containerProperties").Text("image"),
            .. nodes.Select(node => node.Member("container").Text("image")),
            .. tasks.SelectMany(task => task.List("containers")).Select(container => container.Text("image")),
            .. pods.SelectMany(pod => pod.List("containers").Concat(pod.List("initContainers"))).Select(container => container.Text("image")),
        ];
    }
}

/// <summary>SageMaker AI: models. One call for each.</summary>
/// <remarks><code>
/// ListModels      { "Models": [ { "ModelName": "ranker" } ] }
/// DescribeModel   { "ModelName": "ranker", "PrimaryContainer": { "Image": "…" }, "Containers": [ { "Image": "…" } ] }
/// </code>
/// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html</remarks>
internal sealed class SageMakerWorkloads : IWorkloadReader
{
    public UsageKind Kind => UsageKind.SageMaker;

    public async Task ReadAsync(WorkloadAccess access, WorkloadSurvey survey, CancellationToken cancellationToken)
    {
        await foreach (var page in access.PagesAsync(
            JsonApi.SageMaker, "ListModels", writer => writer.WriteNumber("MaxResults", 100), "NextToken", cancellationToken))
        {
            foreach (var name in page.List("Models").Select(model => model.Text("ModelName")).OfType<string>().ToList())
            {
                // SageMaker returns ValidationException for a deleted model, and for many other errors.
                using var answer =
                    await access.CallAsync(JsonApi.SageMaker, new JsonCall("DescribeModel") { Body = writer => writer.WriteString("ModelName", name) },
                        cancellationToken);
                foreach (var container in answer.Root.List("Containers").Append(answer.Root.Member("PrimaryContainer")))
                {
                    survey.Add(container.Text("Image"), null,
                        new Workload(Kind, access.Account, access.Region, $"model {name}", Runs: false, answer.Root.Instant("CreationTime")));
                }
            }
        }
    }
}

/// <summary>CodeBuild: the image of each project's environment.</summary>
/// <remarks><code>
/// ListProjects             { "projects": [ "build-app" ] }
/// BatchGetProjects (100)   { "projects": [ { "name": "build-app", "environment": { "image": "…" } } ] }
/// </code>
/// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html</remarks>
internal sealed class CodeBuildWorkloads : IWorkloadReader
{
    public UsageKind Kind => UsageKind.CodeBuild;

    public async Task ReadAsync(WorkloadAccess access, WorkloadSurvey survey, CancellationToken cancellationToken)
    {
        await foreach (var page in access.PagesAsync(JsonApi.CodeBuild, "ListProjects", null, "nextToken", cancellationToken))
        {
            foreach (var some in page.Texts("projects").Chunk(100))
            {
                using var answer = await access.CallAsync(
                    JsonApi.CodeBuild, new JsonCall("BatchGetProjects") { Body = writer => JsonElements.WriteTexts(writer, "names", some) }, cancellationToken);
                foreach (var project in answer.Root.List("projects"))
                {
                    survey.Add(project.Member("environment").Text("image"), null,
                        new Workload(Kind, access.Account, access.Region, $"CodeBuild project {project.Text("name")}", Runs: false));
                }
            }
        }
    }
}

/// <summary>App Runner: services whose source is an image. One call for each.</summary>
/// <remarks><code>
/// ListServices      { "ServiceSummaryList": [ { "ServiceArn": "arn:…", "ServiceName": "web" } ] }
/// DescribeService   { "Service": { "SourceConfiguration": { "ImageRepository": { "ImageIdentifier": "…:latest" } } } }
/// </code>
/// It does not report which image a tag named when the service was deployed.
/// https://docs.aws.amazon.com/apprunner/latest/api/API_DescribeService.html</remarks>
internal sealed class AppRunnerWorkloads : IWorkloadReader
{
    public UsageKind Kind => UsageKind.AppRunner;

    public async Task ReadAsync(WorkloadAccess access, WorkloadSurvey survey, CancellationToken cancellationToken)
    {
        await foreach (var page in access.PagesAsync(
            JsonApi.AppRunner, "ListServices", writer => writer.WriteNumber("MaxResults", 20), "NextToken", cancellationToken))
        {
            foreach (var arn in page.List("ServiceSummaryList").Where(service => service.Text("Status") != "DELETED")
                .Select(service => service.Text("ServiceArn")).OfType<string>().ToList())
            {
                using var answer =
                    await access.FindAsync(JsonApi.AppRunner, new JsonCall("DescribeService") { Body = writer => writer.WriteString("ServiceArn", arn) },
                        cancellationToken);
                var service = answer?.Root.Member("Service") ?? default;
                survey.Add(
                    service.Member("SourceConfiguration").Member("ImageRepository").Text("ImageIdentifier"),
                    null,
                    new Workload(Kind, access.Account, access.Region, $"App Runner service {service.Text("ServiceName")}", Runs: true,
                        service.Instant("UpdatedAt")));
            }
        }
    }
}
