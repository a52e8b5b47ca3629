using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.CloudFormation;

/// <summary>Templates with container pipelines deploy, build their image and go away again; what cannot is refused by name before anything exists.</summary>
public sealed class ContainerPipelineTemplateTests : IDisposable
{
    private readonly DeployFixture _cloud = new();

    public static TheoryData<string> Names => [.. ContainerPipelineTemplates.Names];

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Template_DeploysAndBuildsItsImage(string name)
    {
        var answer = Create(ContainerPipelineTemplates.Whole(name));
        Assert.True(_cloud.Status("sample") == "CREATE_COMPLETE", $"{answer.Value}\n{Events()}");

        var pipeline = "arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/sample";
        if (Call("POST", "ListImagePipelines", [])["imagePipelineList"]!.AsArray().Count > 0)
        {
            Call("PUT", "StartImagePipelineExecution", new JsonObject { ["imagePipelineArn"] = pipeline, ["clientToken"] = "t" });
        }

        await _cloud.Cloud.RunUntilIdleAsync(null, TestContext.Current.CancellationToken);
        if (Call("POST", "ListWaitingWorkflowSteps", [])["steps"]!.AsArray() is [{ } step])
        {
            Call("PUT", "SendWorkflowStepAction", new JsonObject
            {
                ["stepExecutionId"] = step["stepExecutionId"]!.DeepClone(),
                ["imageBuildVersionArn"] = step["imageBuildVersionArn"]!.DeepClone(),
                ["action"] = "RESUME",
                ["clientToken"] = "resume",
            });
            await _cloud.Cloud.RunUntilIdleAsync(null, TestContext.Current.CancellationToken);
        }

        var image = Assert.Single(Call("POST", "ListImageBuildVersions", [])["imageSummaryList"]!.AsArray())!;
        Assert.True((string?)image["state"]!["status"] == "AVAILABLE", image.ToJsonString());
        Assert.Contains("123456789012.dkr.ecr.us-east-1.amazonaws.com/sample:stable",
            image["outputResources"]!["containers"]![0]!["imageUris"]!.AsArray().Select(uri => (string)uri!));
    }

    [Fact]
    public void ImageResource_IsNamedByTheUriItGetsAndLeavesWithItsStack()
    {
        Create(ContainerPipelineTemplates.Whole("image-resource"));

        Assert.Equal(
            ["123456789012.dkr.ecr.us-east-1.amazonaws.com/sample:1.0.0-1", "arn:aws:imagebuilder:us-east-1:123456789012:image/sample-recipe/x.x.x"],
            DeployFixture.Texts(_cloud.Stacks("Action=DescribeStacks&StackName=sample"), "OutputValue"));
        _cloud.Stacks("Action=DeleteStack&StackName=sample");
        Assert.Empty(Call("POST", "ListImageBuildVersions", [])["imageSummaryList"]!.AsArray());
    }

    [Fact]
    public async Task Rule_WithAPipelineAsTarget_StartsIt()
    {
        Create(ContainerPipelineTemplates.Whole("rule-that-starts-it"));
        _cloud.Cloud.Run(() => _cloud.Cloud.EventBridge.PutEvents(
            new CallContext("us-east-1", "123456789012", "test"),
            new JsonObject { ["Entries"] = JsonNode.Parse("""[{"Source": "demo", "DetailType": "go", "Detail": "{}"}]""") }));
        await _cloud.Cloud.RunUntilIdleAsync(null, TestContext.Current.CancellationToken);

        Assert.Single(Call("POST", "ListImageBuildVersions", [])["imageSummaryList"]!.AsArray());
    }

    [Theory]
    [InlineData("  Image: { Type: AWS::ImageBuilder::Image, Properties: { ImageRecipeArn: !Ref Recipe, InfrastructureConfigurationArn: !Ref Infrastructure } }",
        "ImageRecipeArn is the recipe of an AMI")]
    [InlineData("  Starter: { Type: \"Custom::Start\", Properties: { ServiceToken: x } }", "Custom::Start")]
    [InlineData("  Build: { Type: AWS::CodeBuild::Project, Properties: { } }", "AWS::CodeBuild::Project")]
    [InlineData("  Public: { Type: AWS::ECR::PublicRepository, Properties: { } }", "AWS::ECR::PublicRepository")]
    [InlineData("  Image: { Type: AWS::ImageBuilder::Image, Properties: { ContainerRecipeArn: !Ref Recipe, DeletionSettings: { ExecutionRole: x } } }",
        "DeletionSettings")]
    [InlineData(
        "  Rule: { Type: AWS::Events::Rule, Properties: { Targets: [ { Id: a, Arn: \"arn:aws:kinesis:us-east-1:123456789012:stream/s\" } ] } }",
        "arn:aws:kinesis:us-east-1:123456789012:stream/s")]
    [InlineData("  Function: { Type: AWS::Lambda::Function, Properties: { Role: x, Runtime: python3.12, Code: { ZipFile: pass } } }", "inline code")]
    [InlineData("  Function: { Type: AWS::Lambda::Function, Properties: { Role: x, PackageType: Image, Code: { ImageUri: x } } }", "PackageType Image")]
    [InlineData("  Command: { Type: AWS::SSM::Document, Properties: { Content: { } } }", "AWS::SSM::Document")]
    [InlineData("  Version: { Type: \"Custom::ImageBuilder-Component-Version\", Properties: { ServiceToken: x } }", "Custom::ImageBuilder-Component-Version")]
    [InlineData("  Secret: { Type: AWS::SSM::Parameter, Properties: { Type: String, Value: \"{{resolve:secretsmanager:token}}\" } }",
        "{{resolve:secretsmanager:token}}")]
    [InlineData("  Other: { Type: AWS::SSM::Parameter, Properties: { Type: String, Value: !ImportValue network } }", "Fn::ImportValue")]
    [InlineData("  News: { Type: AWS::SNS::Topic, Properties: { FifoTopic: true } }", "FIFO topics")]
    [InlineData("  News: { Type: AWS::SNS::Topic, Properties: { Subscription: [ { Protocol: firehose, Endpoint: x } ] } }", "the protocol firehose")]
    [InlineData(
        "  Nightly: { Type: AWS::Scheduler::Schedule, Properties: { Target: { Arn: \"arn:aws:scheduler:::aws-sdk:imagebuilder:startImagePipelineExecution\", RoleArn: x } } }",
        "universal targets")]
    public void Template_WithWhatIsNotServed_IsRefusedByNameBeforeAnythingExists(string resource, string named)
    {
        var answer = Create($"{ContainerPipelineTemplates.Whole("lifecycle-policy")}{resource}\n");

        Assert.Contains(named, answer.Value, StringComparison.Ordinal);
        Assert.Contains("embedded cloud", answer.Value, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Call("POST", "ListContainerRecipes", [])["containerRecipeSummaryList"]!.AsArray());
        Assert.DoesNotContain("sample", DeployFixture.Texts(_cloud.Stacks("Action=ListStacks"), "StackName"));
    }

    private XElement Create(string template) => _cloud.Stacks(
        $"Action=CreateStack&StackName=sample&Capabilities.member.1=CAPABILITY_NAMED_IAM&TemplateBody={Uri.EscapeDataString(template)}");

    private string Events() => string.Join('\n', DeployFixture.Texts(_cloud.Stacks("Action=DescribeStackEvents&StackName=sample"), "ResourceStatusReason"));

    private JsonObject Call(string method, string operation, JsonObject body)
    {
        var answer = _cloud.Cloud.Handle(new WireRequest(
            method, "/" + operation, "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body.ToJsonString()))
        {
            Scope = new CredentialScope("AKID", "us-east-1", "imagebuilder"),
        });
        var text = Encoding.UTF8.GetString(answer.Body.Span);
        Assert.True(answer.Status == 200, text);
        return JsonNode.Parse(text)!.AsObject();
    }
}
