using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class LifecyclePolicyTests : IDisposable
{
    private readonly RegistryFixture _registry = new();

    public LifecyclePolicyTests() => _registry.CreateRepository("web");

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task Preview_ByCount_ExpiresTheOldestSelectedImages()
    {
        await PushDaily("prod-1", "dev-1", "prod-2", "prod-3");

        Assert.Equal([("prod-1", 1)],
            await Preview(Rule(1, """ "tagStatus":"tagged","tagPatternList":["prod*"],"countType":"imageCountMoreThan","countNumber":2 """)));
    }

    [Fact]
    public async Task Preview_ByAge_CountsFromThePush()
    {
        await PushDaily("a", "b", "c");

        Assert.Equal([("a", 1)], await Preview(Rule(1, """ "tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":3 """)));
    }

    [Fact]
    public async Task Preview_ImageSelectedByAnEarlierRule_IsIgnoredByLaterOnes()
    {
        await PushDaily("keep-1", "other-1", "other-2");

        var expiring = await Preview(
            Rule(1, """ "tagStatus":"tagged","tagPrefixList":["keep"],"countType":"imageCountMoreThan","countNumber":5 """),
            Rule(2, """ "tagStatus":"any","countType":"imageCountMoreThan","countNumber":1 """));

        Assert.Equal([("other-1", 2)], expiring);
    }

    [Fact]
    public async Task Preview_SeveralPatterns_MustAllMatch()
    {
        var (_, manifest) = _registry.Push("web", "alpha", "a");
        _registry.Call("PutImage", _registry.PutImage("web", manifest, "beta"));
        _registry.Push("web", "alpha2", "b");
        await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(3), TestContext.Current.CancellationToken);

        Assert.Equal(
            [("alpha", 1)],
            await Preview(
                Rule(1, """ "tagStatus":"tagged","tagPatternList":["alpha*","beta*"],"countType":"sinceImagePushed","countUnit":"days","countNumber":1 """)));
    }

    [Fact]
    public async Task Preview_ChildrenOfAnIndex_StayWithIt()
    {
        var (child, _) = _registry.Push("web", null, "a");
        _registry.PushIndex("web", "multi", child);
        await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(3), TestContext.Current.CancellationToken);

        Assert.Empty(await Preview(Rule(1, """ "tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":1 """)));
    }

    [Fact]
    public async Task Policy_IsAppliedWithinADayAndPublishesDeleteEvents()
    {
        await PushDaily("a", "b", "c");
        _registry.Call("PutLifecyclePolicy", Input(Rule(1, """ "tagStatus":"any","countType":"imageCountMoreThan","countNumber":1 """)));
        Assert.Equal(0, _registry.Call("GetLifecyclePolicy", """{"repositoryName":"web"}""")["lastEvaluatedAt"]!.GetValue<decimal>());
        await _registry.Settle();
        _registry.Events.Clear();

        await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(1), TestContext.Current.CancellationToken);
        await _registry.Settle();

        Assert.Equal(
            "c", RegistryFixture.Text(Assert.Single(_registry.Call("ListImages", """{"repositoryName":"web"}""")["imageIds"]!.AsArray())!["imageTag"]));
        Assert.Equal(["b", "a"], _registry.Events.Select(deleted => RegistryFixture.Text(deleted.Detail["image-tag"])));
        Assert.NotEqual(0, _registry.Call("GetLifecyclePolicy", """{"repositoryName":"web"}""")["lastEvaluatedAt"]!.GetValue<decimal>());
    }

    [Theory]
    [InlineData("""{"rulePriority":1}""")]
    [InlineData("""{"rulePriority":1,"selection":{"tagStatus":"some","countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}""")]
    [InlineData("""{"rulePriority":1,"selection":{"tagStatus":"tagged","countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}""")]
    [InlineData("""{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":0},"action":{"type":"expire"}}""")]
    [InlineData("""{"rulePriority":1,"selection":{"tagStatus":"any","countType":"sinceImagePushed","countNumber":1},"action":{"type":"expire"}}""")]
    [InlineData("""{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1},"action":{"type":"keep"}}""")]
    [InlineData("""{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPatternList":["t*1*2*3*4*"],"countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}""")]
    [InlineData("""{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"},"extra":1}""")]
    [InlineData("7")]
    public void Put_BadRule_IsRefused(string rule)
    {
        Assert.Equal("InvalidParameterException", _registry.Fail("PutLifecyclePolicy", Input(rule)).Code);
        Assert.Equal("LifecyclePolicyNotFoundException", _registry.Fail("GetLifecyclePolicy", """{"repositoryName":"web"}""").Code);
    }

    /// <summary>Storage classes exist on AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html</summary>
    [Theory]
    [InlineData(""" "countType":"sinceImagePushed","countUnit":"days" """, """ "type":"transition","targetStorageClass":"archive" """, "transition")]
    [InlineData(""" "countType":"sinceImagePulled","countUnit":"days" """, """ "type":"expire" """, "sinceImagePulled")]
    [InlineData(""" "countType":"sinceImageTransitioned","countUnit":"days","storageClass":"archive" """, """ "type":"expire" """, "sinceImageTransitioned")]
    public void Put_RuleAboutTheArchive_IsRefusedAsTheCloudsOwnLimit(string selection, string action, string value) => Assert.Contains(
        $"the embedded cloud has no archive for images, and no rules about pulls: {value}",
        _registry.Fail("PutLifecyclePolicy", Input(
            $$"""{"rulePriority":1,"selection":{"tagStatus":"any","countNumber":1,{{selection}}},"action":{{{action}}} }""")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Put_TwoRulesWithOnePriority_AreRefused()
    {
        var rule = Rule(1, """ "tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":1 """);

        Assert.Equal("InvalidParameterException", _registry.Fail("PutLifecyclePolicy", Input(rule, rule)).Code);
    }

    [Fact]
    public void Put_RuleForAllImagesThatIsNotLast_IsRefused() => Assert.Contains(
        "Rule for tagStatus=ANY must have the lowest priority per storage class",
        _registry.Fail("PutLifecyclePolicy", Input(
            Rule(1, """ "tagStatus":"any","countType":"imageCountMoreThan","countNumber":1 """),
            Rule(2, """ "tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":1 """))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Put_TwoRulesForUntaggedImages_AreRefused() => Assert.Contains(
        "Only one rule can select Untagged images per storage class.",
        _registry.Fail("PutLifecyclePolicy", Input(
            Rule(1, """ "tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":1 """),
            Rule(2, """ "tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":1 """))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Put_RuleForTaggedImagesWithoutTags_IsRefused() => Assert.Contains(
        "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.",
        _registry.Fail("PutLifecyclePolicy", Input(Rule(1, """ "tagStatus":"tagged","countType":"imageCountMoreThan","countNumber":1 """))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Preview_NotStarted_IsNotFound()
    {
        Assert.Equal("LifecyclePolicyPreviewNotFoundException", _registry.Fail("GetLifecyclePolicyPreview", """{"repositoryName":"web"}""").Code);
        Assert.Equal("LifecyclePolicyNotFoundException", _registry.Fail("StartLifecyclePolicyPreview", """{"repositoryName":"web"}""").Code);
    }

    private async Task PushDaily(params string[] tags)
    {
        foreach (var tag in tags)
        {
            _registry.Push("web", tag, tag);
            await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(1), TestContext.Current.CancellationToken);
        }
    }

    private async Task<List<(string, int)>> Preview(params string[] rules)
    {
        _registry.Call("StartLifecyclePolicyPreview", Input(rules));
        Assert.Equal("LifecyclePolicyPreviewInProgressException", _registry.Fail("StartLifecyclePolicyPreview", Input(rules)).Code);
        await _registry.Settle();
        var preview = _registry.Call("GetLifecyclePolicyPreview", """{"repositoryName":"web"}""");
        Assert.Equal("COMPLETE", RegistryFixture.Text(preview["status"]));
        return [.. preview["previewResults"]!.AsArray().Select(item =>
            (RegistryFixture.Text(item!["imageTags"]![0]), item["appliedRulePriority"]!.GetValue<int>()))];
    }

    private static string Rule(int priority, string selection) =>
        $$$"""{"rulePriority":{{{priority}}},"description":"a rule","selection":{{{{selection}}}},"action":{"type":"expire"}}""";

    private static string Input(params string[] rules) => new JsonObject
    {
        ["repositoryName"] = "web",
        ["lifecyclePolicyText"] = $$"""{"rules":[{{string.Join(',', rules)}}]}""".PadRight(100),
    }.ToJsonString();
}
