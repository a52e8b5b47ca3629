using System.Globalization;
using System.Text;
using Amazon;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Automation.Aws.Sdk.Json;
using Automation.Core.Images;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.Aws.Tests;

/// <summary>Runs the adapters through the real SDK pipeline against an embedded cloud in this process.</summary>
internal sealed class AwsCloud : IDisposable
{
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";

    public Cloud Cloud { get; } = new(new CloudOptions { Region = Sample.Region }, new NoFunctions());

    public EcrRegistry Registry => new(region => new AmazonECRClient(new BasicAWSCredentials("AKID", "secret"), Configure(new AmazonECRConfig(), region)));

    public ImageBuilderGateway ImageBuilder => new(
        region => new AmazonImagebuilderClient(new BasicAWSCredentials("AKID", "secret"), Configure(new AmazonImagebuilderConfig(), region)),
        new AwsScope("aws", Sample.Region, Cloud.Options.AccountId));

    public JsonClients Json => new(new AwsScope("aws", Sample.Region, Cloud.Options.AccountId), new BasicAWSCredentials("AKID", "secret"), (config, region) => Configure(config, region));

    public AwsCloud CreateRepository(string mutability = "MUTABLE", string region = Sample.Region)
    {
        var response = Cloud.Handle(new WireRequest(
            "POST",
            "/",
            "",
            new Dictionary<string, string> { ["x-amz-target"] = "AmazonEC2ContainerRegistry_V20150921.CreateRepository" },
            Encoding.UTF8.GetBytes($$"""{"repositoryName":"{{Sample.Repository}}","imageTagMutability":"{{mutability}}"}"""))
        {
            Scope = new CredentialScope("AKID", region, "ecr"),
        });
        Assert.Equal(200, response.Status);
        return this;
    }

    /// <summary>Pushes an OCI image. Its manifest has no <c>mediaType</c>, like those of several builders.</summary>
    public Digest Push(string content, string? tag = null, bool withMediaType = false) => Cloud.Run(() =>
    {
        var config = Cloud.Ecr.PutBlob(Sample.Region, Sample.Repository, "{}"u8.ToArray());
        var layer = Cloud.Ecr.PutBlob(Sample.Region, Sample.Repository, Encoding.UTF8.GetBytes(content));
        var mediaType = withMediaType ? $"\"mediaType\":\"{OciManifest}\"," : "";
        var length = content.Length.ToString(CultureInfo.InvariantCulture);
        return Put($$"""{ {{mediaType}}"schemaVersion": 2, "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":2}, "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":{{length}} }] }""", OciManifest, tag);
    });

    public Digest PushIndex(string? tag, params Digest[] children) => Cloud.Run(() => Put(
        $$"""{"schemaVersion":2,"mediaType":"{{OciIndex}}","manifests":[{{string.Join(',', children.Select(child => $$"""{"mediaType":"{{OciManifest}}","digest":"{{child}}","size":1}"""))}}]}""",
        OciIndex,
        tag));

    public void Scan(Digest digest) => Cloud.Run(() => Assert.True(Cloud.Ecr.Rescan(Sample.Region, Sample.Repository, digest.Value)));

    public string ManifestOn(string tag) => Cloud.Run(() => Encoding.UTF8.GetString(Cloud.Ecr.Find(Sample.Region, Sample.Repository, tag)!.Manifest.Span));

    public void Dispose() => Cloud.Dispose();

    private Digest Put(string manifest, string mediaType, string? tag) =>
        Digest.Parse(Cloud.Ecr.PutManifest(Sample.Region, Sample.Repository, Encoding.UTF8.GetBytes(manifest), mediaType, tag));

    private T Configure<T>(T config, string region)
        where T : ClientConfig
    {
        config.HttpClientFactory = new Factory(Cloud);
        config.IgnoreConfiguredEndpointUrls = true;
        config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        config.MaxErrorRetry = 0;
        return config;
    }

    private sealed class Factory(Cloud cloud) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new InProcessHandler(cloud));

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }

    private sealed class NoFunctions : IFunctionHost
    {
        public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => throw new InvalidOperationException("There are no functions here.");
    }
}
