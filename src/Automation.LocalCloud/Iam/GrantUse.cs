namespace Automation.LocalCloud.Iam;

/// <summary>A granted action on a resource pattern, and how many calls it has allowed since the cloud was started.</summary>
public sealed record GrantUse(string Action, string Resource, long Used);
