using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Local.Rehearsal;

namespace Automation.Local.Tests.Rehearsal;

/// <summary>What reading an account does to it, and what a saved file has of it.</summary>
public sealed partial class StateReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rehearsal-state-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Reading_MakesNoCallThatChangesAnything()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await new Workloads(cloud).StartOneOfEachAsync("images/app:latest");
        var calls = new SortedSet<string>(StringComparer.Ordinal);
        cloud.BeforeEachCall((service, operation) => calls.Add($"{service}:{operation}"));

        await RehearsalFixture.ReadAsync(cloud);

        Assert.Contains("ecr:DescribeImages", calls);
        Assert.Contains("imagebuilder:ListImagePipelineImages", calls);
        Assert.Contains("cloudformation:GetTemplate", calls);
        Assert.Contains("ecs:ListTasks", calls);
        Assert.All(calls, call => Assert.Matches(Reads(), call));
    }

    /// <summary>A pull keeps an image, and ECR counts a read manifest as a pull.</summary>
    [Fact]
    public async Task Reading_PullsOnlyBuildsThatMayGetATag()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        for (var release = 1; release <= 4; release++)
        {
            await fleet.PushAndSettleAsync($"12.{release}");
        }

        await cloud.AdvanceAsync(TimeSpan.FromHours(3));
        var before = await PullsAsync(fleet);
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(1));
        var state = await RehearsalFixture.ReadAsync(cloud);
        var pulled = (await PullsAsync(fleet)).Except(before).Select(each => each.Version);

        Assert.Equal(["1.0.0-4"], pulled);
        Assert.Equal(1, state.Registries.SelectMany(registry => registry.Repositories)
            .Single(repository => repository.Description["repositoryName"]!.ToString() == "images/app").Images.Count(image => image.Manifest is not null));
    }

    [Fact]
    public async Task SavedFile_HasNoSecrets()
    {
        var fleet = await TestCloud.StartAsync("approval", template: text =>
        {
            var template = JsonNode.Parse(text)!.AsObject();
            foreach (var (_, resource) in template["Resources"]!.AsObject())
            {
                if (resource!["Type"]!.ToString() == "AWS::ImageBuilder::ContainerRecipe")
                {
                    resource["Properties"]!["DockerfileTemplateData"] = "FROM {{{ imagebuilder:parentImage }}}\nENV TOKEN=hunter2\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n";
                }
                else if (resource["Type"]!.ToString() == "AWS::Lambda::Function")
                {
                    resource["Properties"]!["Environment"]!["Variables"]!["WEBHOOK"] = "https://chat.example/hunter2";
                }
            }

            template["Resources"]!["People"] = new JsonObject
            {
                ["Type"] = "AWS::SNS::Subscription",
                ["Properties"] = new JsonObject
                {
                    ["Protocol"] = "email",
                    ["Endpoint"] = "anna@hunter2.example",
                    ["TopicArn"] = new JsonObject
                    {
                        ["Ref"] = template["Resources"]!.AsObject()
                        .First(each => each.Value!["Type"]!.ToString() == "AWS::SNS::Topic").Key
                    },
                },
            };
            return template.ToJsonString();
        });
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await fleet.TagPipelineAsync("vault", ("owner", "hunter2"));
        var token = await fleet.TokenAsync((await fleet.ExecutionsAsync("release-vault"))[^1].ExecutionArn);
        var file = Path.Combine(_folder.FullName, "state.json");

        var state = await RehearsalFixture.ReadAsync(cloud);
        await StateFile.SaveAsync(state, file, Token);
        var text = await File.ReadAllTextAsync(file, Token);

        Assert.Contains("release-vault", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.DoesNotContain(token, text, StringComparison.Ordinal);
        Assert.DoesNotContain(JsonNode.Parse(state.Stacks[^1].Template)!["Resources"]!["People"]!.ToJsonString(), "hunter2", StringComparison.Ordinal);
    }

    /// <summary>Builds of the rehearsal run the default steps, and the assumptions name what that leaves out.</summary>
    [Fact]
    public async Task WorkflowsOfAPipeline_AreNamedAsNotRehearsed()
    {
        var fleet = await TestCloud.StartAsync("adopted", text: TestCloud.CatalogOf("adopted"));
        await using var cloud = fleet.Cloud;
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", "123456789012.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable");
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", "123456789012.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable");
        var workflow = await cloud.PutAsync("imagebuilder", "/CreateWorkflow", new JsonObject
        {
            ["name"] = "ask",
            ["semanticVersion"] = "1.0.0",
            ["type"] = "BUILD",
            ["data"] = """
                name: ask
                schemaVersion: 1.0
                steps:
                  - name: LaunchStep
                    action: LaunchInstance
                    inputs: { waitFor: ssmAgent }
                  - name: Approve
                    action: WaitForAction
                    onFailure: Abort
                  - name: ApplyComponents
                    action: ExecuteComponents
                """,
            ["clientToken"] = "workflow",
        });
        await cloud.PutAsync("imagebuilder", "/UpdateImagePipeline", new JsonObject
        {
            ["imagePipelineArn"] = fleet.PipelineArn("their-pipeline"),
            ["containerRecipeArn"] = "arn:aws:imagebuilder:us-east-1:123456789012:container-recipe/their-pipeline/1.0.0",
            ["infrastructureConfigurationArn"] = "arn:aws:imagebuilder:us-east-1:123456789012:infrastructure-configuration/their-pipeline",
            ["workflows"] = new JsonArray(new JsonObject { ["workflowArn"] = workflow["workflowBuildVersionArn"]!.ToString() }),
            ["executionRole"] = "arn:aws:iam::123456789012:role/theirs",
            ["clientToken"] = "pipeline",
        });

        var state = await RehearsalFixture.ReadAsync(cloud);
        using var fixture = new RehearsalFixture();
        var result = await fixture.RunAsync(state, new RehearsalPlan(1, [new Move.Push("golden/base", null, 1)], OnlyTold: true));

        Assert.Equal(
            ["The builds of their-pipeline run Image Builder's default steps: its workflows are not rehearsed (build/ask/1.0.0/1)."], state.Notes);
        Assert.Contains(result.Decisions, decision => decision is { Kind: "promoted", Image: "by-name" });
    }

    [Fact]
    public async Task SavedState_IsReadBackUnchanged()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        var (first, second) = (Path.Combine(_folder.FullName, "a.json"), Path.Combine(_folder.FullName, "b.json.gz"));

        await StateFile.SaveAsync(await RehearsalFixture.ReadAsync(cloud), first, Token);
        await StateFile.SaveAsync(await StateFile.LoadAsync(first, Token), second, Token);
        await StateFile.SaveAsync(await StateFile.LoadAsync(second, Token), $"{second}.json", Token);

        Assert.Equal(await File.ReadAllTextAsync(first, Token), await File.ReadAllTextAsync($"{second}.json", Token));
    }

    private static async Task<HashSet<(string? Version, DateTime? Pulled)>> PullsAsync(Fleet fleet) =>
        [.. (await fleet.ImagesAsync("images/app"))
            .Select(image => (image.ImageTags?.FirstOrDefault(tag => tag.StartsWith("1.0.0-", StringComparison.Ordinal)), image.LastRecordedPullTime))];

    [GeneratedRegex("^[a-z0-9-]+:(Get|List|Describe|BatchGet)[A-Za-z]+$")]
    private static partial Regex Reads();
}
