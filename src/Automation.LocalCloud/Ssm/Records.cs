namespace Automation.LocalCloud.Ssm;

/// <summary>One version of a parameter.</summary>
/// <param name="Type"><c>String</c>, <c>StringList</c> or <c>SecureString</c>; nothing is encrypted.</param>
/// <param name="Version">Counts the changes of the value, from 1.</param>
internal sealed record Parameter(string Region, string Name, string Type, string Value, long Version, DateTimeOffset Modified)
{
    public string? Description { get; init; }

    public string? AllowedPattern { get; init; }

    public string DataType { get; set; } = "text";

    /// <summary>The key that a SecureString names; nothing is encrypted with it.</summary>
    public string? KeyId { get; init; }

    public string Tier { get; set; } = "Standard";

    /// <summary>A label names one version at a time.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>The tags of the parameter, kept with its newest version.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();
}
