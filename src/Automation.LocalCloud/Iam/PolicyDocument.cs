using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>The result of policies for a request, from the weakest to the strongest.</summary>
internal enum Verdict
{
    /// <summary>No statement applies.</summary>
    Silent,

    /// <summary>A resource's policy delegates to the account: the caller's own policies decide.</summary>
    Delegated,

    Allowed,

    /// <summary>An explicit deny, which overrides everything.</summary>
    Denied,
}

/// <summary>
/// A policy, compiled once and evaluated often. Identity policies have no principals; policies of resources must have them.
/// <code>
/// {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage",
///   "Resource":"arn:…","Condition":{"ArnEquals":{"aws:SourceArn":"arn:…"}}}]}
/// </code>
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
/// </summary>
internal sealed class PolicyDocument
{
    private static readonly string[] Members = ["Version", "Id", "Statement"];

    private PolicyDocument(IReadOnlyList<PolicyStatement> statements) => Statements = statements;

    public IReadOnlyList<PolicyStatement> Statements { get; }

    /// <exception cref="PolicyException">The text is not a policy, or it cannot be evaluated here.</exception>
    public static PolicyDocument ForIdentity(JsonNode? document) => Parse(document, hasPrincipals: false);

    /// <exception cref="PolicyException">See <see cref="ForIdentity"/>.</exception>
    public static PolicyDocument ForResource(JsonNode? document) => Parse(document, hasPrincipals: true);

    /// <exception cref="PolicyException">See <see cref="ForIdentity"/>.</exception>
    public static PolicyDocument ForResource(string json)
    {
        try
        {
            return ForResource(ClientJson.Parse(json));
        }
        catch (JsonException e)
        {
            throw new PolicyException($"it is not JSON: {e.Message}");
        }
    }

    /// <param name="granting">Receives each statement that allows the request.</param>
    public Verdict Evaluate(AccessRequest request, Action<PolicyStatement>? granting = null)
    {
        var verdict = Verdict.Silent;
        foreach (var statement in Statements)
        {
            var answer = statement.Evaluate(request);
            verdict = answer > verdict ? answer : verdict;
            if (answer == Verdict.Allowed)
            {
                granting?.Invoke(statement);
            }
        }

        return verdict;
    }

    private static PolicyDocument Parse(JsonNode? document, bool hasPrincipals)
    {
        if (document is not JsonObject policy)
        {
            throw new PolicyException("it is not a JSON object");
        }

        if (policy.Select(member => member.Key).Except(Members).FirstOrDefault() is { } unknown)
        {
            throw new PolicyException($"it has the unknown member {unknown}");
        }

        var statements = policy["Statement"] switch
        {
            JsonArray list => list.Select(each => each as JsonObject ?? throw new PolicyException("a statement is not a JSON object")),
            JsonObject one => [one],
            _ => throw new PolicyException("it has no Statement"),
        };
        return new PolicyDocument([.. statements.Select(statement => PolicyStatement.Parse(statement, hasPrincipals))]);
    }
}
