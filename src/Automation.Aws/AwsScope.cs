using Automation.Core.Images;

namespace Automation.Aws;

/// <summary>Where the automation runs.</summary>
/// <param name="Partition"><c>aws</c>, <c>aws-cn</c>, …</param>
public sealed record AwsScope(string Partition, string Region, string AccountId)
{
    public string PipelineArn(string name) => $"arn:{Partition}:imagebuilder:{Region}:{AccountId}:image-pipeline/{name}";

    /// <summary>The Region whose registry holds the image, if it is a registry of this account; else null.</summary>
    public string? RegionOf(ImageReference reference) => reference switch
    {
        { Registry: null } => Region,
        { AccountId: { } account } when account == AccountId => reference.Region,
        _ => null,
    };
}
