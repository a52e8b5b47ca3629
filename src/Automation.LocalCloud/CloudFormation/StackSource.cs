namespace Automation.LocalCloud.CloudFormation;

/// <summary>The input for creating or updating a stack.</summary>
/// <param name="Template">The text of the template, JSON or YAML.</param>
public sealed record StackSource(string Name, string Template)
{
    /// <summary>The Region; null means the cloud's own Region.</summary>
    public string? Region { get; init; }

    /// <summary>Values of parameters that override their defaults.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; set; } = new Dictionary<string, string>();

    /// <summary>The folders with the unpacked assets, by file name <c>hash.zip</c>.</summary>
    public IReadOnlyDictionary<string, string> Assets { get; set; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Capabilities { get; set; } = [];

    public IReadOnlyList<string> NotificationArns { get; set; } = [];

    /// <summary>The role that CloudFormation would assume; it is stored and shown.</summary>
    public string? RoleArn { get; init; }

    public bool TerminationProtection { get; init; }

    /// <summary>
    /// Whether a resource that the template names and retains is imported if it exists already. Applies only to types
    /// that support it (<see cref="IResourceType.CanImport"/>).
    /// </summary>
    public bool ImportExisting { get; init; }

    /// <summary>The time by the caller's clock (<see cref="Wire.CallerClock"/>); null means the cloud's own time.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Whether the account counts as bootstrapped although it has no bootstrap stack. CDK templates check this.</summary>
    public bool AssumeBootstrapped { get; set; } = true;
}
