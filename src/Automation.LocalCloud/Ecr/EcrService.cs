using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

public sealed class EcrService(Cloud cloud) : IWireService
{
    public string SigningName => "ecr";

    public string? OperationOf(WireRequest request) => null;

    public WireResponse Handle(WireRequest request, CallContext context) => throw new AwsException("NotBuiltYet", cloud.Options.AccountId);

    public WireResponse Error(WireRequest request, AwsException error) => WireResponse.Text(error.Status, error.Message);

    /// <summary>The manifest that a tag or digest of a repository names, or null.</summary>
    public RegistryImage? Find(string region, string repository, string tagOrDigest) => throw new NotImplementedException();

    /// <summary>Null when the repository has no such layer or config.</summary>
    public ReadOnlyMemory<byte>? ReadBlob(string region, string repository, string digest) => throw new NotImplementedException();

    public bool HasRepository(string region, string repository) => throw new NotImplementedException();

    /// <summary>Adds a layer or config to a repository (used by Image Builder to push a finished image).</summary>
    public string PutBlob(string region, string repository, ReadOnlyMemory<byte> content) => throw new NotImplementedException();

    /// <summary>PutImage with a tag, with all its rules, events included.</summary>
    public string PutManifest(string region, string repository, ReadOnlyMemory<byte> manifest, string mediaType, string? tag) => throw new NotImplementedException();

    /// <summary>Answers a request below /v2/ (OCI distribution).</summary>
    public WireResponse HandleDistribution(WireRequest request) => throw new NotImplementedException();

    /// <summary>Host name of a registry, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com.</summary>
    public string RegistryHost(string region) => $"{cloud.Options.AccountId}.dkr.ecr.{region}.amazonaws.com";
}

/// <summary>A stored manifest.</summary>
public sealed record RegistryImage(string Digest, string MediaType, ReadOnlyMemory<byte> Manifest, IReadOnlyList<string> Tags, DateTimeOffset PushedAt);
