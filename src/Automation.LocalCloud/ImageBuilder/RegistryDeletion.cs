using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Deletes from ECR as any client does: by the registry's own API, with all its rules and events.</summary>
internal static class RegistryDeletion
{
    public static void DeleteTag(Cloud cloud, string region, string repository, string tag)
    {
        var body = new JsonObject
        {
            ["repositoryName"] = repository,
            ["imageIds"] = new JsonArray(new JsonObject { ["imageTag"] = tag }),
        };
        var request = new WireRequest(
            "POST",
            "/",
            "",
            new Dictionary<string, string> { ["x-amz-target"] = "AmazonEC2ContainerRegistry_V20150921.BatchDeleteImage" },
            Encoding.UTF8.GetBytes(body.ToJsonString()));
        try
        {
            cloud.Ecr.Handle(request, new CallContext(region, cloud.Options.AccountId, "imagebuilder"));
        }
        catch (AwsException e)
        {
            // What is not there any more needs no deletion; anything else is for the journal, as the service reports it in its execution only.
            cloud.Journal.Write("imagebuilder", "container-not-deleted", $"{repository}:{tag} in {region}: {e.Message}", ("repository", repository), ("tag", tag));
        }
    }
}
