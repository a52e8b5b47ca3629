using System.Text;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Automation.LocalCloud;
using Automation.LocalCloud.Wire;

namespace Automation.Local.InProcess;

/// <summary>
/// What SDK clients of a cloud in this process have read, as long as the same call would get the same answer (<see cref="Cloud.RevisionOf"/>). Every hour
/// the reconcile reads all images, and most hours change none of them. The cloud counts a call that is answered from here like any other.
/// </summary>
internal sealed class KnownAnswers(Cloud cloud)
{
    /// <summary>The tokens of an answer's pages are valid for a day.</summary>
    private static readonly TimeSpan Validity = TimeSpan.FromHours(12);

    private readonly Dictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>The answer to a call that the cloud would answer in the same way as before.</summary>
    /// <param name="revision">The state of the cloud to which an answer would belong; null if no answer may be kept.</param>
    public AmazonWebServiceResponse? Find(IRequestContext call, string accessKeyId, out (string Key, long Number)? revision)
    {
        revision = null;
        if (SubjectOf(call.OriginalRequest) is not var (service, operation, subject))
        {
            return null;
        }

        var region = call.ClientConfig.AuthenticationRegion;
        var key = $"{region} {accessKeyId} {operation} {WireOf(call.Request)}";
        var (answer, number) = cloud.Run<(AmazonWebServiceResponse?, long?)>(() =>
        {
            // An injected fault may fail any call.
            if (cloud.Faults.Rules.Count > 0)
            {
                return (null, null);
            }

            var now = Current(service, region, subject);
            if (now.Answers.TryGetValue(key, out var known))
            {
                cloud.BeforeCall?.Invoke(service, operation, new CallContext(region, cloud.Options.AccountId, accessKeyId));
            }

            return (known, now.Revision);
        });
        revision = number is { } current ? (key, current) : null;
        return answer;
    }

    public void Keep(IRequestContext call, (string Key, long Number) revision, AmazonWebServiceResponse answer) => cloud.Run(() =>
    {
        var (service, _, subject) = SubjectOf(call.OriginalRequest)!.Value;
        var now = Current(service, call.ClientConfig.AuthenticationRegion, subject);
        if (now.Revision == revision.Number)
        {
            now.Answers[revision.Key] = answer;
        }
    });

    /// <summary>The reading operations of a reconcile. Their answers depend on rows alone, not on the time.</summary>
    private static (string Service, string Operation, string Subject)? SubjectOf(AmazonWebServiceRequest request) => request switch
    {
        DescribeImagesRequest { RepositoryName: { } name } => ("ecr", "DescribeImages", name),
        DescribeRepositoriesRequest { RepositoryNames: [var name] } => ("ecr", "DescribeRepositories", name),
        GetImagePipelineRequest { ImagePipelineArn: { } arn } => ("imagebuilder", "GetImagePipeline", arn),
        ListImagePipelineImagesRequest { ImagePipelineArn: { } arn } => ("imagebuilder", "ListImagePipelineImages", arn),
        GetContainerRecipeRequest { ContainerRecipeArn: { } arn } => ("imagebuilder", "GetContainerRecipe", arn),
        ListContainerRecipesRequest => ("imagebuilder", "ListContainerRecipes", ""),
        _ => null,
    };

    /// <summary>The call as it would be sent.</summary>
    private static string WireOf(IRequest request)
    {
        var text = new StringBuilder(request.ResourcePath);
        foreach (var (name, value) in request.PathResources.Concat(request.ParameterCollection.GetSortedParametersList()))
        {
            text.Append(' ').Append(name).Append('=').Append(value);
        }

        using var body = new MemoryStream();
        if (request.ContentStream is { } stream)
        {
            var position = stream.Position;
            stream.CopyTo(body);
            stream.Position = position;
        }

        body.Write(request.Content);
        return text.Append(' ').Append(Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length))).ToString();
    }

    private Kept Current(string service, string region, string subject)
    {
        var name = $"{service} {region} {subject}";
        var revision = cloud.RevisionOf(service, region, subject);
        if (!_kept.TryGetValue(name, out var kept) || kept.Revision != revision || cloud.Clock.Now - kept.Since > Validity)
        {
            _kept[name] = kept = new Kept(revision, cloud.Clock.Now, new Dictionary<string, AmazonWebServiceResponse>(StringComparer.Ordinal));
        }

        return kept;
    }

    private sealed record Kept(long Revision, DateTimeOffset Since, Dictionary<string, AmazonWebServiceResponse> Answers);
}
