using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>Lifecycle policies of container images and their daily runs.</summary>
public sealed class LifecyclePolicyTests : IDisposable
{
    private readonly ImageBuilderFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public async Task RuleByCount_KeepsTheNewestOfEachRecipeVersion()
    {
        var builds = await BuildAsync(3);
        var policy = Create(Rule("COUNT", 2, containers: true));

        await _cloud.PassAsync(TimeSpan.FromDays(1.5));

        var result = Assert.Single(Results(policy));
        Assert.Equal((builds[0], "SUCCESS"), (result["resourceId"]!.ToString(), result["state"]!["status"]!.ToString()));
        Assert.Equal(["DELETED", "AVAILABLE", "AVAILABLE"], builds.Select(_cloud.Status));
        Assert.NotNull(_cloud.Ok("GetLifecyclePolicy", new { lifecyclePolicyArn = policy })["lifecyclePolicy"]!["dateLastRun"]);
    }

    [Fact]
    public async Task RuleByAge_RetainsTheNewestWhateverTheirAge()
    {
        var builds = await BuildAsync(2);
        var policy = Create(Rule("AGE", 10, unit: "DAYS", retainAtLeast: 1));

        await _cloud.PassAsync(TimeSpan.FromDays(5));
        Assert.Equal(["AVAILABLE", "AVAILABLE"], builds.Select(_cloud.Status));

        await _cloud.PassAsync(TimeSpan.FromDays(8));
        Assert.Equal(["DELETED", "AVAILABLE"], builds.Select(_cloud.Status));
        Assert.Single(Executions(policy), execution => (bool)execution["resourcesImpactedSummary"]!["hasImpactedResources"]!);
    }

    [Fact]
    public async Task ImageWithAnExcludedTag_IsSkippedWithAReason()
    {
        var builds = await BuildAsync(2);
        _cloud.Send("POST", $"/tags/{Uri.EscapeDataString(builds[0])}", "", new JsonObject { ["tags"] = new JsonObject { ["keep"] = "yes" } });
        var policy = Create(Rule("COUNT", 1, keep: true));

        await _cloud.PassAsync(TimeSpan.FromDays(1.5));

        var result = Assert.Single(Results(policy));
        Assert.Equal("SKIPPED", result["state"]!["status"]!.ToString());
        Assert.Equal(["AVAILABLE", "AVAILABLE"], builds.Select(_cloud.Status));
    }

    [Fact]
    public async Task DisabledPolicy_DoesNotRun()
    {
        var builds = await BuildAsync(2);
        var policy = Create(Rule("COUNT", 1), status: "DISABLED");

        await _cloud.PassAsync(TimeSpan.FromDays(3));

        Assert.Empty(Executions(policy));
        Assert.Equal(["AVAILABLE", "AVAILABLE"], builds.Select(_cloud.Status));
        Assert.Equal([policy], _cloud.Ok("ListLifecyclePolicies", new { })["lifecyclePolicySummaryList"]!.AsArray().Select(each => each!["arn"]!.ToString()));
        _cloud.Ok("DeleteLifecyclePolicy", new { lifecyclePolicyArn = policy });
        _cloud.Refused("InvalidRequestException", 400, "GetLifecyclePolicy", new { lifecyclePolicyArn = policy });
    }

    // https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-lifecycle-rules.html
    [Theory]
    [InlineData("DISABLE", "CONTAINER_IMAGE", "COUNT", null, "The action DISABLE is not available for container images.")]
    [InlineData("DEPRECATE", "CONTAINER_IMAGE", "COUNT", null, "The action DEPRECATE is not available for container images.")]
    [InlineData("DELETE", "AMI_IMAGE", "COUNT", null, "The embedded cloud does not run lifecycle policies for AMIs")]
    [InlineData("DELETE", "CONTAINER_IMAGE", "AGE", null, "A filter by AGE has a unit")]
    [InlineData("DELETE", "CONTAINER_IMAGE", "COUNT", "DAYS", "A filter by AGE has a unit")]
    public void WrongPolicy_IsRefused(string action, string resource, string filter, string? unit, string expected)
    {
        var rule = new JsonObject
        {
            ["action"] = new JsonObject { ["type"] = action },
            ["filter"] = new JsonObject { ["type"] = filter, ["value"] = 1, ["unit"] = unit }
        };

        var refused = _cloud.Try("CreateLifecyclePolicy", Policy(rule, "ENABLED", resource));

        ImageBuilderFixture.AssertRefused("InvalidRequestException", 400, refused);
        Assert.Contains(expected, ImageBuilderFixture.Body(refused)["message"]!.ToString(), StringComparison.Ordinal);
    }

    private async Task<string[]> BuildAsync(int count)
    {
        _cloud.CreateRepository("app");
        var pipeline = _cloud.CreatePipeline();
        var builds = new List<string>();
        for (var i = 0; i < count; i++)
        {
            builds.Add(_cloud.Start(pipeline));
            await _cloud.IdleAsync();
        }

        return [.. builds];
    }

    private string Create(JsonObject rule, string status = "ENABLED") =>
        _cloud.Ok("CreateLifecyclePolicy", Policy(rule, status, "CONTAINER_IMAGE"))["lifecyclePolicyArn"]!.ToString();

    private static JsonObject Policy(JsonObject rule, string status, string resource) => new()
    {
        ["name"] = "old images",
        ["executionRole"] = "lifecycle",
        ["resourceType"] = resource,
        ["status"] = status,
        ["policyDetails"] = new JsonArray(rule),
        ["resourceSelection"] = new JsonObject { ["recipes"] = new JsonArray(new JsonObject { ["name"] = "app", ["semanticVersion"] = "1.x.x" }) },

    };

    private static JsonObject Rule(string type, int value, string? unit = null, int? retainAtLeast = null, bool containers = false, bool keep = false)
    {
        var rule = new JsonObject
        {
            ["action"] = new JsonObject { ["type"] = "DELETE", ["includeResources"] = new JsonObject { ["containers"] = containers } },
            ["filter"] = new JsonObject { ["type"] = type, ["value"] = value, ["unit"] = unit, ["retainAtLeast"] = retainAtLeast },
        };
        if (keep)
        {
            rule["exclusionRules"] = new JsonObject { ["tagMap"] = new JsonObject { ["keep"] = "yes" } };
        }

        return rule;
    }

    private IReadOnlyList<JsonNode> Executions(string policy) => [
        .. _cloud.Ok("ListLifecycleExecutions", new { resourceArn = policy })["lifecycleExecutions"]!.AsArray().Select(each => each!)
    ];

    private IReadOnlyList<JsonNode> Results(string policy) =>
        [
            .. _cloud.Ok("ListLifecycleExecutionResources",
                new { lifecycleExecutionId = Executions(policy)[0]["lifecycleExecutionId"]!.ToString() })["resources"]!.AsArray().Select(each => each!)
        ];
}
