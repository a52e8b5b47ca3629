namespace Automation.LocalCloud.Ports;

/// <summary>The operations with which Image Builder pulls from the container registry and pushes to it.</summary>
internal interface IRegistry
{
    bool HasRepository(string region, string repository);

    /// <summary>The manifest that a tag or digest names; null if there is none.</summary>
    RegistryImage? Find(string region, string repository, string tagOrDigest);

    /// <summary>The digest of an image, named as workloads name it: <c>123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest</c>. Null if there is
    /// none, and for other registries.</summary>
    string? DigestOf(string image);

    /// <summary>Null if the repository has no such layer or configuration.</summary>
    ReadOnlyMemory<byte>? ReadBlob(string region, string repository, string digest);

    /// <summary>Renews a cached image, as a pull of its tag does.</summary>
    void Refresh(string region, string repository, string tag);

    /// <returns>The digest.</returns>
    /// <exception cref="Wire.AwsException">RepositoryNotFoundException.</exception>
    string PutBlob(string region, string repository, ReadOnlyMemory<byte> content);

    /// <summary>Adds a layer that another repository has, in this Region or another one.</summary>
    /// <returns>False if the other repository has no such layer.</returns>
    /// <exception cref="Wire.AwsException">RepositoryNotFoundException.</exception>
    bool MountBlob(string fromRegion, string fromRepository, string digest, string region, string repository);

    /// <summary>PutImage, with all its rules and events.</summary>
    /// <param name="pusher">As whom managed signing signs the image.</param>
    /// <returns>The digest.</returns>
    /// <exception cref="Wire.AwsException">The errors of PutImage.</exception>
    string PutManifest(string region, string repository, ReadOnlyMemory<byte> manifest, string mediaType, string? tag, Caller pusher);

    /// <summary>BatchDeleteImage of a tag, with all its rules and events.</summary>
    /// <exception cref="Wire.AwsException">The errors of BatchDeleteImage.</exception>
    void DeleteTag(string region, string repository, string tag);

    /// <summary>The images of a Region that Amazon Inspector scans. Empty if the registry uses basic scanning.</summary>
    IReadOnlyList<EnhancedScan> EnhancedScans(string region);

    /// <summary>Such as <c>123456789012.dkr.ecr.us-east-1.amazonaws.com</c>.</summary>
    string RegistryHost(string region);
}
