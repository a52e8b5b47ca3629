namespace Automation.LocalCloud.Iam;

/// <summary>A role that is in use here, and the use of its grants.</summary>
public sealed record RoleGrants(string RoleArn, IReadOnlyList<GrantUse> Grants);
