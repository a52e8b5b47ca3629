namespace Automation.LocalCloud.Iam;

/// <summary>A role that something here acts with, and what became of its grants.</summary>
public sealed record RolePermissions(string RoleArn, IReadOnlyList<GrantUse> Grants);
