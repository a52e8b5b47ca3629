namespace Automation.LocalCloud.Iam;

/// <summary>A granted action on a resource pattern, and how often it let a call through since the cloud was started.</summary>
public sealed record GrantUse(string Action, string Resource, long Used);
