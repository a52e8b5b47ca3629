using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Amazon.StepFunctions;

namespace Automation.Cli.Demo;

/// <summary>The AWS clients of the person who watches: the same SDK, pointed at the embedded cloud.</summary>
internal sealed class Fleet : IDisposable
{
    private const string Region = "us-east-1";

    public Fleet(Uri endpoint)
    {
        var credentials = new BasicAWSCredentials("demo", "demo");
        var url = endpoint.ToString();
        Ecr = new AmazonECRClient(credentials, new AmazonECRConfig { ServiceURL = url, AuthenticationRegion = Region });
        ImageBuilder = new AmazonImagebuilderClient(credentials, new AmazonImagebuilderConfig { ServiceURL = url, AuthenticationRegion = Region });
        StepFunctions = new AmazonStepFunctionsClient(credentials, new AmazonStepFunctionsConfig { ServiceURL = url, AuthenticationRegion = Region });
    }

    public AmazonECRClient Ecr { get; }

    public AmazonImagebuilderClient ImageBuilder { get; }

    public AmazonStepFunctionsClient StepFunctions { get; }

    /// <summary>Every image in a repository, oldest first.</summary>
    public async Task<IReadOnlyList<ImageDetail>> ImagesAsync(string repository, CancellationToken cancellationToken)
    {
        var images = new List<ImageDetail>();
        await foreach (var image in Ecr.Paginators.DescribeImages(new DescribeImagesRequest { RepositoryName = repository }).ImageDetails.WithCancellation(cancellationToken))
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

    public void Dispose()
    {
        Ecr.Dispose();
        ImageBuilder.Dispose();
        StepFunctions.Dispose();
    }
}
