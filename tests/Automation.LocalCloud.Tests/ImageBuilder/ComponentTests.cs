using Automation.LocalCloud.ImageBuilder;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

public sealed class ComponentTests : IDisposable
{
    private const string Component = """
        name: tool
        schemaVersion: 1.0
        parameters:
          - Package: { type: string, description: what }
        phases:
          - name: build
            steps:
              - name: Install
                action: ExecuteBash
                inputs:
                  commands:
                    - yum install -y {{ Package }}
        """;

    private readonly ImageBuilderFixture _cloud = new();

    [Fact]
    public void Component_IsCheckedUsedAndProtected()
    {
        var arn =
            _cloud.Ok("CreateComponent",
                new { name = "tool", semanticVersion = "1.0.0", platform = "Linux", data = Component })["componentBuildVersionArn"]!.GetValue<string>();

        Assert.Equal(Arn("component/tool/1.0.0/1"), arn);
        var component = _cloud.Ok("GetComponent", new { componentBuildVersionArn = Arn("component/tool/x.x.x") })["component"]!;
        Assert.Equal("BUILD", component["type"]!.GetValue<string>());
        Assert.Equal("Package", component["parameters"]![0]!["name"]!.GetValue<string>());
        _cloud.Refused("InvalidParameterValueException", 400, "CreateContainerRecipe", _cloud.Recipe(components: [new { componentArn = arn }]));
        _cloud.Refused("InvalidParameterValueException", 400, "CreateContainerRecipe",
            _cloud.Recipe(components: [new { componentArn = arn, parameters = new[] { new { name = "Other", value = new[] { "x" } } } }]));
        _cloud.CreateRecipe(components: [new { componentArn = arn, parameters = new[] { new { name = "Package", value = new[] { "curl" } } } }]);
        _cloud.Refused("ResourceDependencyException", 400, "DeleteComponent", new { componentBuildVersionArn = arn });
        _cloud.Refused(
            "ResourceAlreadyExistsException", 400, "CreateComponent", new { name = "tool", semanticVersion = "1.0.0", platform = "Linux", data = Component });
        _cloud.Refused("DryRunOperationException", 412, "CreateComponent",
            new { name = "tool", semanticVersion = "2.0.0", platform = "Linux", data = Component, dryRun = true });
        Assert.Single(_cloud.Ok("ListComponents", new { byName = true })["componentVersionList"]!.AsArray());
    }

    [Theory]
    [InlineData("schemaVersion: 1.0", "schemaVersion: 2.0")]
    [InlineData("name: build", "name: deploy")]
    [InlineData("name: build", "name: container-host-test")] // Allowed only in addition to build, validate or test.
    [InlineData("action: ExecuteBash", "action: ExecuteMagic")]
    [InlineData("commands:", "command:")]
    [InlineData("phases:", "phase:")]
    [InlineData("type: string", "type: number")]
    [InlineData("name: tool", "name: tool\n  bad indent: [")]
    public void CreateComponent_BrokenDocument_IsRefused(string part, string instead) => _cloud.Refused(
        "InvalidParameterValueException", 400, "CreateComponent",
        new { name = "tool", semanticVersion = "1.0.0", platform = "Linux", data = Component.Replace(part, instead, StringComparison.Ordinal) });

    [Fact]
    public void CreateComponent_WithADocumentInS3_HasItsText()
    {
        _cloud.PutObject("/documents/tool.yaml", Component);
        var arn = _cloud.Ok("CreateComponent",
            new { name = "tool", semanticVersion = "1.0.0", platform = "Linux", uri = "s3://documents/tool.yaml" })["componentBuildVersionArn"]!.GetValue<string>();

        Assert.Equal(Component, (string?)_cloud.Ok("GetComponent", new { componentBuildVersionArn = arn })["component"]!["data"]);
        _cloud.Refused("InvalidParameterValueException", 400, "CreateComponent",
            new { name = "tool", semanticVersion = "2.0.0", platform = "Linux", uri = "s3://documents/none" });
    }

    /// <summary>https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html</summary>
    [Theory]
    [InlineData("build", "BUILD")]
    [InlineData("test", "TEST")]
    public void CreateComponent_WithContainerHostTests_IsAccepted(string other, string type)
    {
        const string Steps = "steps: [ { name: Ask, action: ExecuteBash, inputs: { commands: [ uptime ] } } ]";
        var data = $"schemaVersion: 1.0\nphases:\n  - name: {other}\n    {Steps}\n  - name: container-host-test\n    {Steps}\n";
        var arn =
            _cloud.Ok("CreateComponent",
                new { name = "probe", semanticVersion = "1.0.0", platform = "Linux", data })["componentBuildVersionArn"]!.GetValue<string>();

        Assert.Equal(type, _cloud.Ok("GetComponent", new { componentBuildVersionArn = arn })["component"]!["type"]!.GetValue<string>());
    }

    [Fact]
    public void ManagedComponents_AreListedForAmazonAndParse()
    {
        var managed = ManagedComponents.In(Region).ToList();
        Assert.All(managed, component => Assert.Equal(component.Type, ComponentDocument.Parse(component.Data).Type));
        Assert.Equal(managed.Count, ListAll().Count);
        Assert.Equal("Amazon",
            _cloud.Ok("GetComponent",
                new { componentBuildVersionArn = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x" })["component"]!["owner"]!.GetValue<string>());
    }

    /// <summary>Recipes pin versions, of which Amazon publishes no list.</summary>
    [Theory]
    [InlineData("docker-ce-linux/x.x.x", "docker-ce-linux/1.0.0/1")]
    [InlineData("docker-ce-linux/1.x.x", "docker-ce-linux/1.0.0/1")]
    [InlineData("update-linux/x.x.x", "update-linux/1.0.2/1")]
    [InlineData("amazon-cloudwatch-agent-linux/1.0.0/1", "amazon-cloudwatch-agent-linux/1.0.0/1")]
    [InlineData("stig-build-linux-medium/2024.2.x", "stig-build-linux-medium/2024.2.0/1")]
    public void ManagedComponent_ExistsInEveryVersion(string wanted, string found) => Assert.Equal(
        $"arn:aws:imagebuilder:us-east-1:aws:component/{found}",
        (string?)_cloud.Ok(
            "GetComponent", new { componentBuildVersionArn = $"arn:aws:imagebuilder:us-east-1:aws:component/{wanted}" })["component"]!["arn"]);

    [Fact]
    public void ManagedComponent_OfAnUnknownName_DoesNotExist() => _cloud.Refused(
        "ResourceNotFoundException", 404, "GetComponent", new { componentBuildVersionArn = "arn:aws:imagebuilder:us-east-1:aws:component/docker-linux/x.x.x" });

    private List<string> ListAll()
    {
        var found = new List<string>();
        var page = _cloud.Ok("ListComponents", new { owner = "Amazon" });
        while (true)
        {
            found.AddRange(page["componentVersionList"]!.AsArray().Select(item => (string)item!["arn"]!));
            if (page["nextToken"] is not { } token)
            {
                return found;
            }

            page = _cloud.Ok("ListComponents", new { owner = "Amazon", nextToken = (string?)token });
        }
    }

    public void Dispose() => _cloud.Dispose();
}
