using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Ports;

/// <summary>The principal of a call.</summary>
public abstract record Caller
{
    /// <summary>A caller with credentials of the account, such as people, the CLI or CloudFormation. It may do everything.</summary>
    public static Caller Administrator { get; } = new AccountAdministrator();

    /// <param name="roleArn">Null for a resource without a role; it is not restricted.</param>
    /// <param name="session">The session name: the function's or the execution's name.</param>
    public static Caller Role(string? roleArn, string session) => roleArn is null ? Administrator : new RoleSession(roleArn, session);

    /// <summary>An AWS service that acts for one of our resources.</summary>
    /// <param name="name">Such as <c>events.amazonaws.com</c>.</param>
    /// <param name="sourceArn">The rule or topic: <c>aws:SourceArn</c> in conditions.</param>
    public static Caller Service(string name, string sourceArn) => new ServicePrincipal(name, sourceArn);

    /// <summary>The service-linked role with which Image Builder publishes.</summary>
    public static string ImageBuilderRole(string account) =>
        new Arn("iam", "", account, "role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder").ToString();

    private sealed record AccountAdministrator : Caller;
}

internal sealed record RoleSession(string RoleArn, string Session) : Caller
{
    public string Account => Common.Arn.Parse(RoleArn).Account;

    /// <summary><c>arn:aws:iam::1:role/path/name</c> becomes <c>arn:aws:sts::1:assumed-role/name/session</c>.</summary>
    public string Arn => ArnOf(RoleArn, Session);

    public static string ArnOf(string roleArn, string session) =>
        new Arn("sts", "", Common.Arn.Parse(roleArn).Account, $"assumed-role/{roleArn[(roleArn.LastIndexOf('/') + 1)..]}/{session}").ToString();
}

internal sealed record ServicePrincipal(string Name, string SourceArn) : Caller
{
    public string SourceAccount => Common.Arn.Parse(SourceArn).Account;
}
