using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Iam;

/// <summary>One statement of a policy.</summary>
internal sealed class PolicyStatement
{
    private static readonly string[] Members =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

    private readonly bool _exceptActions;
    private readonly bool _exceptResources;
    private readonly IReadOnlyList<(string Kind, string Name)>? _principals;
    private readonly IReadOnlyList<Condition> _conditions;

    private PolicyStatement(JsonObject json, bool hasPrincipals)
    {
        if (json.Select(member => member.Key).Except(Members).FirstOrDefault() is { } unknown)
        {
            throw new PolicyException($"a statement has the unknown member {unknown}");
        }

        if (json.ContainsKey("NotPrincipal"))
        {
            throw new PolicyException("the embedded cloud does not evaluate NotPrincipal");
        }

        if (json.ContainsKey("Principal") != hasPrincipals)
        {
            throw new PolicyException(
                hasPrincipals ? "a statement of a resource's policy needs a Principal" : "an identity's policy must not have a Principal");
        }

        Allows = json["Effect"]?.ToString() switch
        {
            "Allow" => true,
            "Deny" => false,
            var other => throw new PolicyException($"the Effect '{other}' must be Allow or Deny"),
        };
        (Actions, _exceptActions) = OneOf(json, "Action", CheckedAction);
        (Resources, _exceptResources) = OneOf(json, "Resource", CheckedResource);
        _principals = hasPrincipals ? Principals(json["Principal"]) : null;
        _conditions = [.. Conditions(json["Condition"])];
    }

    public bool Allows { get; }

    public IReadOnlyList<PolicyPattern> Actions { get; }

    public IReadOnlyList<PolicyPattern> Resources { get; }

    /// <summary>Grants that allow everything except the listed actions; they cannot be counted separately.</summary>
    public bool IsExcept => _exceptActions || _exceptResources;

    public static PolicyStatement Parse(JsonObject json, bool hasPrincipals) => new(json, hasPrincipals);

    public Verdict Evaluate(AccessRequest request)
    {
        if (Actions.Any(action => action.Matches(request.Action)) == _exceptActions
            || Resources.Any(resource => resource.Matches(request.Resource)) == _exceptResources)
        {
            return Verdict.Silent;
        }

        var reach = _principals is null ? Verdict.Allowed : VerdictFor(request);
        return reach == Verdict.Silent || !_conditions.All(condition => condition.Holds(request)) ? Verdict.Silent
            : Allows ? reach
            : Verdict.Denied;
    }

    /// <summary>Whether the statement applies to the caller, and how: directly, or through its account.</summary>
    private Verdict VerdictFor(AccessRequest request)
    {
        var reach = Verdict.Silent;
        foreach (var (kind, name) in _principals!)
        {
            var verdict = (kind, request.Caller) switch
            {
                ("*" or "AWS", _) when name == "*" => Verdict.Allowed,
                ("Service", ServicePrincipal service) when service.Name == name => Verdict.Allowed,
                ("AWS", RoleSession role) when role.RoleArn == name || role.Arn == name => Verdict.Allowed,
                ("AWS", RoleSession role) when name == role.Account || name == new Arn("iam", "", role.Account, "root").ToString() => Verdict.Delegated,
                _ => Verdict.Silent,
            };
            reach = verdict > reach ? verdict : reach;
        }

        return reach;
    }

    private static (IReadOnlyList<PolicyPattern> Patterns, bool Except) OneOf(JsonObject json, string member, Func<string, PolicyPattern> read)
    {
        if (json.ContainsKey(member) == json.ContainsKey("Not" + member))
        {
            throw new PolicyException($"a statement must have one of {member} and Not{member}");
        }

        var except = !json.ContainsKey(member);
        return ([.. Texts(json[except ? "Not" + member : member]).Select(read)], except);
    }

    private static PolicyPattern CheckedAction(string text) => text == "*" || text.Split(':') is [{ Length: > 0 }, { Length: > 0 }]
        ? PolicyPattern.Action(text)
        : throw new PolicyException($"'{text}' is not an action: write service:Operation");

    private static PolicyPattern CheckedResource(string text)
    {
        if (text.Contains("${", StringComparison.Ordinal))
        {
            throw new PolicyException($"the embedded cloud does not evaluate policy variables: {text}");
        }

        return text == "*" || text.Count(c => c == ':') >= 5 ? PolicyPattern.Arn(text) : throw new PolicyException($"'{text}' is not an ARN");
    }

    // "*" | {"AWS":"…"} | {"Service":["…","…"]}
    private static List<(string Kind, string Name)> Principals(JsonNode? node)
    {
        if (node is JsonObject kinds)
        {
            return [.. kinds.SelectMany(kind => kind.Key is "AWS" or "Service" or "Federated" or "CanonicalUser"
                ? Texts(kind.Value).Select(name => (kind.Key, name))
                : throw new PolicyException($"'{kind.Key}' is not a kind of principal"))];
        }

        return node?.ToString() == "*" ? [("*", "*")] : throw new PolicyException($"'{node}' is not a principal");
    }

    private static IEnumerable<Condition> Conditions(JsonNode? node)
    {
        if (node is not (null or JsonObject))
        {
            throw new PolicyException("Condition is not a JSON object");
        }

        return (node as JsonObject ?? []).SelectMany(operation =>
            operation.Value as JsonObject is { } keys
                ? keys.Select(key => Condition.Parse(operation.Key, key.Key, Texts(key.Value)))
                : throw new PolicyException($"{operation.Key} is not a JSON object"));
    }

    private static string[] Texts(JsonNode? node) => node switch
    {
        JsonArray { Count: > 0 } list => [.. list.Select(Scalar)],
        JsonValue one => [Scalar(one)],
        _ => throw new PolicyException("a statement has an empty element"),
    };

    private static string Scalar(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => node.ToString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => node.ToJsonString(),
        _ => throw new PolicyException("a statement has an element that is not a string"),
    };
}
