using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Workloads;

/// <summary>AWS Batch, SageMaker AI, CodeBuild and App Runner: what their lists show, page by page. Every answer is checked against AWS's models.</summary>
public sealed class ListedWorkloadTests : IDisposable
{
    private const string Image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:v1";

    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void JobDefinitions_AreListedByRevisionAndStatus()
    {
        for (var revision = 1; revision <= 3; revision++)
        {
            Assert.Equal(revision, (int)Batch("registerjobdefinition", Job("nightly"))["revision"]!);
        }

        Batch("deregisterjobdefinition", """{"jobDefinition":"nightly:2"}""");

        var first = Batch("describejobdefinitions", """{"status":"ACTIVE","maxResults":1}""");
        var second = Batch("describejobdefinitions", $$"""{"status":"ACTIVE","maxResults":1,"nextToken":"{{first["nextToken"]}}"}""");
        Assert.Equal([3, 1], new[] { first, second }.Select(page => (int)Assert.Single(page["jobDefinitions"]!.AsArray())!["revision"]!));
        Assert.Null(second["nextToken"]);
        Assert.Equal(Image, second["jobDefinitions"]![0]!["containerProperties"]!["image"]!.ToString());
        Assert.Equal("INACTIVE", Batch("describejobdefinitions", """{"jobDefinitions":["nightly:2"]}""")["jobDefinitions"]![0]!["status"]!.ToString());
        Assert.Empty(Batch("describejobdefinitions", """{"jobDefinitionName":"other"}""")["jobDefinitions"]!.AsArray());
    }

    [Fact]
    public void Models_AreListedNewestFirstAndDescribed()
    {
        foreach (var name in new[] { "Ranker", "scorer" })
        {
            Call("sagemaker", "SageMaker.CreateModel", $$"""{"ModelName":"{{name}}","PrimaryContainer":{"Image":"{{Image}}"} }""");
        }

        var page = Call("sagemaker", "SageMaker.ListModels", """{"MaxResults":1}""");
        Assert.Equal("scorer", Assert.Single(page["Models"]!.AsArray())!["ModelName"]!.ToString());
        page = Call("sagemaker", "SageMaker.ListModels", $$"""{"MaxResults":1,"NextToken":"{{page["NextToken"]}}"}""");
        Assert.Equal("arn:aws:sagemaker:us-east-1:123456789012:model/ranker", page["Models"]![0]!["ModelArn"]!.ToString());
        Assert.Equal(Image, Call("sagemaker", "SageMaker.DescribeModel", """{"ModelName":"Ranker"}""")["PrimaryContainer"]!["Image"]!.ToString());

        Call("sagemaker", "SageMaker.DeleteModel", """{"ModelName":"Ranker"}""");
        Assert.Equal("ValidationException", Refused("sagemaker", "SageMaker.DescribeModel", """{"ModelName":"Ranker"}"""));
    }

    [Fact]
    public void Projects_AreListedByNameAndReadTogether()
    {
        Create("b");
        Create("a");

        Assert.Equal(["a-project", "b-project"], Call("codebuild", "CodeBuild_20161006.ListProjects", "{}")["projects"]!.AsArray().Select(name => name!.ToString()));
        var read = Call("codebuild", "CodeBuild_20161006.BatchGetProjects", """{"names":["a-project","gone"]}""");
        Assert.Equal(Image, Assert.Single(read["projects"]!.AsArray())!["environment"]!["image"]!.ToString());
        Assert.Equal(["gone"], read["projectsNotFound"]!.AsArray().Select(name => name!.ToString()));

        void Create(string name) => Call("codebuild", "CodeBuild_20161006.CreateProject",
            $$"""{"name":"{{name}}-project","source":{"type":"NO_SOURCE"},"artifacts":{"type":"NO_ARTIFACTS"},"environment":{"type":"LINUX_CONTAINER","computeType":"BUILD_GENERAL1_SMALL","image":"{{Image}}"},"serviceRole":"arn:aws:iam::123456789012:role/r"}""");
    }

    [Fact]
    public void Services_AreListedAndStayAsDeleted()
    {
        var arn = Call("apprunner", "AppRunner.CreateService", Service("front"))["Service"]!["ServiceArn"]!.ToString();

        Assert.Equal(Image,
            Call("apprunner", "AppRunner.DescribeService", $$"""{"ServiceArn":"{{arn}}"}""")["Service"]!["SourceConfiguration"]!["ImageRepository"]!["ImageIdentifier"]!
                .ToString());
        Assert.Equal("InvalidRequestException", Refused("apprunner", "AppRunner.CreateService", Service("front")));
        Call("apprunner", "AppRunner.DeleteService", $$"""{"ServiceArn":"{{arn}}"}""");
        Assert.Equal("DELETED", Assert.Single(Call("apprunner", "AppRunner.ListServices", "{}")["ServiceSummaryList"]!.AsArray())!["Status"]!.ToString());
    }

    [Theory]
    [InlineData("sagemaker", "SageMaker.CreateModel", """{"ModelName":"m"}""", "ValidationException")]
    [InlineData("sagemaker", "SageMaker.CreateModel", """{"ModelName":"a b","PrimaryContainer":{}}""", "ValidationException")]
    [InlineData("codebuild", "CodeBuild_20161006.BatchGetProjects", """{"names":[]}""", "InvalidInputException")]
    [InlineData("codebuild", "CodeBuild_20161006.CreateProject", """{"name":"ab"}""", "InvalidInputException")]
    [InlineData("apprunner", "AppRunner.DescribeService", """{"ServiceArn":"arn:aws:apprunner:us-east-1:123456789012:service/a/b"}""", "ResourceNotFoundException")]
    [InlineData("apprunner", "AppRunner.CreateService", """{"ServiceName":"code","SourceConfiguration":{"CodeRepository":{}}}""", "InvalidRequestException")]
    public void Request_TheServiceWouldRefuse_IsRefused(string service, string target, string input, string code) =>
        Assert.Equal(code, Refused(service, target, input));

    [Theory]
    [InlineData("""{"type":"container"}""")]
    [InlineData("""{"jobDefinitionName":"a b","type":"container"}""")]
    [InlineData("""{"jobDefinitionName":"a","type":"other"}""")]
    public void JobDefinition_TheServiceWouldRefuse_IsRefused(string input) =>
        Assert.Equal("ClientException", Code(Send("batch", "/v1/registerjobdefinition", null, input)));

    [Theory]
    [InlineData("batch", "DescribeJobDefinitions", "*", "{}")]
    [InlineData("sagemaker", "ListModels", "*", "{}")]
    [InlineData("sagemaker", "DescribeModel", "arn:aws:sagemaker:us-east-1:123456789012:model/ranker", """{"ModelName":"Ranker"}""")]
    [InlineData("codebuild", "ListProjects", "*", "{}")]
    [InlineData("codebuild", "BatchGetProjects", "arn:aws:codebuild:us-east-1:123456789012:project/compile", """{"names":["compile"]}""")]
    [InlineData("apprunner", "ListServices", "*", "{}")]
    [InlineData("apprunner", "DescribeService", "arn:aws:apprunner:us-east-1:123456789012:service/a/b",
        """{"ServiceArn":"arn:aws:apprunner:us-east-1:123456789012:service/a/b"}""")]
    public void Permission_IsThatOfTheReference(string service, string operation, string resource, string input)
    {
        IWireService served = service switch
        {
            "batch" => new Automation.LocalCloud.Batch.BatchService(_cloud),
            "sagemaker" => new Automation.LocalCloud.SageMaker.SageMakerService(_cloud),
            "codebuild" => new Automation.LocalCloud.CodeBuild.CodeBuildService(_cloud),
            _ => new Automation.LocalCloud.AppRunner.AppRunnerService(_cloud),
        };
        var request = new WireRequest("POST", "/", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(input));

        Assert.Equal([new Need($"{service}:{operation}", resource)], served.Needs(operation, request, new CallContext("us-east-1", "123456789012", "")));
    }

    private static string Job(string name) =>
        $$"""{"jobDefinitionName":"{{name}}","type":"container","containerProperties":{"image":"{{Image}}"} }""";

    private static string Service(string name) =>
        $$"""{"ServiceName":"{{name}}","SourceConfiguration":{"ImageRepository":{"ImageIdentifier":"{{Image}}","ImageRepositoryType":"ECR"} } }""";

    private JsonObject Batch(string path, string input) => Body(Send("batch", $"/v1/{path}", null, input));

    private JsonObject Call(string service, string target, string input) => Body(Send(service, "/", target, input));

    private string Refused(string service, string target, string input) => Code(Send(service, "/", target, input));

    private static JsonObject Body(WireResponse answer)
    {
        var body = JsonNode.Parse(answer.Body.Span)!.AsObject();
        Assert.True(answer.Status == 200, body.ToJsonString());
        return body;
    }

    private static string Code(WireResponse answer)
    {
        Assert.Equal(400, answer.Status);
        return answer.Headers["x-amzn-ErrorType"];
    }

    private WireResponse Send(string service, string path, string? target, string input) => _cloud.Handle(new WireRequest(
        "POST", path, "", target is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["x-amz-target"] = target },
        Encoding.UTF8.GetBytes(input))
    {
        Scope = new CredentialScope("AKIDTEST", "us-east-1", service),
    });
}
