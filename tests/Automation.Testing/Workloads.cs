using System.Text.Json.Nodes;

namespace Automation.Testing;

/// <summary>The workloads that people run from images of the account's registries, in one Region.</summary>
internal sealed class Workloads(TestCloud cloud, string? region = null)
{
    private const string Account = "123456789012";
    private readonly string _region = region ?? cloud.Region;
    private bool _hasCluster;

    public string Image(string name) => $"{Account}.dkr.ecr.{_region}.amazonaws.com/{name}";

    /// <returns>The ARN of the new revision.</returns>
    public async Task<string> RegisterAsync(string family, string image) => (await EcsAsync("RegisterTaskDefinition", new JsonObject
    {
        ["family"] = family,
        ["containerDefinitions"] = new JsonArray(new JsonObject { ["name"] = "sidecar", ["image"] = "public.ecr.aws/docker/library/busybox:1" },
            new JsonObject { ["name"] = "main", ["image"] = Image(image) }),
    }))["taskDefinition"]!["taskDefinitionArn"]!.ToString();

    /// <returns>The ARN of the task.</returns>
    public async Task<string> RunTaskAsync(string family, string image)
    {
        var definition = await RegisterAsync(family, image);
        return (await EcsAsync("RunTask", new JsonObject { ["cluster"] = "prod", ["taskDefinition"] = definition }))["tasks"]![0]!["taskArn"]!.ToString();
    }

    public Task StopTaskAsync(string task) => EcsAsync("StopTask", new JsonObject { ["cluster"] = "prod", ["task"] = task });

    /// <summary>Deregisters a task definition. The newest revision of a family also keeps its image, so scenarios about other workloads remove it.</summary>
    public Task ForgetAsync(string definition) => EcsAsync("DeregisterTaskDefinition", new JsonObject { ["taskDefinition"] = definition });

    public async Task CreateServiceAsync(string name, string image) =>
        await EcsAsync("CreateService",
            new JsonObject { ["cluster"] = "prod", ["serviceName"] = name, ["taskDefinition"] = await RegisterAsync(name, image), ["desiredCount"] = 2 });

    public async Task UpdateServiceAsync(string name, string image, int count = 2) =>
        await EcsAsync("UpdateService",
            new JsonObject { ["cluster"] = "prod", ["service"] = name, ["taskDefinition"] = await RegisterAsync(name, image), ["desiredCount"] = count });

    public async Task CreateRuleAsync(string name, string definition)
    {
        await cloud.CallAsync("events", "AWSEvents.PutRule", new JsonObject { ["Name"] = name, ["ScheduleExpression"] = "rate(30 days)" }, _region);
        await cloud.CallAsync("events", "AWSEvents.PutTargets", new JsonObject
        {
            ["Rule"] = name,
            ["Targets"] = new JsonArray(
                new JsonObject
                {
                    ["Id"] = "1",
                    ["Arn"] = await ClusterAsync(),
                    ["RoleArn"] = Role,
                    ["EcsParameters"] = new JsonObject { ["TaskDefinitionArn"] = definition }
                }),
        }, _region);
    }

    public async Task CreateScheduleAsync(string name, string definition) => await cloud.PostAsync("scheduler", $"/schedules/{name}", new JsonObject
    {
        ["ScheduleExpression"] = "rate(30 days)",
        ["FlexibleTimeWindow"] = new JsonObject { ["Mode"] = "OFF" },
        ["Target"] = new JsonObject
        {
            ["Arn"] = await ClusterAsync(),
            ["RoleArn"] = Role,
            ["EcsParameters"] = new JsonObject { ["TaskDefinitionArn"] = definition }
        },
    }, _region);

    public Task CreateFunctionAsync(string name, string image) => cloud.PostAsync("lambda", "/2015-03-31/functions", new JsonObject
    {
        ["FunctionName"] = name,
        ["PackageType"] = "Image",
        [nameof(Role)] = Role,
        ["Code"] = new JsonObject { ["ImageUri"] = Image(image) },
    }, _region);

    public Task UpdateCodeAsync(string name, string image) =>
        cloud.PutAsync("lambda", $"/2015-03-31/functions/{name}/code", new JsonObject { ["ImageUri"] = Image(image) }, _region);

    public Task PublishVersionAsync(string name) => cloud.PostAsync("lambda", $"/2015-03-31/functions/{name}/versions", [], _region);

    public Task RegisterJobDefinitionAsync(string name, string image) => cloud.PostAsync("batch", "/v1/registerjobdefinition", new JsonObject
    {
        ["jobDefinitionName"] = name,
        ["type"] = "container",
        ["containerProperties"] = new JsonObject { ["image"] = Image(image) },
    }, _region);

    public Task DeregisterJobDefinitionAsync(string nameAndRevision) =>
        cloud.PostAsync("batch", "/v1/deregisterjobdefinition", new JsonObject { ["jobDefinition"] = nameAndRevision }, _region);

    public Task CreateModelAsync(string name, string image) => cloud.CallAsync("sagemaker", "SageMaker.CreateModel", new JsonObject
    {
        ["ModelName"] = name,
        ["PrimaryContainer"] = new JsonObject { [nameof(Image)] = Image(image) },
        ["ExecutionRoleArn"] = Role,
    }, _region);

    public Task CreateProjectAsync(string name, string image) => cloud.CallAsync("codebuild", "CodeBuild_20161006.CreateProject", new JsonObject
    {
        ["name"] = name,
        ["source"] = new JsonObject { ["type"] = "NO_SOURCE", ["buildspec"] = "version: 0.2" },
        ["artifacts"] = new JsonObject { ["type"] = "NO_ARTIFACTS" },
        ["environment"] = new JsonObject { ["type"] = "LINUX_CONTAINER", ["computeType"] = "BUILD_GENERAL1_SMALL", ["image"] = Image(image) },
        ["serviceRole"] = Role,
    }, _region);

    public Task CreateRunnerAsync(string name, string image) => cloud.CallAsync("apprunner", "AppRunner.CreateService", new JsonObject
    {
        ["ServiceName"] = name,
        ["SourceConfiguration"] = new JsonObject
        {
            ["ImageRepository"] = new JsonObject { ["ImageIdentifier"] = Image(image), ["ImageRepositoryType"] = "ECR" },
        },
    }, _region);

    /// <summary>One workload of each service that does not run by default in a catalog's <c>usage</c>.</summary>
    public async Task CreateOneOfEachListedAsync(string image)
    {
        await RegisterJobDefinitionAsync("theirs", image);
        await CreateModelAsync("theirs", image);
        await CreateProjectAsync("theirs", image);
        await CreateRunnerAsync("theirs", image);
    }

    /// <summary>Everything that Prune looks for by default, made from one image.</summary>
    public async Task StartOneOfEachAsync(string image)
    {
        await ClusterAsync();
        await RunTaskAsync("batch", image);
        await CreateServiceAsync("web", image);
        await CreateRuleAsync("starts-batch", await RegisterAsync("by-rule", image));
        await CreateScheduleAsync("starts-batch", await RegisterAsync("by-schedule", image));
        await CreateFunctionAsync("theirs", image);
        await PublishVersionAsync("theirs");
    }

    private static string Role => $"arn:aws:iam::{Account}:role/theirs";

    private async Task<string> ClusterAsync()
    {
        if (!_hasCluster)
        {
            _hasCluster = true;
            await cloud.CallAsync("ecs", "AmazonEC2ContainerServiceV20141113.CreateCluster", new JsonObject { ["clusterName"] = "prod" }, _region);
        }

        return $"arn:aws:ecs:{_region}:{Account}:cluster/prod";
    }

    private async Task<JsonObject> EcsAsync(string operation, JsonObject input)
    {
        await ClusterAsync();
        return await cloud.CallAsync("ecs", $"AmazonEC2ContainerServiceV20141113.{operation}", input, _region);
    }
}
