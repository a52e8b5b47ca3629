using System.Globalization;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sts;

/// <summary>
/// The part of AWS STS that tools call first: GetCallerIdentity and AssumeRole. Every key is accepted. The credentials of an assumed
/// role act as that role and do not expire here.
/// https://docs.aws.amazon.com/STS/latest/APIReference/
/// </summary>
public sealed class StsService(Engine engine) : IWireService, ISessions
{
    private readonly Table<RoleSessionRow> _sessions = new("sts.sessions", engine.Store, () => StsJson.Default.RoleSessionRow);

    private static readonly QueryXml Xml = new("https://sts.amazonaws.com/doc/2011-06-15/");

    public string SigningName => "sts";

    Caller? ISessions.CallerOf(string accessKeyId) => _sessions.Find(accessKeyId) is { } session ? Caller.Role(session.RoleArn, session.Name) : null;

    /// <summary>The account that a key acts in: that of the role it was given for, else the cloud's own.</summary>
    internal string AccountOf(string accessKeyId) => _sessions.Find(accessKeyId)?.RoleArn.Split(':')[4] ?? engine.Options.AccountId;

    public string? OperationOf(WireRequest request) => QueryXml.Read(request).GetValueOrDefault("Action");

    /// <summary>GetCallerIdentity needs no permission.</summary>
    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) => operation switch
    {
        "GetCallerIdentity" => [],
        "AssumeRole" => [new Need("sts:AssumeRole", QueryXml.Read(request).GetValueOrDefault("RoleArn") ?? "*")],
        _ => null,
    };

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var input = QueryXml.Read(request);
        return input.GetValueOrDefault("Action") switch
        {
            "GetCallerIdentity" => GetCallerIdentity(context),
            "AssumeRole" => AssumeRole(input, CallerClock.Of(request) ?? engine.Clock.Now),
            var other => throw new AwsException("InvalidAction", $"The embedded cloud does not serve sts:{other}."),
        };
    }

    public WireResponse Error(WireRequest request, AwsException error) => Xml.Error(error);

    private WireResponse GetCallerIdentity(CallContext context)
    {
        var session = _sessions.Find(context.AccessKeyId);
        var arn = engine.Functions.CallerOf(context.AccessKeyId) is RoleSession function ? function.Arn
            : session is not null ? RoleSession.ArnOf(session.RoleArn, session.Name)
            : new Arn("iam", "", context.AccountId, "user/local").ToString();
        return Xml.Result(
            "GetCallerIdentity",
            engine.Ids.Next(),
            Xml.Element("Arn", arn),
            Xml.Element("UserId", session is not null ? $"AROALOCAL:{session.Name}" : context.AccessKeyId),
            Xml.Element("Account", context.AccountId));
    }

    /// <param name="now">The caller's clock, by which it decides when to request new credentials.</param>
    private WireResponse AssumeRole(Dictionary<string, string> input, DateTimeOffset now)
    {
        var role = Required(input, "RoleArn");
        var session = Required(input, "RoleSessionName");
        if (Arn.TryParse(role) is not { Service: "iam" } arn || !arn.Resource.StartsWith("role/", StringComparison.Ordinal)
            || arn.Resource.Contains(':', StringComparison.Ordinal))
        {
            throw new AwsException("ValidationError", $"{role} is invalid");
        }

        // Roles of other accounts are not known here: they may be assumed, and may do everything in their account.
        if (arn.Account == engine.Options.AccountId && !engine.Access.MayBeAssumed(role))
        {
            throw new AwsException("AccessDenied",
                $"User: arn:aws:iam::{engine.Options.AccountId}:user/local is not authorized to perform: sts:AssumeRole on resource: {role}", 403);
        }

        var key = AccessKey.Of(RoleSession.ArnOf(role, session));
        _sessions.Set(key, new RoleSessionRow(role, session));
        var seconds = int.TryParse(input.GetValueOrDefault("DurationSeconds"), CultureInfo.InvariantCulture, out var given) ? given : 3600;
        return Xml.Result(
            "AssumeRole",
            engine.Ids.Next(),
            Xml.Element(
                "Credentials",
                Xml.Element("AccessKeyId", key),
                Xml.Element("SecretAccessKey", "secret"),
                Xml.Element("SessionToken", "token"),
                Xml.Element("Expiration", (now + TimeSpan.FromSeconds(seconds)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))),
            Xml.Element("AssumedRoleUser", Xml.Element("Arn", RoleSession.ArnOf(role, session)), Xml.Element("AssumedRoleId", $"AROALOCAL:{session}")));
    }

    private static string Required(Dictionary<string, string> input, string name) => input.GetValueOrDefault(name) is { Length: > 0 } value
        ? value
        : throw new AwsException("ValidationError", $"The request must contain the parameter {name}.");
}

/// <summary>An assumed role with the name of its session.</summary>
internal sealed record RoleSessionRow(string RoleArn, string Name);
