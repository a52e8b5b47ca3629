using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Wire;

namespace Automation.Infra.Tests;

/// <summary>Only changed content makes a new recipe version. Deployed, as a catalog changes from one day to the next.</summary>
public sealed class RecipeTests : IDisposable
{
    private const string Changed =
        "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\nRUN dnf -y clean all\n";

    private static readonly Lazy<(string Id, string Hash, string Properties)> Unchanged = new(() => Synthesised(Catalog()));

    private readonly Cloud _cloud = new(new CloudOptions(), new InProcessFunctionHost());

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void ChangedDockerfile_IsTheNextVersionAndChangedBackANewerOne()
    {
        Create(Catalog());
        Assert.Equal("1.0.0", Version());

        Update(Catalog(dockerfile: Changed));
        Assert.Equal("1.0.1", Version());

        Update(Catalog());
        Assert.Equal("1.0.2", Version());
    }

    /// <summary>For a first deployment if Image Builder checks the parent image of a recipe: see `automation seed`.</summary>
    [Fact]
    public void RecipesLater_OmitsTheRecipesAndEverythingThatNeedsThem()
    {
        var now = Synthesis.Template(Synthesis.Shipped).Entries.ToDictionary(resource => resource.Id, resource => resource.Type);
        var later = Synthesis.With(new StackOptions { RecipesLater = true }).Entries.Select(resource => resource.Id).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(later.Except(now.Keys));
        Assert.Equal(
            [
                "AWS::Events::Rule", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::ImageBuilder::ContainerRecipe", "AWS::ImageBuilder::DistributionConfiguration",
                "AWS::ImageBuilder::ImagePipeline", "AWS::ImageBuilder::InfrastructureConfiguration", "AWS::Lambda::Permission", "AWS::Logs::LogGroup",
                "AWS::Scheduler::Schedule",
            ],
            now.Keys.Except(later).Select(id => now[id]).Distinct().Order(StringComparer.Ordinal));
        Assert.Single(now.Keys.Except(later), id => now[id] == "AWS::IAM::Role");
        Assert.Contains(now.Keys.Except(later), id => id.StartsWith("SchedulerRole", StringComparison.Ordinal));
    }

    [Fact]
    public void UnchangedContent_MakesNoVersionWhateverElseChanges()
    {
        Create(Catalog());
        var before = Recipe();

        Assert.Equal("ValidationError", Assert.Throws<AwsException>(() => Update(Catalog())).Code);
        Update(Catalog(promote: "\"maxAgeDays\": 3", pipeline: "\"containerTags\": [ \"edge\" ], \"tests\": false"));

        Assert.Equal(before, Recipe());
    }

    [Fact]
    public void RolledBackChange_KeepsTheVersionAndTheNextOneDoesNotCollide()
    {
        Create(Catalog());
        var before = Recipe();

        // The recipe is created, and the next resource is refused.
        var template = JsonNode.Parse(Synthesis.With(new StackOptions(), Catalog(dockerfile: Changed)).ToString())!;
        template["Resources"]!.AsObject().Single(resource => resource.Value!["Type"]!.ToString() == "AWS::ImageBuilder::ImagePipeline")
            .Value!["Properties"]!["InfrastructureConfigurationArn"] = "arn:aws:imagebuilder:us-east-1:123456789012:infrastructure-configuration/none";
        Assert.Equal("StackRolledBack", Assert.Throws<AwsException>(() => Deploy(template.ToJsonString(), _cloud.Stacks.Update)).Code);
        Assert.Equal(before, Recipe());

        Update(Catalog(dockerfile: Changed));
        Assert.Equal("1.0.1", Version());
    }

    [Fact]
    public void FixedVersion_ChangedContentIsRefusedAndANewVersionIsAccepted()
    {
        Create(Catalog(pipeline: "\"recipeVersion\": \"2.0.0\""));

        var refusal = Assert.Throws<AwsException>(() => Update(Catalog(dockerfile: Changed, pipeline: "\"recipeVersion\": \"2.0.0\"")));

        Assert.Contains("container-recipe/app/2.0.0", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("already exists", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("2.0.0", Version());
        Update(Catalog(dockerfile: Changed, pipeline: "\"recipeVersion\": \"2.0.1\""));
        Assert.Equal("2.0.1", Version());
    }

    public static TheoryData<string, string> Variants => new()
    {
        { "the Dockerfile", Catalog(dockerfile: Changed) },
        { "the base", Catalog(from: "golden/base:edge") },
        { "the base's repository", Catalog(from: "golden/other:stable") },
        { "the base's registry", Catalog(from: "public.ecr.aws/golden/base:stable") },
        { "the repository", Catalog(repository: "images/app2") },
        { "a component", Catalog(pipeline: "\"components\": [ \"update-linux\", \"hello-world-linux\" ]") },
        { "another component", Catalog(pipeline: "\"components\": [ \"arn:aws:imagebuilder:us-east-1:123456789012:component/update-linux/x.x.x\" ]") },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Hash_CoversTheWholeContentOfARecipe(string what, string catalog)
    {
        var (id, hash, properties) = Synthesised(catalog);
        var (sameId, same, sameProperties) = Unchanged.Value;

        Assert.False(properties == sameProperties, $"{what} is not seen in the recipe");
        Assert.NotEqual((sameId, same), (id, hash));
    }

    [Fact]
    public void Hash_IsATagOfTheRecipe()
    {
        var (id, hash, _) = Unchanged.Value;

        Assert.Matches("^[0-9a-f]{16}$", hash);
        Assert.Contains(hash, id, StringComparison.Ordinal);
    }

    // A fixed version is another recipe too, and its tag shows that it has the same content.
    [Fact]
    public void Version_IsNotPartOfTheContent()
    {
        var (id, hash, _) = Synthesised(Catalog(pipeline: "\"recipeVersion\": \"1.1.x\""));
        var (sameId, same, _) = Unchanged.Value;

        Assert.NotEqual(sameId, id);
        Assert.Equal(same, hash);
    }

    private static (string Id, string Hash, string Properties) Synthesised(string catalog)
    {
        var (id, properties) = Assert.Single(Synthesis.With(new StackOptions(), catalog).Of("AWS::ImageBuilder::ContainerRecipe"));
        var hash = properties["Tags"]!["automation:content"]!.ToString();
        properties.Remove("Tags");
        return (id, hash, properties.ToJsonString());
    }

    private string Version() => Recipe().Split('/')[^1];

    private string Recipe() => _cloud.Run(() =>
    {
        var stack = _cloud.Stacks.Find(_cloud.Options.Region, "Automation")!;
        return Assert.Single(stack.Resources, resource => resource.Type == "AWS::ImageBuilder::ContainerRecipe").PhysicalId;
    });

    private void Create(string catalog) => Deploy(Synthesis.With(new StackOptions(), catalog).ToString(), _cloud.Stacks.Create);

    private void Update(string catalog) => Deploy(Synthesis.With(new StackOptions(), catalog).ToString(), _cloud.Stacks.Update);

    private void Deploy(string template, Func<StackSource, StackRecord> deploy) => _cloud.Run(() => deploy(new StackSource("Automation", template)
    {
        Assets = new Dictionary<string, string> { [Synthesis.AssetFile] = AppContext.BaseDirectory },
    }));

    private static string Catalog(string from = "golden/base:stable", string repository = "images/app", string? dockerfile = null, string pipeline = "",
        string promote = "\"maxAgeDays\": 30")
    {
        var members = string.Join(", ",
            new[] { pipeline, dockerfile is null ? "" : $"\"dockerfile\": {JsonValue.Create(dockerfile).ToJsonString()}" }.Where(member => member.Length > 0));
        return $$"""
            { "repositories": [ { "name": "golden/base", "existing": true }, { "name": "golden/other", "existing": true } ],
              "images": [ { "name": "app", "from": "{{from}}", "repository": "{{repository}}", "pipeline": { {{members}} }, "promote": { {{promote}}, "floatingTags": [ "latest" ] } } ] }
            """;
    }
}
