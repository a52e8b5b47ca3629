using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Iam;

/// <summary>Who makes a call.</summary>
public abstract record Caller
{
    /// <summary>Somebody with credentials of the account: people, the CLI, CloudFormation. May do everything.</summary>
    public static Caller Administrator { get; } = new AccountAdministrator();

    /// <param name="roleArn">Null for something that was made without a role: nothing keeps it from anything.</param>
    /// <param name="session">Whose session: the function's or the execution's name.</param>
    public static Caller Role(string? roleArn, string session) => roleArn is null ? Administrator : new RoleSession(roleArn, session);

    /// <summary>An AWS service on behalf of something of ours.</summary>
    /// <param name="name">Such as <c>events.amazonaws.com</c>.</param>
    /// <param name="sourceArn">The rule, the topic: <c>aws:SourceArn</c> of conditions.</param>
    public static Caller Service(string name, string sourceArn) => new ServicePrincipal(name, sourceArn);

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
