using System.Text;
using System.Text.Json.Nodes;
using Automation.Core.Images;
using Automation.LocalCloud.Hosting;

namespace Automation.Conformance;

/// <summary>An image without layers, under the tag <c>v1</c> in a repository of its own, for clients that attach something to it.</summary>
internal static class PushedImage
{
    public const string Repository = "team/app";

    public static Digest Push(CloudHost host)
    {
        Ecr(host, "CreateRepository", $$"""{"repositoryName":"{{Repository}}"}""");
        return host.Cloud.Run(() =>
        {
            var config = host.Cloud.Ecr.PutBlob(
                "us-east-1", Repository, """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray());
            var manifest =
                $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":71},"layers":[]}""";
            return Digest.Parse(
                host.Cloud.Ecr.PutManifest("us-east-1", Repository, Encoding.UTF8.GetBytes(manifest), "application/vnd.oci.image.manifest.v1+json", "v1"));
        });
    }

    public static JsonNode Ecr(CloudHost host, string operation, string body)
    {
        var headers = new Dictionary<string, string>
        {
            ["x-amz-target"] = $"AmazonEC2ContainerRegistry_V20150921.{operation}",
            ["host"] = host.Endpoint.Authority
        };
        var answer = host.Cloud.Handle(new LocalCloud.Wire.WireRequest("POST", "/", "", headers, Encoding.UTF8.GetBytes(body))
        {
            Scope = new LocalCloud.Wire.CredentialScope("AKIDLOCAL", "us-east-1", "ecr"),
        });
        Assert.Equal(200, answer.Status);
        return JsonNode.Parse(answer.Body.Span)!;
    }
}
