using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Deletes from ECR through the registry's own API, like any client, with all its rules and events.</summary>
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
            // An image that no longer exists needs no deletion. Other errors go to the journal, because the service reports them only in its execution.
            cloud.Journal.Write("imagebuilder", "container-not-deleted", $"{repository}:{tag} in {region}: {e.Message}", ("repository", repository), ("tag", tag));
        }
    }
}
