namespace Automation.LocalCloud.Import;

/// <summary>A deployed stack.</summary>
/// <param name="Template">The template as deployed.</param>
/// <param name="Resources">The physical id of each resource, by logical id.</param>
public sealed record ReadStack(
    string Name, string Region, string Template, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, string> Resources);
