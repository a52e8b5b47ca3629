using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;

namespace Automation.Local.Demo;

/// <summary>The AWS clients of the observer: the same SDK, with the embedded cloud as the endpoint.</summary>
internal sealed class Fleet(Uri endpoint, string stateMachineArn) : IDisposable
{
    private const string Region = "us-east-1";

    private static readonly BasicAWSCredentials Credentials = new("demo", "demo");

    public AmazonECRClient Ecr { get; } = new(Credentials, new AmazonECRConfig { ServiceURL = endpoint.ToString(), AuthenticationRegion = Region });

    public AmazonImagebuilderClient ImageBuilder { get; } =
        new(Credentials, new AmazonImagebuilderConfig { ServiceURL = endpoint.ToString(), AuthenticationRegion = Region });

    public AmazonStepFunctionsClient StepFunctions { get; } =
        new(Credentials, new AmazonStepFunctionsConfig { ServiceURL = endpoint.ToString(), AuthenticationRegion = Region });

    /// <summary>Every image in a repository, oldest first.</summary>
    public async Task<IReadOnlyList<ImageDetail>> ImagesAsync(string repository, CancellationToken cancellationToken)
    {
        var images = new List<ImageDetail>();
        await foreach (var image in Ecr.Paginators.DescribeImages(new DescribeImagesRequest { RepositoryName = repository }).ImageDetails
            .WithCancellation(cancellationToken))
        {
            images.Add(image);
        }

        return [.. images.OrderBy(image => image.ImagePushedAt)];
    }

    /// <summary>Every build record of a pipeline by version, such as <c>1.0.0/3</c>.</summary>
    public async Task<IReadOnlyDictionary<string, ImageSummary>> BuildsAsync(string pipeline, CancellationToken cancellationToken)
    {
        var arn = $"arn:aws:imagebuilder:{Region}:123456789012:image-pipeline/{pipeline}";
        var builds = new SortedDictionary<string, ImageSummary>(StringComparer.Ordinal);
        var request = new ListImagePipelineImagesRequest { ImagePipelineArn = arn };
        await foreach (var build in ImageBuilder.Paginators.ListImagePipelineImages(request).ImageSummaryList.WithCancellation(cancellationToken))
        {
            builds[string.Join('/', build.Arn.Split('/')[^2..])] = build;
        }

        return builds;
    }

    /// <summary>The workflow's executions that ended in a state.</summary>
    public async Task<IReadOnlyList<ExecutionListItem>> ExecutionsAsync(string status, CancellationToken cancellationToken)
    {
        var executions = new List<ExecutionListItem>();
        var request = new ListExecutionsRequest { StateMachineArn = stateMachineArn, StatusFilter = status };
        await foreach (var execution in StepFunctions.Paginators.ListExecutions(request).Executions.WithCancellation(cancellationToken))
        {
            executions.Add(execution);
        }

        return executions;
    }

    /// <summary>The announced outcome of an execution, such as <c>blocked</c>; null if the execution does not exist.</summary>
    public async Task<string?> OutcomeAsync(string execution, CancellationToken cancellationToken)
    {
        try
        {
            var arn = $"{stateMachineArn.Replace(":stateMachine:", ":execution:", StringComparison.Ordinal)}:{execution}";
            var response = await StepFunctions.DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = arn }, cancellationToken);
            return JsonNode.Parse(response.Output ?? "{}")?["announcement"]?["detail"]?["outcome"]?.ToString();
        }
        catch (ExecutionDoesNotExistException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        Ecr.Dispose();
        ImageBuilder.Dispose();
        StepFunctions.Dispose();
    }
}
