using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.ImageBuilder;
using ImageVersion = Automation.Core.Images.ImageVersion;

namespace Automation.Cli.Tests;

/// <summary>
/// An embedded cloud in this process with two pipelines and a small state machine that replaces the workflow. Commands run against
/// it. Time passes when a command waits or a test advances it.
/// </summary>
internal sealed class CommandFixture : IAsyncDisposable
{
    public const string AppPipeline = "arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/app";

    private static readonly BasicAWSCredentials Credentials = new("test", "test");

    private CommandFixture(CloudHost host)
    {
        Host = host;
        var endpoint = host.Endpoint.ToString();
        Ecr = new AmazonECRClient(Credentials, new AmazonECRConfig { ServiceURL = endpoint, AuthenticationRegion = "us-east-1" });
        ImageBuilder = new AmazonImagebuilderClient(Credentials, new AmazonImagebuilderConfig { ServiceURL = endpoint, AuthenticationRegion = "us-east-1" });
        StepFunctions = new AmazonStepFunctionsClient(Credentials, new AmazonStepFunctionsConfig { ServiceURL = endpoint, AuthenticationRegion = "us-east-1" });
    }

    public CloudHost Host { get; }

    public AmazonECRClient Ecr { get; }

    public AmazonImagebuilderClient ImageBuilder { get; }

    public AmazonStepFunctionsClient StepFunctions { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="stack">Null means an empty cloud.</param>
    public static async Task<CommandFixture> StartAsync(string? stack = "Automation")
    {
        return await DeployAsync(stack, await File.ReadAllTextAsync(PathOf("stack.json"), Token));
    }

    /// <param name="stack">Null means an empty cloud.</param>
    /// <param name="quotas">Null means AWS's own.</param>
    public static async Task<CommandFixture> DeployAsync(string? stack, string template, ImageBuilderQuotas? quotas = null)
    {
        var host = await CloudHost.StartAsync(new CloudHostOptions { Drive = false }, Token);
        if (quotas is not null)
        {
            host.Cloud.Run(() => host.Cloud.ImageBuilder.Quotas = quotas);
        }

        if (stack is not null)
        {
            host.Cloud.Run(() => host.Cloud.Stacks.Create(new StackSource(stack, template)));
        }

        return new CommandFixture(host);
    }

    /// <summary>The catalog file that commands read.</summary>
    public string Catalog { get; set; } = PathOf("catalog.json");

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Stack", name);

    /// <summary>Runs a command against this cloud.</summary>
    public Task<CommandRun> RunAsync(params string[] arguments) =>
        CommandRun.OfAsync(new DrivenTime(Host.Cloud), [.. arguments, "--endpoint", Host.Endpoint.ToString(), "--catalog", Catalog],
            AppContext.BaseDirectory, Token);

    public Task PushBaseAsync(string release, params (string Name, string Version)[] packages) =>
        BaseImage.PushAsync(Ecr, "golden/base", "stable", release, packages: packages);

    /// <summary>Builds the image app, as Image Builder does without the automation.</summary>
    /// <returns>The ARN of the build.</returns>
    public Task<string> BuildAsync(params (string Key, string Value)[] tags) => BuildAsync(AppPipeline, tags);

    /// <returns>The ARN of the build.</returns>
    public async Task<string> BuildAsync(string pipeline, params (string Key, string Value)[] tags)
    {
        var id = Host.Cloud.Run(() => Host.Cloud.Ids.Next()).ToString();
        var response = await ImageBuilder.StartImagePipelineExecutionAsync(
            new StartImagePipelineExecutionRequest
            {
                ImagePipelineArn = pipeline,
                ClientToken = id,
                Tags = tags.Length == 0 ? null : tags.ToDictionary(tag => tag.Key, tag => tag.Value),
            },
            Token);
        await Host.Cloud.RunUntilIdleAsync(cancellationToken: Token);
        return response.ImageBuildVersionArn;
    }

    /// <summary>Puts a tag on the image of a build of app.</summary>
    public Task PutTagAsync(string version, string tag) =>
        BaseImage.RetagAsync(Ecr, "images/app", new ImageIdentifier { ImageTag = ImageVersion.Parse(version).Tag }, tag);

    /// <summary>Marks a build as promoted.</summary>
    public async Task<string> PromotedAsync()
    {
        var arn = await BuildAsync();
        var version = ImageVersion.Parse(string.Join('/', arn.Split('/')[^2..]));
        var images = await Ecr.DescribeImagesAsync(
            new DescribeImagesRequest { RepositoryName = "images/app", ImageIds = [new ImageIdentifier { ImageTag = version.Tag }] }, Token);
        await TagAsync(arn, ("automation:release", "promoted"), ("automation:digest", images.ImageDetails[0].ImageDigest),
            ("automation:promoted-at", "2026-01-05T08:00:00Z"));
        return arn;
    }

    public Task TagAsync(string arn, params (string Key, string Value)[] tags) => ImageBuilder.TagResourceAsync(
        new Amazon.Imagebuilder.Model.TagResourceRequest { ResourceArn = arn, Tags = tags.ToDictionary(tag => tag.Key, tag => tag.Value) }, Token);

    /// <summary>Deploys another stack that has only the workflow, because the resources that it works on can exist only once.</summary>
    public async Task DeployWorkflowAsync(string stack)
    {
        var template = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(PathOf("stack.json"), Token))!;
        var resources = template["Resources"]!.AsObject();
        foreach (var name in resources.Select(resource => resource.Key).Where(name => name is not ("Alerts" or "WorkflowImageLifecycle")).ToList())
        {
            resources.Remove(name);
        }

        Host.Cloud.Run(() => Host.Cloud.Stacks.Create(new StackSource(stack, template.ToJsonString())));
    }

    /// <summary>Deploys a stack that has only the state machine for redriving dead letters; it has nothing to do here.</summary>
    public void DeployRedrive(string stack)
    {
        const string Template = """
            { "Resources": { "RedriveStateMachine": { "Type": "AWS::StepFunctions::StateMachine", "Properties": {
                "RoleArn": "arn:aws:iam::123456789012:role/redrive",
                "DefinitionString": "{\"StartAt\":\"None\",\"States\":{\"None\":{\"Type\":\"Succeed\"}}}" } } } }
            """;
        Host.Cloud.Run(() => Host.Cloud.Stacks.Create(new StackSource(stack, Template)));
    }

    public async Task<IReadOnlyList<string>> ExecutionsAsync(string stack = "Automation")
    {
        var arn = Host.Cloud.Run(
            () => Host.Cloud.Stacks.All.Single(each => each.Name == stack).Resources
                .Single(resource => resource is { Type: "AWS::StepFunctions::StateMachine", LogicalId: not "IncidentsStateMachine" }).PhysicalId);
        var response = await StepFunctions.ListExecutionsAsync(new ListExecutionsRequest { StateMachineArn = arn }, Token);
        return [.. (response.Executions ?? []).Select(execution => execution.Name)];
    }

    public async Task<JsonObject> InputAsync(string execution)
    {
        var arn = $"{(await StateMachineAsync()).Replace(":stateMachine:", ":execution:", StringComparison.Ordinal)}:{execution}";
        var response = await StepFunctions.DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = arn }, Token);
        return (JsonObject)JsonNode.Parse(response.Input)!;
    }

    /// <summary>Starts a release that waits for its approval.</summary>
    public async Task WaitForApprovalAsync(string execution, string version = "1.0.0/1")
    {
        var input = $$$"""{"action":"release","image":"app","version":"{{{version}}}","release":{"version":"{{{version}}}","approvalSeconds":86400}}""";
        await StepFunctions.StartExecutionAsync(
            new StartExecutionRequest { StateMachineArn = await StateMachineAsync(), Name = execution, Input = input }, Token);
        await Host.Cloud.RunUntilIdleAsync(cancellationToken: Token);
    }

    /// <summary>Opens an incident like the functions.</summary>
    public async Task OpenIncidentAsync(string name, string input)
    {
        var machines = await StepFunctions.ListStateMachinesAsync(new ListStateMachinesRequest(), Token);
        var arn = machines.StateMachines.Single(machine => machine.Name.Contains("IncidentsStateMachine", StringComparison.Ordinal)).StateMachineArn;
        await StepFunctions.StartExecutionAsync(new StartExecutionRequest { StateMachineArn = arn, Name = name, Input = input }, Token);
        await Host.Cloud.RunUntilIdleAsync(cancellationToken: Token);
    }

    public async Task<string> StateMachineAsync()
    {
        var response = await StepFunctions.ListStateMachinesAsync(new ListStateMachinesRequest(), Token);
        return response.StateMachines.First(machine => machine.Name.Contains("WorkflowImageLifecycle", StringComparison.Ordinal)).StateMachineArn;
    }

    public async ValueTask DisposeAsync()
    {
        Ecr.Dispose();
        ImageBuilder.Dispose();
        StepFunctions.Dispose();
        await Host.DisposeAsync();
    }
}
