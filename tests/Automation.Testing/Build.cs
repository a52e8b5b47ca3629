namespace Automation.Testing;

/// <summary>A build as visible from outside.</summary>
/// <param name="Version">Such as <c>1.0.0/3</c>.</param>
/// <param name="Tags">The tags of the Image Builder record, where the automation stores its state.</param>
internal sealed record Build(string Version, string Arn, string Status, IReadOnlyDictionary<string, string> Tags)
{
    public string? Release => Tags.GetValueOrDefault("automation:release");

    public string? BaseDigest => Tags.GetValueOrDefault("automation:base-digest");

    public string? Cause => Tags.GetValueOrDefault("automation:cause");
}
