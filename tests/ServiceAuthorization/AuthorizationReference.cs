using System.Text.Json.Nodes;

namespace Automation.ServiceAuthorization;

/// <summary>An action in AWS's Service Authorization Reference.</summary>
/// <param name="Page">The page of the reference that describes it.</param>
/// <param name="Formats">The ARN formats of the resource types that the action can be limited to; empty means that the action accepts only "*".</param>
/// <param name="Required">The ARN formats of the types that a policy must cover, all of them.</param>
/// <param name="Keys">The condition keys of the action and of its resource types.</param>
/// <param name="Dependents">Other actions that the caller may also need.</param>
internal sealed record ReferenceAction(
    string Name, string Page, IReadOnlyList<string> Formats, IReadOnlyList<string> Required, IReadOnlyList<string> Keys, IReadOnlyList<string> Dependents);

/// <summary>
/// The part of AWS's Service Authorization Reference that the roles of the stack and the embedded cloud use. <c>reference.json</c> is
/// generated; README.md says how. https://docs.aws.amazon.com/service-authorization/latest/reference/
/// </summary>
internal sealed class AuthorizationReference
{
    /// <summary>Keys that every request has, or that belong to the caller and not to an action.
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html</summary>
    private static readonly HashSet<string> GlobalKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        "aws:CalledVia", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalServiceName", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID",
        "aws:RequestedRegion", "aws:ResourceAccount", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn", "aws:SourceOwner",
        "aws:ViaAWSService",
    };

    private readonly Dictionary<string, ReferenceAction> _actions = new(StringComparer.OrdinalIgnoreCase);

    private AuthorizationReference(JsonObject root)
    {
        foreach (var (service, content) in root["services"]!.AsObject())
        {
            var page = content!["page"]!.ToString();
            var types = content["resources"]!.AsObject();
            foreach (var (name, action) in content["actions"]!.AsObject())
            {
                var resources = Texts(action!["resources"]);
                string Format(string type) => types[type.TrimEnd('*')]!["arn"]!.ToString();
                _actions.Add($"{service}:{name}", new ReferenceAction(
                    $"{service}:{name}",
                    page,
                    [.. resources.Select(Format)],
                    [.. resources.Where(type => type.EndsWith('*')).Select(Format)],
                    [.. Texts(action["keys"]).Concat(resources.SelectMany(type => Texts(types[type.TrimEnd('*')]!["keys"]))).Distinct(StringComparer.Ordinal)],
                    Texts(action["dependents"])));
            }
        }
    }

    public static AuthorizationReference Instance { get; } =
        new(JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference.json")))!.AsObject());

    public IReadOnlyCollection<ReferenceAction> Actions => _actions.Values;

    /// <summary>The actions that match a policy's action, such as four for <c>kms:GenerateDataKey*</c>; empty if the reference does not contain it.</summary>
    public IReadOnlyList<ReferenceAction> Matching(string pattern) =>
        pattern.Contains('*', StringComparison.Ordinal) || pattern.Contains('?', StringComparison.Ordinal)
        ? [.. _actions.Values.Where(action => Overlap(pattern.ToUpperInvariant(), action.Name.ToUpperInvariant()))]
        : _actions.TryGetValue(pattern, out var one) ? [one] : [];

    /// <summary>Whether a condition on the key has a value in requests for the action.</summary>
    public static bool Has(ReferenceAction action, string key) =>
        GlobalKeys.Contains(key) || action.Keys.Any(known => Overlap(Placeholders(known), key));

    /// <summary>Whether a policy's resource can match the ARN of a resource of this format: <c>arn:*:image/app/*</c> for
    /// <c>arn:…:image/${Name}/${Version}/${Build}</c>.</summary>
    public static bool Fits(string resource, string format)
    {
        var (left, right) = (resource.Split(':', 6), Placeholders(format).Split(':', 6));
        return left.Length == 6 && left.Zip(right).All(part => Overlap(part.First, part.Second));
    }

    /// <summary>Whether some text matches both patterns. <c>*</c> matches any characters and <c>?</c> one.</summary>
    public static bool Overlap(string left, string right)
    {
        var seen = new HashSet<(int Left, int Right)>();
        return From(0, 0);

        bool From(int i, int j)
        {
            if (!seen.Add((i, j)))
            {
                return false;
            }

            if (i == left.Length || j == right.Length)
            {
                return left[i..].All(c => c == '*') && right[j..].All(c => c == '*');
            }

            return left[i] == '*' ? From(i + 1, j) || From(i, j + 1)
                : right[j] == '*' ? From(i, j + 1) || From(i + 1, j)
                : (left[i] == right[j] || left[i] == '?' || right[j] == '?') && From(i + 1, j + 1);
        }
    }

    // ${Account} -> *
    private static string Placeholders(string format)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] == '$' && format.IndexOf('}', i) is > 0 and var end)
            {
                text.Append('*');
                i = end;
            }
            else
            {
                text.Append(format[i]);
            }
        }

        return text.ToString();
    }

    private static string[] Texts(JsonNode? node) => node is JsonArray list ? [.. list.Select(each => each!.ToString())] : [];
}
