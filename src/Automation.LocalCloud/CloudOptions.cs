using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud;

/// <summary>What a cloud is made from.</summary>
public sealed record CloudOptions
{
    public string AccountId { get; init; } = "123456789012";

    /// <summary>Region of unsigned requests and of the deployed stack.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Virtual time at the start; a store that was used before goes on at its own time when that is later.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    public string Seed { get; init; } = "automation";

    /// <summary>
    /// Whether Image Builder refuses a container recipe whose parent image is not in the account's registry. The authorization reference lists
    /// ecr:DescribeImages among what CreateContainerRecipe needs, and no page says what for; without this the parent is looked for by the build.
    /// https://docs.aws.amazon.com/service-authorization/latest/reference/list_imagebuilder.html
    /// </summary>
    public bool ChecksParentImages { get; init; }

    public ICloudStore Store { get; init; } = new MemoryStore();
}
