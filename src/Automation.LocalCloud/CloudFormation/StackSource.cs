namespace Automation.LocalCloud.CloudFormation;

/// <summary>A stack to be made or changed.</summary>
/// <param name="Template">Its text, JSON or YAML.</param>
public sealed record StackSource(string Name, string Template)
{
    /// <summary>Null is the cloud's own Region.</summary>
    public string? Region { get; init; }

    /// <summary>Values of parameters that are not to have their defaults.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders with the unpacked assets by file name <c>hash.zip</c>.</summary>
    public IReadOnlyDictionary<string, string> Assets { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Capabilities { get; init; } = [];

    public IReadOnlyList<string> NotificationArns { get; init; } = [];

    /// <summary>The role that CloudFormation would take; kept and shown.</summary>
    public string? RoleArn { get; init; }

    public bool TerminationProtection { get; init; }

    /// <summary>
    /// A resource that the template names and retains, and that is there already, is taken into the stack instead of made; only of types
    /// that can (<see cref="IResourceType.CanImport"/>).
    /// </summary>
    public bool ImportExisting { get; init; }

    /// <summary>By the clock of whoever asks (<see cref="Wire.CallerClock"/>); null is the cloud's own time.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Templates of the CDK ask whether the account was bootstrapped: true says yes, without a bootstrap stack.</summary>
    public bool AssumeBootstrapped { get; init; } = true;
}
