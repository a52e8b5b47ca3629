using System.Text.Json.Nodes;
using Automation.Core.Catalog;

namespace Automation.Infra.Tests;

/// <summary>AWS's limits on number or length, with as many images as one stack can have. More are refused at synth and not during a deployment.</summary>
public sealed class LargeCatalogTests
{
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    private const int MaxManagedPolicySize = 6144;
    private const int MaxInlinePolicySize = 10240;
    private const int MaxManagedPolicies = 10;

    [Theory]
    [InlineData(70, true)]
    [InlineData(75, false)]
    [InlineData(150, false)]
    public void PoliciesOfEveryRole_AreShortEnough(int images, bool defined)
    {
        var template = Synthesis.With(new StackOptions(), Catalog(images, defined));
        var policies = template.Entries.Where(resource => resource.Type is "AWS::IAM::Policy" or "AWS::IAM::ManagedPolicy")
            .SelectMany(resource => resource.Properties["Roles"]!.AsArray(),
                (resource, role) =>
                    (Role: Template.Target(role), IsManaged: resource.Type == "AWS::IAM::ManagedPolicy",
                        Length: Deployed(resource.Properties["PolicyDocument"]).Length))
            .ToList();

        Assert.True(template.Entries.Count() <= 500, $"{template.Entries.Count()} resources");
        Assert.Contains(policies, policy => policy.IsManaged);
        Assert.All(policies.GroupBy(policy => policy.Role), role =>
        {
            Assert.True(role.Count(policy => policy.IsManaged) <= MaxManagedPolicies,
                $"{role.Key} has {role.Count(policy => policy.IsManaged)} managed policies");
            Assert.All(role.Where(policy => policy.IsManaged), policy => Assert.InRange(policy.Length, 1, MaxManagedPolicySize));
            Assert.InRange(role.Where(policy => !policy.IsManaged).Sum(policy => policy.Length), 0, MaxInlinePolicySize);
        });
    }

    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    [Fact]
    public void PatternOfEveryRule_IsShortEnoughAndTogetherTheyHaveEveryBase()
    {
        var rules = Synthesis.With(new StackOptions(), Catalog(75, defined: false)).Of("AWS::Events::Rule")
            .Select(rule => rule.Properties["EventPattern"]!).ToList();
        var bases = rules.Where(pattern => Template.Texts(pattern["detail-type"]).Contains("ECR Image Action"))
            .SelectMany(pattern => Template.Texts(pattern["detail"]!["repository-name"]));

        Assert.Equal(75, bases.Distinct().Count());
        Assert.All(rules, pattern => Assert.InRange(pattern.ToJsonString().Length, 1, 2048));
    }

    [Theory]
    [InlineData(80, true, "images need 5")]
    [InlineData(500, false, "characters of a role's policies")]
    public void MoreThanOneStackCanHave_IsRefused(int images, bool defined, string why) =>
        Assert.Contains(why, Assert.Throws<CatalogException>(() => Synthesis.With(new StackOptions(), Catalog(images, defined))).Message,
            StringComparison.Ordinal);

    // With values of the length that AWS allows.
    private static string Deployed(JsonNode? node) => node switch
    {
        JsonObject o when o["Ref"]?.ToString() is { } id => id switch
        {
            "AWS::Partition" => "aws",
            "AWS::Region" => "ap-southeast-2",
            "AWS::AccountId" => "123456789012",
            _ => new string('r', 100),
        },
        JsonObject o when o["Fn::GetAtt"] is not null => new string('a', 100),
        JsonObject o when o["Fn::Join"] is JsonArray join => string.Concat(join[1]!.AsArray().Select(Deployed)),
        JsonObject o => $"{{{string.Join(',', o.Select(member => $"\"{member.Key}\":{Deployed(member.Value)}"))}}}",
        JsonArray list => $"[{string.Join(',', list.Select(Deployed))}]",
        _ => $"\"{node}\"",
    };

    private static string Catalog(int count, bool defined) => new JsonObject
    {
        ["repositories"] = new JsonArray(
            [.. Enumerable.Range(0, count).Select(
                number => new JsonObject { ["name"] = $"golden/base-of-service-{number:000}", ["existing"] = true, ["watchTags"] = new JsonArray("stable") })]),
        ["images"] = new JsonArray([.. Enumerable.Range(0, count).Select(number => new JsonObject
        {
            ["name"] = $"service-{number:000}",
            ["from"] = $"golden/base-of-service-{(defined ? 0 : number):000}:stable",
            ["repository"] = $"images/service-{number:000}",
            ["pipeline"] = defined ? new JsonObject() : $"service-{number:000}-pipeline",
            ["promote"] = new JsonObject { ["floatingTags"] = new JsonArray("latest"), ["gate"] = new JsonObject { ["severity"] = "HIGH" } },
        })]),
    }.ToJsonString();
}
