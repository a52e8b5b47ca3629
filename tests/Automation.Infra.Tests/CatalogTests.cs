using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;

namespace Automation.Infra.Tests;

/// <summary>The stack has what the catalog says. An invalid catalog is refused before anything is created.</summary>
public sealed class CatalogTests
{
    public static TheoryData<string> Catalogs => Synthesis.Catalogs;

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void Stack_DeploysToTheEmbeddedCloud(string catalog)
    {
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
        var source = new StackSource(Synthesis.Shipped, Synthesis.Text(catalog))
        {
            Assets = new Dictionary<string, string> { [Synthesis.AssetFile] = AppContext.BaseDirectory },
        };

        var stack = cloud.Run(() => cloud.Stacks.Create(source));

        Assert.Equal("CREATE_COMPLETE", stack.Status);
        Assert.Equal(["AlertsTopicArn", "DeadLettersUrl", "RedriveArn", "StateMachineArn"],
            stack.Outputs.Select(output => output.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AdoptedPipelines_AreStartedButNotCreated()
    {
        var template = Synthesis.Template("adopted");

        Assert.DoesNotContain(template.Entries, entry => entry.Type.StartsWith("AWS::ImageBuilder::", StringComparison.Ordinal));
        Assert.Equal(["golden/base"], template.Of("AWS::ECR::Repository").Select(repository => Template.Text(repository.Properties["RepositoryName"])));
    }

    [Fact]
    public void AdoptedPipelines_MayBeStartedInTheAccountOfTheirArn()
    {
        var statements = Synthesis.Template("adopted").Of("AWS::IAM::Policy")
            .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray())
            .Where(statement => Template.Texts(statement!["Action"]).Contains("imagebuilder:StartImagePipelineExecution"))
            .SelectMany(statement => Template.Texts(statement!["Resource"]));

        Assert.Contains(statements, arn => arn.EndsWith(":image-pipeline/their-pipeline", StringComparison.Ordinal));
        Assert.Contains(statements, arn => arn.EndsWith(":image-pipeline/other-pipeline", StringComparison.Ordinal));
    }

    [Fact]
    public void AdoptedPipelineWithNamedRecipe_AllowsChangesOnlyToItsBuilds()
    {
        const string Catalog =
            """{"repositories":[{"name":"golden/base"}],"images":[{"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":"their-pipeline","recipe":"their-recipe"}]}""";
        var resources = Synthesis.With(new StackOptions(), Catalog).GrantsOfMoreThanReadingBuilds
            .SelectMany(statement => Template.Texts(statement["Resource"]))
            .Where(arn => arn.Contains(":image/", StringComparison.Ordinal) || arn.Contains(":container-recipe/", StringComparison.Ordinal))
            .Select(arn => arn[(arn.LastIndexOf(':') + 1)..]);

        Assert.Equal(["container-recipe/their-recipe/*", "image/their-recipe/*"], resources.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AdoptedPipelineWithoutFrom_MakesEveryPushRelevant()
    {
        var patterns = ArrivalPatterns("adopted");

        Assert.All(patterns, pattern => Assert.Null(pattern["detail"]!["repository-name"]));
    }

    /// <summary>A base image arrives by push, by replication, or through a pull-through cache.</summary>
    [Fact]
    public void EveryArrivalOfABase_HasARuleForTheRelevantRepositories()
    {
        var patterns = ArrivalPatterns(Synthesis.Shipped);

        Assert.Equal(
            ["ECR Image Action", "ECR Pull Through Cache Action", "ECR Replication Action"],
            patterns.SelectMany(pattern => Template.Texts(pattern["detail-type"])).Order(StringComparer.Ordinal));
        Assert.All(patterns, pattern => Assert.Equal(["golden/base", "images/runtime"], Template.Texts(pattern["detail"]!["repository-name"])));
    }

    /// <summary>A watched image triggers events, is read and is pulled like a base image.</summary>
    [Fact]
    public void WatchedRepositories_HaveARuleAndMayBePulled()
    {
        const string Catalog = """
            {"repositories":[{"name":"golden/base"},{"name":"golden/tools"}],"images":[
             {"name":"app","from":"golden/base:stable","repository":"images/app","build":{"watch":["golden/tools:v*","golden/tools:stable","images/certs:latest"]}},
             {"name":"certs","from":"golden/base:stable","repository":"images/certs","pipeline":"theirs","promote":{"floatingTags":["latest"]}}]}
            """;
        var template = Synthesis.With(new StackOptions(), Catalog);
        var pulled = template.Of("AWS::IAM::Policy").Where(policy => policy.Id.Contains("InstanceRole", StringComparison.Ordinal))
            .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray())
            .Where(statement => Template.Texts(statement!["Action"]).Contains("ecr:GetDownloadUrlForLayer"))
            .SelectMany(statement => Template.Texts(statement!["Resource"]))
            .Select(arn => arn[(arn.LastIndexOf(':') + 1)..]);

        Assert.All(ArrivalPatterns(template),
            pattern => Assert.Equal(["golden/base", "golden/tools", "images/certs"], Template.Texts(pattern["detail"]!["repository-name"])));
        Assert.Equal(["repository/golden/base", "repository/golden/tools", "repository/images/app", "repository/images/certs"],
            pulled.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html</summary>
    [Fact]
    public void ExistingBase_MayUseACacheSoReconcileAndInstancesMayImportIt()
    {
        const string Catalog = """
            {"repositories":[{"name":"mirror/alpine","existing":true},{"name":"other/tools","existing":true},{"name":"golden/base"}],
             "images":[{"name":"app","from":"mirror/alpine:3.20","repository":"images/app","pipeline":{} },
                       {"name":"runtime","from":"golden/base:stable","repository":"images/runtime","pipeline":{} }]}
            """;
        var template = Synthesis.With(new StackOptions(), Catalog);

        string[] Granted(string role, string action) => [.. template.Of("AWS::IAM::Policy").Where(policy => policy.Id.Contains(role, StringComparison.Ordinal))
            .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray())
            .Where(statement => Template.Texts(statement!["Action"]).Contains(action))
            .SelectMany(statement => Template.Texts(statement!["Resource"]))
            .Select(resource => resource.Split(':')[^1])];

        Assert.Equal(["repository/mirror/alpine"], Granted("FunctionsReconcile", "ecr:BatchImportUpstreamImage"));
        Assert.Equal(["repository/mirror/alpine"], Granted("FunctionsReconcile", "ecr:CreateRepository"));
        Assert.Equal(["repository/mirror/alpine"], Granted("FunctionsReconcile", "ecr:BatchGetImage"));
        Assert.Equal(["*"], Granted("FunctionsReconcile", "ecr:DescribePullThroughCacheRules"));
        Assert.Equal(["repository/mirror/alpine"], Granted("InstanceRole", "ecr:BatchImportUpstreamImage"));
        Assert.Empty(Granted("InstanceRole", "ecr:CreateRepository"));
    }

    [Fact]
    public void BasesNamedByParameterOrArn_AreInTheRecipeAndMayBeRead()
    {
        const string Catalog = """
            {"images":[{"name":"app","from":"ssm:/imagebuilder/base","repository":"images/app","pipeline":{} },
                       {"name":"runtime","from":"arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-x86-latest/x.x.x","repository":"images/runtime","pipeline":{} }]}
            """;
        var template = Synthesis.With(new StackOptions(), Catalog);
        var granted = template.Of("AWS::IAM::Policy").Where(policy => policy.Id.Contains("FunctionsReconcile", StringComparison.Ordinal))
            .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray())
            .ToLookup(statement => Template.Texts(statement!["Action"])[0], statement => Template.Texts(statement!["Resource"])[0]);

        Assert.Equal(
            ["arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-x86-latest/x.x.x", "ssm:/imagebuilder/base"],
            template.Of("AWS::ImageBuilder::ContainerRecipe").Select(recipe => recipe.Properties["ParentImage"]!.ToString()).Order(StringComparer.Ordinal));
        Assert.EndsWith(":parameter/imagebuilder/base", Assert.Single(granted["ssm:GetParameter"]), StringComparison.Ordinal);
        Assert.EndsWith(":aws:image/amazon-linux-x86-latest/*", Assert.Single(granted["imagebuilder:GetImage"]), StringComparison.Ordinal);
    }

    private static List<JsonNode> ArrivalPatterns(string catalog) => ArrivalPatterns(Synthesis.Template(catalog));

    private static List<JsonNode> ArrivalPatterns(Template template) => [.. template.Of("AWS::Events::Rule")
        .Select(rule => rule.Properties["EventPattern"]!)
        .Where(pattern => Template.Texts(pattern["source"]) is ["aws.ecr"])];

    [Fact]
    public void TwoRegions_AreBothDistributedTo()
    {
        var (_, distribution) = Assert.Single(Synthesis.Template("two-regions").Of("AWS::ImageBuilder::DistributionConfiguration"));

        Assert.Equal(["us-east-1", "eu-west-1"], distribution["Distributions"]!.AsArray().Select(each => each!["Region"]!.ToString()));
    }

    [Fact]
    public void ImageSchedule_IsAScheduleInItsTimeZone()
    {
        var schedules = Synthesis.Template(Synthesis.Shipped).Of("AWS::Scheduler::Schedule").Select(schedule => schedule.Properties).ToList();
        var own = schedules.Single(schedule => schedule["Target"]!["Input"]!.ToString().Contains("\"runtime\"", StringComparison.Ordinal));

        Assert.Equal("cron(0 3 ? * SUN *)", own["ScheduleExpression"]!.ToString());
        Assert.Equal("Etc/UTC", own["ScheduleExpressionTimezone"]!.ToString());
        Assert.Equal(2, schedules.Count);
    }

    // Through the app's entry point, like `cdk synth`.
    [Fact]
    public async Task InvalidCatalog_FailsTheSynthWithEveryFaultAndItsPath()
    {
        var folder = Directory.CreateTempSubdirectory("automation-catalog-");
        try
        {
            var catalog = Path.Combine(folder.FullName, "catalog.json");
            await File.WriteAllTextAsync(
                catalog,
                """
                {
                  "repositories": [ { "name": "golden/base", "watchTags": [ "stable" ] } ],
                  "images": [
                    { "name": "Runtime", "from": "golden/base:edge", "repository": "images/runtime" },
                    { "name": "app", "from": "images/app:latest", "repository": "images/app", "retain": { "keepLast": 0 }, "colour": "red" }
                  ]
                }
                """,
                TestContext.Current.CancellationToken);

            var (code, errors) = await SynthAsync(catalog);

            Assert.Equal(1, code);
            string[] faults = ["$.images[0].name", "$.images[0].from", "$.images[1].from", "$.images[1].retain.keepLast", "$.images[1].colour"];
            Assert.All(faults, path => Assert.Contains($"{path}:", errors, StringComparison.Ordinal));
            Assert.DoesNotContain("Unhandled exception", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task MissingCatalog_FailsTheSynthInOneLine()
    {
        var (code, errors) = await SynthAsync(Path.Combine(Path.GetTempPath(), "no-such-folder", "catalog.json"));

        Assert.Equal(1, code);
        Assert.StartsWith("The catalog cannot be read: ", errors, StringComparison.Ordinal);
        Assert.Contains("no-such-folder", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    // Image Builder distributes only to existing repositories: those of other Regions are in a stack there, which is deployed first.
    [Fact]
    public async Task OtherRegions_HaveARepositoryStackThatIsDeployedFirst()
    {
        var folder = Directory.CreateTempSubdirectory("automation-regions-");
        try
        {
            var (catalog, functions) = await TwoRegionsAsync(folder);

            var (code, errors) = await SynthAsync(catalog, ("AWS_REGION", "us-east-1"), ("AUTOMATION_FUNCTIONS", functions));

            Assert.True(code == 0, errors);
            Assert.Equal("", errors);
            using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
            var stacks = StackLoader.Load(cloud, Path.Combine(folder.FullName, "cdk.out"));
            Assert.Equal([("Automation-eu-west-1", "eu-west-1"), ("Automation", "us-east-1")], stacks.Select(stack => (stack.Name, stack.Region)));
            var (image, main) = (stacks[0].Resources.Single(), stacks[1].Resources.Where(resource => resource.Type == "AWS::ECR::Repository"));
            Assert.Contains(image.PhysicalId, main.Select(resource => resource.PhysicalId));
            Assert.Equal("MUTABLE_WITH_EXCLUSION", image.Properties["ImageTagMutability"]!.ToString());

            // The catalog next to the functions is the one that the stack was synthesised from.
            var shipped = Directory.EnumerateFiles(Path.Combine(folder.FullName, "cdk.out"), "catalog.json", SearchOption.AllDirectories);
            Assert.Equal(await File.ReadAllTextAsync(catalog, TestContext.Current.CancellationToken),
                await File.ReadAllTextAsync(Assert.Single(shipped), TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task SeveralRegions_WithoutTheStacksRegion_FailTheSynth()
    {
        var folder = Directory.CreateTempSubdirectory("automation-regions-");
        try
        {
            var (catalog, functions) = await TwoRegionsAsync(folder);

            var (code, errors) = await SynthAsync(catalog, ("AWS_REGION", ""), ("CDK_DEFAULT_REGION", ""), ("AUTOMATION_FUNCTIONS", functions));

            Assert.Equal(1, code);
            Assert.Contains("region: the catalog has images for several Regions", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A catalog with two Regions, and a folder that replaces the published functions.</summary>
    private static async Task<(string Catalog, string Functions)> TwoRegionsAsync(DirectoryInfo folder)
    {
        var functions = folder.CreateSubdirectory("functions").FullName;
        await File.WriteAllTextAsync(Path.Combine(functions, "bootstrap"), "replaces the published functions", TestContext.Current.CancellationToken);
        var catalog = Path.Combine(folder.FullName, "catalog.json");
        File.Copy(Synthesis.CatalogFile("two-regions"), catalog);
        return (catalog, functions);
    }

    private static async Task<(int Code, string Errors)> SynthAsync(string catalog, params (string Name, string Value)[] environment)
    {
        // From its own output folder, because newer versions of some libraries are next to the tests than its dependency list names.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var app = Path.Combine(Synthesis.Root, "artifacts", "bin", "Automation.Infra", configuration, "Automation.Infra.dll");
        var start = new ProcessStartInfo("dotnet", [app])
        {
            WorkingDirectory = Synthesis.Root,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["CDK_CONTEXT_JSON"] = new JsonObject { ["catalog"] = catalog }.ToJsonString(JsonSerializerOptions.Web);
        start.Environment["CDK_OUTDIR"] = Path.Combine(Path.GetDirectoryName(catalog)!, "cdk.out");
        start.Environment["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "20,21,22,23,24,25";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors);
    }
}
