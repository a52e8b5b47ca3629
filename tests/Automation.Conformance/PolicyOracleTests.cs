using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Iam;
using Automation.LocalCloud.Ports;

namespace Automation.Conformance;

/// <summary>
/// Compares the embedded cloud's verdicts on seeded policies with those of npm's <c>@cloud-copilot/iam-simulate</c>, an independent implementation. Both
/// see the same condition keys.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "Repeatable policies, no secrets")]
public sealed class PolicyOracleTests
{
    private const int Cases = 2000;
    private const string Account = "123456789012";
    private const string RoleArn = "arn:aws:iam::123456789012:role/worker";

    private static readonly (string Action, string Resource)[] Requests =
    [
        ("ecr:PutImage", "arn:aws:ecr:us-east-1:123456789012:repository/images/app"),
        ("ecr:DescribeImages", "arn:aws:ecr:eu-west-1:123456789012:repository/golden/base"),
        ("imagebuilder:StartImagePipelineExecution", "arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/app"),
        ("sns:Publish", "arn:aws:sns:us-east-1:123456789012:news"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:dead"),
    ];

    private static readonly string[] Actions =
    [
        "*", "ecr:*", "ecr:Put*", "ecr:PutImage", "ECR:putimage", "ecr:Describe?mages", "ecr:?utImage", "imagebuilder:Start*", "imagebuilder:*", "sns:Publish",
        "sns:*", "sqs:SendMessage", "sqs:*Message",
        "states:StartExecution",
    ];

    private static readonly string[] Resources =
    [
        "*", "arn:aws:ecr:*:123456789012:repository/*", "arn:aws:ecr:us-east-1:123456789012:repository/images/app",
        "arn:aws:ecr:us-east-1:123456789012:repository/images/ap?",
        "arn:aws:ecr:*:*:repository/golden/*", "arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/*", "arn:aws:sns:us-east-1:123456789012:n*s",
        "arn:aws:sqs:*:*:dead", "arn:aws:*:*:*:*",
    ];

    private static readonly (string Operator, string Key, string[] Values)[] Conditions =
    [
        ("StringEquals", "aws:PrincipalAccount", [Account]), ("StringEquals", "aws:PrincipalAccount", ["210987654321"]),
        ("StringNotEquals", "aws:PrincipalAccount", ["210987654321", Account]),
        ("StringEqualsIgnoreCase", "aws:RequestedRegion", ["US-EAST-1"]), ("StringEqualsIfExists", "aws:SourceAccount", ["1"]),
        ("StringEquals", "aws:SourceAccount", ["1"]),
        ("StringNotEquals", "aws:SourceAccount", ["1"]), ("StringLike", "aws:RequestedRegion", ["us-*", "ap-*"]),
        ("StringNotLike", "aws:RequestedRegion", ["eu-*"]),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::123456789012:role/*"]), ("ArnEquals", "aws:PrincipalArn", ["arn:aws:iam::*:role/worker"]),
        ("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/other"]),
        ("Bool", "aws:SecureTransport", ["true"]), ("Bool", "aws:SecureTransport", ["false"]), ("Null", "aws:SourceArn", ["true"]),
        ("Null", "aws:PrincipalArn", ["true"]),
    ];

    [Fact]
    public async Task SeededPolicies_GetTheVerdictsOfTheOracle()
    {
        var random = new Random(17);
        var cases = Enumerable.Range(0, Cases).Select(_ => (Policy: Policy(random), Request: Requests[random.Next(Requests.Length)])).ToList();

        var verdicts = (await Node.RunAsync("policies.mjs", Node.Oracles, new JsonArray([.. cases.Select(each => Ask(each.Policy, each.Request))]))).AsArray();

        var differences = cases.Zip(verdicts, (each, theirs) => (each, Own: Verdict(each.Policy, each.Request), Theirs: theirs!.ToString()))
            .Where(pair => pair.Own != pair.Theirs)
            .Select(pair => $"{pair.Own} here, {pair.Theirs} there: {pair.each.Request} {pair.each.Policy.ToJsonString()}")
            .ToList();
        Assert.True(differences.Count == 0, $"{differences.Count} of {Cases} differ:\n{string.Join('\n', differences.Take(10))}");

        // A test in which all verdicts are the same would prove little.
        Assert.All(["Allowed", "ExplicitlyDenied", "ImplicitlyDenied"],
            verdict => Assert.True(verdicts.Count(each => each!.ToString() == verdict) > Cases / 20, verdict));
    }

    private static JsonObject Ask(JsonObject policy, (string Action, string Resource) request)
    {
        var context = new JsonObject();
        var access = Access(request);
        foreach (var key in Conditions.Select(condition => condition.Key).Distinct())
        {
            if (access.Value(key) is { } value)
            {
                context[key] = value;
            }
        }

        return new JsonObject
        {
            ["policy"] = policy.DeepClone(),
            ["action"] = request.Action,
            ["resource"] = request.Resource,
            ["principal"] = RoleArn,
            ["context"] = context
        };
    }

    private static string Verdict(JsonObject policy, (string Action, string Resource) request) =>
        PolicyDocument.ForIdentity(policy).Evaluate(Access(request)) switch
        {
            LocalCloud.Iam.Verdict.Allowed => "Allowed",
            LocalCloud.Iam.Verdict.Denied => "ExplicitlyDenied",
            _ => "ImplicitlyDenied",
        };

    private static AccessRequest Access((string Action, string Resource) request) =>
        new(Caller.Role(RoleArn, "session"), request.Action, request.Resource, Account);

    private static JsonObject Policy(Random random) => new()
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray([.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => (JsonNode)Statement(random))]),
    };

    private static JsonObject Statement(Random random)
    {
        var statement = new JsonObject
        {
            ["Effect"] = random.Next(4) == 0 ? "Deny" : "Allow",
            [random.Next(8) == 0 ? "NotAction" : "Action"] = Some(random, Actions),
            [random.Next(8) == 0 ? "NotResource" : "Resource"] = Some(random, Resources),
        };
        var conditions = new JsonObject();
        for (var i = random.Next(5) - 2; i > 0; i--)
        {
            var (operation, key, values) = Conditions[random.Next(Conditions.Length)];
            var keys = conditions[operation] as JsonObject ?? [];
            keys[key] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
            conditions[operation] = keys.DeepClone();
        }

        if (conditions.Count > 0)
        {
            statement["Condition"] = conditions;
        }

        return statement;
    }

    private static JsonArray Some(Random random, string[] all) =>
        new([.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => JsonValue.Create(all[random.Next(all.Length)]))]);
}
