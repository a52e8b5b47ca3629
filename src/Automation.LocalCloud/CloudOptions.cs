using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud;

/// <summary>The options of a cloud.</summary>
public sealed record CloudOptions
{
    public string AccountId { get; init; } = "123456789012";

    /// <summary>Region of unsigned requests and of the deployed stack.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Virtual time at the start. A store that was used before continues at its own time if that is later.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    public string Seed { get; init; } = "automation";

    /// <summary>
    /// Whether Image Builder refuses a container recipe if its parent image is not in the account's registry. The authorization reference
    /// lists ecr:DescribeImages among the permissions for CreateContainerRecipe, and no page says why. If this is false, only the build looks for the parent
    /// image.
    /// https://docs.aws.amazon.com/service-authorization/latest/reference/list_imagebuilder.html
    /// </summary>
    public bool ChecksParentImages { get; init; }

    public ICloudStore Store { get; init; } = new MemoryStore();
}
