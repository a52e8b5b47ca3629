using System.Globalization;
using System.Text;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Aws.Sdk.Json;
using Automation.Core.Images;
using Automation.Local.InProcess;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.Aws.Tests;

/// <summary>Runs the adapters through the real SDK pipeline against an embedded cloud in this process.</summary>
internal sealed class AdapterFixture : IDisposable
{
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";

    public Cloud Cloud { get; } = new(new CloudOptions { Region = Sample.Region }, new NoFunctions());

    public EcrRegistry Registry => new(Clients.Ecr, (api, region) => Json.Of(api, region, account: null));

    /// <summary>The SDK's client, for what the adapters do not do.</summary>
    public AmazonECRClient Ecr => Clients.Ecr(Sample.Region);

    public ImageBuilderGateway ImageBuilder => new(Clients.ImageBuilder, Scope);

    public JsonClients Json => Clients.Json(Scope);

    private CloudClients Clients => new(new InProcessHandler(Cloud).CallAsync, "AKID");

    private AwsScope Scope => new("aws", Sample.Region, Cloud.Options.AccountId);

    public AdapterFixture CreateRepository(string mutability = "MUTABLE", string region = Sample.Region)
    {
        Call("CreateRepository", $$"""{"repositoryName":"{{Sample.Repository}}","imageTagMutability":"{{mutability}}"}""", region);
        return this;
    }

    /// <summary>Calls an operation of ECR that the adapters do not use.</summary>
    public void Call(string operation, string input, string region = Sample.Region)
    {
        var headers = new Dictionary<string, string> { ["x-amz-target"] = $"AmazonEC2ContainerRegistry_V20150921.{operation}" };
        var response = Cloud.Handle(new WireRequest("POST", "/", "", headers, Encoding.UTF8.GetBytes(input))
        {
            Scope = new CredentialScope("AKID", region, "ecr"),
        });
        Assert.Equal(200, response.Status);
    }

    /// <summary>Pushes an OCI image. Its manifest has no <c>mediaType</c>, like those of several builders.</summary>
    public Digest Push(string content, string? tag = null, bool withMediaType = false) => Cloud.Run(() =>
    {
        var config = Cloud.Ecr.PutBlob(Sample.Region, Sample.Repository, "{}"u8.ToArray());
        var layer = Cloud.Ecr.PutBlob(Sample.Region, Sample.Repository, Encoding.UTF8.GetBytes(content));
        var mediaType = withMediaType ? $"\"mediaType\":\"{OciManifest}\"," : "";
        var length = content.Length.ToString(CultureInfo.InvariantCulture);
        return Put(
            $$"""{ {{mediaType}}"schemaVersion": 2, "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":2}, "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":{{length}} }] }""", OciManifest, tag);
    });

    public Digest PushIndex(string? tag, params Digest[] children) => Cloud.Run(() => Put(
        $$"""{"schemaVersion":2,"mediaType":"{{OciIndex}}","manifests":[{{string.Join(',', children.Select(child => $$"""{"mediaType":"{{OciManifest}}","digest":"{{child}}","size":1}"""))}}]}""",
        OciIndex,
        tag));

    public Task ScanAsync(Digest digest) => Clients.Ecr(Sample.Region).StartImageScanAsync(
        new StartImageScanRequest { RepositoryName = Sample.Repository, ImageId = new ImageIdentifier { ImageDigest = digest.Value } }, Sample.Cancel);

    public string ManifestOn(string tag) => Cloud.Run(() => Encoding.UTF8.GetString(Cloud.Ecr.Find(Sample.Region, Sample.Repository, tag)!.Manifest.Span));

    public void Dispose() => Cloud.Dispose();

    private Digest Put(string manifest, string mediaType, string? tag) =>
        Digest.Parse(Cloud.Ecr.PutManifest(Sample.Region, Sample.Repository, Encoding.UTF8.GetBytes(manifest), mediaType, tag));

    private sealed class NoFunctions : IFunctionHost
    {
        public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => throw new InvalidOperationException("There are no functions here.");
    }
}
