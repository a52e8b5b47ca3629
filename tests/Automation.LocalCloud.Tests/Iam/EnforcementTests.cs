using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>Calls with the role of a function, and calls of people.</summary>
public sealed class EnforcementTests : EnforcementFixture
{
    [Fact]
    public void CallOfAFunction_NotGranted_FailsAsInAwsInEachProtocol()
    {
        Deploy("""{"Effect":"Allow","Action":"ecr:DescribeImages","Resource":"arn:aws:ecr:*:123456789012:repository/images/app"}""");
        var who = $"User: arn:aws:sts::123456789012:assumed-role/{TheRole}/worker is not authorized to perform: ";

        var (status, code, message) = Ecr("PutImage", "images/app");
        Assert.Equal((400, "AccessDeniedException"), (status, code));
        Assert.Equal(
            who
                + "ecr:PutImage on resource: arn:aws:ecr:us-east-1:123456789012:repository/images/app because no identity-based policy allows the ecr:PutImage action",
            message);

        var image = Send("imagebuilder", "GET", "/GetImagePipeline",
            "imagePipelineArn=arn%3Aaws%3Aimagebuilder%3Aus-east-1%3A123456789012%3Aimage-pipeline%2Fapp", null, "");
        Assert.Equal((403, "AccessDeniedException"), (image.Status, image.Headers["x-amzn-ErrorType"]));
        Assert.Contains("imagebuilder:GetImagePipeline on resource: arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/app", Text(image),
            StringComparison.Ordinal);

        var publish = Send("sns", "POST", "/", "", null, $"Action=Publish&Message=m&TopicArn={Uri.EscapeDataString(Topic)}");
        Assert.Equal(403, publish.Status);
        Assert.Contains("<Code>AuthorizationError</Code>", Text(publish), StringComparison.Ordinal);
        Assert.Equal(3, Journal.Count(entry => entry is { Source: "iam", Kind: "access-denied" }));
    }

    // The operation succeeds without lambda:ListTags, and leaves the tags out.
    [Theory]
    [InlineData("\"lambda:GetFunction\"", "TagsError", "\"Tags\"")]
    [InlineData("\"lambda:GetFunction\",\"lambda:ListTags\"", "\"Tags\"", "TagsError")]
    public void GetFunction_HasTheTagsOnlyWithThePermissionForThem(string actions, string shown, string hidden)
    {
        Deploy($$"""{"Effect":"Allow","Action":[{{actions}}],"Resource":"{{Function}}"}""");
        Send("lambda", "POST", $"/2017-03-31/tags/{Uri.EscapeDataString(Function)}", "", null, """{"Tags":{"team":"a"}}""", "AKIDPERSON");

        var text = Text(Send("lambda", "GET", "/2015-03-31/functions/worker", "", null, ""));

        Assert.Contains(shown, text, StringComparison.Ordinal);
        Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DescribeImages", "images/app", true)]
    [InlineData("DescribeImages", "images/other", false)]
    [InlineData("BatchGetImage", "images/app", false)]
    [InlineData("GetAuthorizationToken", null, false)]
    [InlineData("DescribeRepositories", null, false)]
    public void CallOfAFunction_IsLimitedToActionAndRepository(string operation, string? repository, bool allowed)
    {
        Deploy(
            """{"Effect":"Allow","Action":["ecr:DescribeImages","ecr:DescribeRepositories"],"Resource":"arn:aws:ecr:*:123456789012:repository/images/app"}""");

        Assert.Equal(!allowed, Ecr(operation, repository).Code == "AccessDeniedException");
    }

    [Theory]
    [InlineData("""{}""", "StartImagePipelineExecution GetImagePipeline", "image-pipeline/app", ServiceLinkedRole, null)]
    [InlineData("""{}""", "StartImagePipelineExecution", "image-pipeline/app", ServiceLinkedRole, "imagebuilder:GetImagePipeline")]
    [InlineData("""{}""", "GetImagePipeline TagResource", "image-pipeline/app", ServiceLinkedRole, "imagebuilder:StartImagePipelineExecution")]
    [InlineData("""{}""", "StartImagePipelineExecution GetImagePipeline", "image-pipeline/app", "arn:aws:iam::123456789012:role/other",
        "iam:CreateServiceLinkedRole")]
    [InlineData("""{"a":"b"}""", "StartImagePipelineExecution GetImagePipeline", "image-pipeline/app", ServiceLinkedRole, "imagebuilder:TagResource")]
    [InlineData("""{"a":"b"}""", "StartImagePipelineExecution GetImagePipeline TagResource", "image-pipeline/app", ServiceLinkedRole, null)]
    [InlineData("""{"a":"b"}""", "StartImagePipelineExecution GetImagePipeline TagResource", "image/*", ServiceLinkedRole,
        "imagebuilder:StartImagePipelineExecution")]
    public void StartingAPipeline_NeedsItsDependentActionsOnThePipeline(string tags, string actions, string resource, string role, string? missing)
    {
        Deploy(
            $$"""{"Effect":"Allow","Action":[{{string.Join(',', actions.Split(' ').Select(action => $"\"imagebuilder:{action}\""))}}],"Resource":"arn:aws:imagebuilder:us-east-1:123456789012:{{resource}}"}""",
            $$"""{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"{{role}}","Condition":{"StringEquals":{"iam:AWSServiceName":"imagebuilder.amazonaws.com"} } }""");

        var answer = Start(tags);

        Assert.Equal(missing is null ? "ResourceNotFoundException" : "AccessDeniedException", answer.Headers["x-amzn-ErrorType"]);
        Assert.Contains(missing ?? "image-pipeline/app", Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void StartingAPipeline_WithTagsGrantedOnlyOnTheBuild_IsRefused()
    {
        Deploy(
            """{"Effect":"Allow","Action":["imagebuilder:StartImagePipelineExecution","imagebuilder:GetImagePipeline"],"Resource":"arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/app"}""",
            """{"Effect":"Allow","Action":"imagebuilder:TagResource","Resource":"arn:aws:imagebuilder:us-east-1:123456789012:image/app/*"}""",
            $$"""{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"{{ServiceLinkedRole}}"}""");

        Assert.Contains("imagebuilder:TagResource on resource: arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/app", Text(Start("""{"a":"b"}""")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ServiceLinkedRole_IsLimitedToTheServiceOfTheCondition()
    {
        Deploy(
            """{"Effect":"Allow","Action":"imagebuilder:*","Resource":"*"}""",
            $$"""{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"{{ServiceLinkedRole}}","Condition":{"StringEquals":{"iam:AWSServiceName":"ecs.amazonaws.com"} } }""");

        Assert.Contains("iam:CreateServiceLinkedRole", Text(Start("{}")), StringComparison.Ordinal);
    }

    [Fact]
    public void OtherCallersAndFunctionsWithAForeignRole_MayDoEverything()
    {
        Deploy("""{"Effect":"Deny","Action":"*","Resource":"*"}""");

        Assert.Equal("RepositoryNotFoundException", Ecr("DescribeImages", "images/app", "AKIDSOMEBODY").Code);
        Assert.Equal("AccessDeniedException", Ecr("DescribeImages", "images/app").Code);
        PutFunction("arn:aws:iam::123456789012:role/made-elsewhere");
        Assert.Equal("RepositoryNotFoundException", Ecr("DescribeImages", "images/app").Code);
    }

    [Fact]
    public void Function_MayAlwaysCallGetCallerIdentityAndNeverUnknownOperations()
    {
        Deploy("""{"Effect":"Allow","Action":"*","Resource":"*"}""");

        Assert.Contains($"assumed-role/{TheRole}/worker", Text(Send("sts", "POST", "/", "", null, "Action=GetCallerIdentity&Version=2011-06-15")),
            StringComparison.Ordinal);
        var refused = Send("cloudformation", "POST", "/", "", null, "Action=ListStacks&Version=2010-05-15");
        Assert.Equal(403, refused.Status);
        Assert.Contains("does not know which permissions cloudformation:ListStacks needs", Text(refused), StringComparison.Ordinal);
    }

    [Fact]
    public void Policy_Changed_AppliesToTheNextCallAndEndsWithItsResource()
    {
        Deploy("""{"Effect":"Allow","Action":"ecr:DescribeImages","Resource":"*"}""");
        Assert.Equal("RepositoryNotFoundException", Ecr("DescribeImages", "images/app").Code);

        Deploy("""{"Effect":"Allow","Action":"ecr:ListImages","Resource":"*"}""");
        Assert.Equal(("AccessDeniedException", "RepositoryNotFoundException"),
            (Ecr("DescribeImages", "images/app").Code, Ecr("ListImages", "images/app").Code));

        Deploy();
        Assert.Equal("AccessDeniedException", Ecr("ListImages", "images/app").Code);
    }

    [Fact]
    public void Report_CountsEachGrantByActionAndResource()
    {
        Deploy(
            """{"Effect":"Allow","Action":["ecr:DescribeImages","ecr:PutImage"],"Resource":["arn:aws:ecr:*:123456789012:repository/a","arn:aws:ecr:*:123456789012:repository/b"]}""");
        Ecr("DescribeImages", "a");
        Ecr("DescribeImages", "a");
        Ecr("PutImage", "b");

        Assert.Equal(
            [("ecr:DescribeImages", "a", 2L), ("ecr:DescribeImages", "b", 0L), ("ecr:PutImage", "a", 0L), ("ecr:PutImage", "b", 1L)],
            Assert.Single(Cloud.Iam.Permissions).Grants.Select(grant => (grant.Action, grant.Resource[^1..], grant.Used)));
    }

    private WireResponse Start(string tags)
    {
        var body = new JsonObject
        {
            ["imagePipelineArn"] = "arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/app",
            ["clientToken"] = "once",
        };
        if (tags != "{}")
        {
            body["tags"] = JsonNode.Parse(tags);
        }

        return Send("imagebuilder", "PUT", "/StartImagePipelineExecution", "", null, body.ToJsonString());
    }
}
