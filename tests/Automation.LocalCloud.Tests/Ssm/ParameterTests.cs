using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Ssm;

public sealed class ParameterTests : IDisposable
{
    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void Parameter_PutOverwrittenAndDeleted()
    {
        Call("PutParameter", """{"Name":"/a","Value":"1","Type":"String"}""");
        Assert.Equal("ParameterAlreadyExists", Call("PutParameter", """{"Name":"/a","Value":"2","Type":"String"}""")["__type"]!.ToString());
        Assert.Equal("2", Call("PutParameter", """{"Name":"/a","Value":"2","Overwrite":true}""")["Version"]!.ToString());
        var parameter = Call("GetParameter", """{"Name":"/a"}""")["Parameter"]!;

        Assert.Equal("2", parameter["Value"]!.ToString());
        Assert.Equal("arn:aws:ssm:us-east-1:123456789012:parameter/a", parameter["ARN"]!.ToString());
        Assert.Equal("""["/b"]""", Call("GetParameters", """{"Names":["/a","/b"]}""")["InvalidParameters"]!.ToJsonString());
        Assert.Equal("{}", Call("DeleteParameter", """{"Name":"/a"}""").ToJsonString());
    }

    [Theory]
    [InlineData("GetParameter", """{"Name":"/cdk-bootstrap/hnb659fds/version"}""", "ParameterNotFound")]
    [InlineData("GetParameter", """{}""", "ValidationException")]
    [InlineData("DeleteParameter", """{"Name":"/none"}""", "ParameterNotFound")]
    [InlineData("PutParameter", """{"Name":"/a","Value":"x","Type":"Odd"}""", "ValidationException")]
    [InlineData("PutParameter", """{"Name":"/new","Value":"x"}""", "ValidationException")]
    [InlineData("GetParametersByPath", """{"Path":"a"}""", "ValidationException")]
    [InlineData("GetParametersByPath", """{"Path":"/","MaxResults":11}""", "ValidationException")]
    [InlineData("DescribeParameters", """{"ParameterFilters":[{"Key":"Label","Values":["x"]}]}""", "InvalidFilterKey")]
    [InlineData("GetParameterHistory", """{"Name":"/none"}""", "ParameterNotFound")]
    [InlineData("GetParameter", """{"Name":"/app//a"}""", "ValidationException")]
    [InlineData("GetParameter", """{"Name":"app/a"}""", "ValidationException")]
    [InlineData("GetParameter", """{"Name":"/aws/reference/secretsmanager/s"}""", "ParameterNotFound")]
    [InlineData("PutParameter", """{"Name":"/app/","Value":"x","Type":"String"}""", "ValidationException")]
    [InlineData("PutParameter", """{"Name":"/p","Value":"b","Type":"String","AllowedPattern":"^a$"}""", "ParameterPatternMismatchException")]
    [InlineData("PutParameter", """{"Name":"/p","Value":"b","Type":"String","Overwrite":true,"Tags":[{"Key":"k","Value":"v"}]}""", "ValidationException")]
    [InlineData("LabelParameterVersion", """{"Name":"/none","Labels":["x"]}""", "ParameterNotFound")]
    [InlineData("ListTagsForResource", """{"ResourceType":"Parameter","ResourceId":"/none"}""", "InvalidResourceId")]
    [InlineData("ListTagsForResource", """{"ResourceType":"Document","ResourceId":"d"}""", "InvalidResourceType")]
    [InlineData("GetDocument", """{"Name":"d"}""", "UnknownOperationException")]
    public void Call_NotServed_IsRefused(string operation, string input, string code) =>
        Assert.Equal(code, Call(operation, input)["__type"]!.ToString());

    [Fact]
    public void Label_NamesOneVersionAtATime()
    {
        PutThree();
        Assert.Equal("""{"InvalidLabels":["1x"],"ParameterVersion":1}""", Call("LabelParameterVersion",
            """{"Name":"/app/a","ParameterVersion":1,"Labels":["stable","1x"]}""").ToJsonString());
        Assert.Equal("old", Call("GetParameter", """{"Name":"/app/a:stable"}""")["Parameter"]!["Value"]!.ToString());
        Assert.Equal("old", Call("GetParametersByPath", """{"Path":"/app","ParameterFilters":[{"Key":"Label","Values":["stable"]}]}""")
            ["Parameters"]![0]!["Value"]!.ToString());

        Call("LabelParameterVersion", """{"Name":"/app/a","Labels":["stable"]}""");
        Assert.Equal("new", Call("GetParameter", """{"Name":"/app/a:stable"}""")["Parameter"]!["Value"]!.ToString());
        Assert.Equal("[[],[\"stable\"]]", System.Text.Json.Nodes.JsonNode.Parse("[" + string.Join(',', Call("GetParameterHistory", """{"Name":"/app/a"}""")
            ["Parameters"]!.AsArray().Select(version => version!["Labels"]!.ToJsonString())) + "]")!.ToJsonString());

        Assert.Equal("""["stable"]""", Call("UnlabelParameterVersion", """{"Name":"/app/a","ParameterVersion":2,"Labels":["stable","none"]}""")
            ["RemovedLabels"]!.ToJsonString());
        Assert.Equal("ParameterVersionNotFound", Call("GetParameter", """{"Name":"/app/a:stable"}""")["__type"]!.ToString());
    }

    [Fact]
    public void Tags_StayWithTheParameter()
    {
        Call("PutParameter", """{"Name":"/t","Value":"1","Type":"String","Tags":[{"Key":"team","Value":"build"}]}""");
        Call("PutParameter", """{"Name":"/t","Value":"2","Overwrite":true}""");
        Call("AddTagsToResource", """{"ResourceType":"Parameter","ResourceId":"/t","Tags":[{"Key":"a","Value":"b"}]}""");
        Call("RemoveTagsFromResource", """{"ResourceType":"Parameter","ResourceId":"/t","TagKeys":["team"]}""");

        Assert.Equal("""{"TagList":[{"Key":"a","Value":"b"}]}""", Call("ListTagsForResource", """{"ResourceType":"Parameter","ResourceId":"/t"}""").ToJsonString());
    }

    [Theory]
    [InlineData("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", true)]
    [InlineData("/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id", true)]
    [InlineData("/aws/service/ecs/optimized-ami/amazon-linux-2/recommended", false)]
    [InlineData("/aws/service/global-infrastructure/regions", false)]
    public void PublicParameter_OfAnAmi_HasAnId(string name, bool known) => Assert.Equal(
        known, Call("GetParameter", $$"""{"Name":"{{name}}"}""")["Parameter"]?["Value"]?.ToString().StartsWith("ami-", StringComparison.Ordinal) ?? false);

    [Fact]
    public void FlatName_IsFoundWithASlash()
    {
        Call("PutParameter", """{"Name":"flat","Value":"1","Type":"String"}""");

        Assert.Equal("/flat", Call("GetParameter", """{"Name":"/flat"}""")["Parameter"]!["Name"]!.ToString());
        Assert.Equal("""{"DeletedParameters":["flat"],"InvalidParameters":["/flat"]}""", Call("DeleteParameters", """{"Names":["flat","/flat"]}""").ToJsonString());
    }

    [Theory]
    [InlineData("/app/a", null)]
    [InlineData("/app/a:2", ":2")]
    [InlineData("arn:aws:ssm:us-east-1:123456789012:parameter/app/a", null)]
    [InlineData("arn:aws:ssm:us-east-1:123456789012:parameter/app/a:2", ":2")]
    [InlineData("arn:aws:ssm:us-east-1:123456789012:parameter/plain", null)]
    public void Parameter_IsFoundByNameVersionAndArn(string reference, string? selector)
    {
        PutThree();

        var parameter = Call("GetParameter", $$"""{"Name":"{{reference}}"}""")["Parameter"]!;

        Assert.Equal(selector, parameter["Selector"]?.ToString());
        Assert.Equal(reference.EndsWith("plain", StringComparison.Ordinal) ? "p" : "new", parameter["Value"]!.ToString());
    }

    [Theory]
    [InlineData("/app/a:3", "ParameterVersionNotFound")]
    [InlineData("/app/a:0", "ParameterVersionNotFound")]
    [InlineData("/app/a:stable", "ParameterVersionNotFound")]
    [InlineData("arn:aws:ssm:eu-west-1:123456789012:parameter/app/a", "ParameterNotFound")]
    [InlineData("arn:aws:sns:us-east-1:123456789012:parameter/app/a", "ParameterNotFound")]
    public void Parameter_OfAnotherVersionOrPlace_IsNotFound(string reference, string code)
    {
        PutThree();

        Assert.Equal(code, Call("GetParameter", $$"""{"Name":"{{reference}}"}""")["__type"]!.ToString());
    }

    [Theory]
    [InlineData("/app/a:1")]
    [InlineData("arn:aws:ssm:us-east-1:123456789012:parameter/app/a:1")]
    public void Parameter_OfAnEarlierVersion_HasThatValue(string reference)
    {
        PutThree();

        var parameter = Call("GetParameter", $$"""{"Name":"{{reference}}"}""")["Parameter"]!;
        Assert.Equal(("old", "1", ":1"), (parameter["Value"]!.ToString(), parameter["Version"]!.ToString(), parameter["Selector"]!.ToString()));
        Assert.Equal(["old", "new"],
            Call("GetParameterHistory", """{"Name":"/app/a"}""")["Parameters"]!.AsArray().Select(version => version!["Value"]!.ToString()));
    }

    [Fact]
    public void Parameter_KeepsAHundredVersionsUntilItIsDeleted()
    {
        for (var i = 1; i <= 102; i++)
        {
            Call("PutParameter", $$"""{"Name":"/a","Value":"{{i}}","Type":"String","Overwrite":true}""");
        }

        Assert.Equal("ParameterVersionNotFound", Call("GetParameter", """{"Name":"/a:2"}""")["__type"]!.ToString());
        Assert.Equal("3", Call("GetParameter", """{"Name":"/a:3"}""")["Parameter"]!["Value"]!.ToString());
        Call("DeleteParameter", """{"Name":"/a"}""");
        Call("PutParameter", """{"Name":"/a","Value":"again","Type":"String"}""");
        Assert.Equal("ParameterVersionNotFound", Call("GetParameter", """{"Name":"/a:3"}""")["__type"]!.ToString());
    }

    [Fact]
    public void Parameters_AreListedByPathAndFilter()
    {
        PutThree();

        Assert.Equal(["/app/a"], Names(Call("GetParametersByPath", """{"Path":"/app"}""")));
        Assert.Equal(["/app/a", "/app/deep/b"], Names(Call("GetParametersByPath", """{"Path":"/app/","Recursive":true}""")));
        Assert.Equal(["/app/a", "/app/deep/b", "plain"], Names(Call("DescribeParameters", "{}")));
        Assert.Equal(["/app/deep/b"],
            Names(Call("DescribeParameters", """{"ParameterFilters":[{"Key":"Name","Option":"BeginsWith","Values":["/app/deep"]}]}""")));
        Assert.Equal("1", Call("DescribeParameters", """{"MaxResults":1}""")["NextToken"]!.ToString());
    }

    [Theory]
    [InlineData("""{"Key":"Path","Values":["/app"]}""", "/app/a")]
    [InlineData("""{"Key":"Path","Option":"Recursive","Values":["/app"]}""", "/app/a", "/app/deep/b")]
    [InlineData("""{"Key":"Path","Values":["/"]}""", "plain")]
    [InlineData("""{"Key":"Name","Values":["/plain"]}""", "plain")]
    [InlineData("""{"Key":"Name","Option":"Contains","Values":["ee"]}""", "/app/deep/b")]
    [InlineData("""{"Key":"Type","Values":["SecureString","StringList"]}""", "/secret")]
    [InlineData("""{"Key":"KeyId","Values":["alias/aws/ssm"]}""", "/secret")]
    [InlineData("""{"Key":"Tier","Values":["Advanced"]}""", "/secret")]
    [InlineData("""{"Key":"tag:team","Values":["base"]}""", "/secret")]
    [InlineData("""{"Key":"tag:team"}""", "/secret")]
    [InlineData("""{"Key":"tag:team","Values":["other"]}""")]
    public void Parameters_AreFilteredByEveryKey(string filter, params string[] names)
    {
        PutThree();
        Call("PutParameter", """{"Name":"/secret","Value":"s","Type":"SecureString","Tier":"Advanced","Tags":[{"Key":"team","Value":"base"}]}""");

        var found = Names(Call("DescribeParameters", $$"""{"ParameterFilters":[{{filter}}]}"""));

        Assert.Equal(names, found.Where(name => name != "/secret" || names.Contains(name)));
    }

    [Fact]
    public void Parameters_AtTheRoot_NeedNoSlash()
    {
        PutThree();

        Assert.Equal(["plain"], Names(Call("GetParametersByPath", """{"Path":"/"}""")));
    }

    [Theory]
    [InlineData("""{"Key":"Name"}""", "InvalidFilterValue")]
    [InlineData("""{"Key":"Name","Values":["a"]},{"Key":"Name","Values":["b"]}""", "InvalidFilterKey")]
    [InlineData("""{"Key":"Name","Option":"Recursive","Values":["a"]}""", "InvalidFilterOption")]
    [InlineData("""{"Key":"Path","Option":"Equals","Values":["/a"]}""", "InvalidFilterOption")]
    [InlineData("""{"Key":"Path","Values":["/aws/service"]}""", "ValidationException")]
    [InlineData("""{"Key":"Path","Values":["a"]}""", "ValidationException")]
    [InlineData("""{"Key":"Path","Values":["/a//b"]}""", "ValidationException")]
    [InlineData("""{"Key":"Colour","Values":["red"]}""", "ValidationException")]
    public void Filter_Faulty_IsRefused(string filters, string code) =>
        Assert.Equal(code, Call("DescribeParameters", $$"""{"ParameterFilters":[{{filters}}]}""")["__type"]!.ToString());

    [Theory]
    [InlineData("aws_test", "ValidationException")]
    [InlineData("SSM-test", "ValidationException")]
    [InlineData("/ssm/test", "ValidationException")]
    [InlineData("/AWS/test", "AccessDeniedException")]
    public void Put_NameThatIsReserved_IsRefused(string name, string code) =>
        Assert.Equal(code, Call("PutParameter", $$"""{"Name":"{{name}}","Value":"1","Type":"String"}""")["__type"]!.ToString());

    [Fact]
    public void Put_UnknownDataType_IsRefused() => Assert.Equal(
        "The following data type is not supported: Text (Data type names are all lowercase.)",
        Call("PutParameter", """{"Name":"/a","Value":"1","Type":"String","DataType":"Text"}""")["message"]!.ToString());

    [Fact]
    public void Put_BeyondAHundredVersions_KeepsALabelledOne()
    {
        Call("PutParameter", """{"Name":"/a","Value":"1","Type":"String"}""");
        Call("LabelParameterVersion", """{"Name":"/a","ParameterVersion":1,"Labels":["stable"]}""");
        for (var version = 2; version <= 100; version++)
        {
            Call("PutParameter", """{"Name":"/a","Value":"2","Overwrite":true}""");
        }

        Assert.Equal("ParameterMaxVersionLimitExceeded", Call("PutParameter", """{"Name":"/a","Value":"3","Overwrite":true}""")["__type"]!.ToString());
        Call("LabelParameterVersion", """{"Name":"/a","ParameterVersion":100,"Labels":["stable"]}""");
        Assert.Equal("101", Call("PutParameter", """{"Name":"/a","Value":"3","Overwrite":true}""")["Version"]!.ToString());
    }

    private void PutThree()
    {
        Call("PutParameter", """{"Name":"/app/a","Value":"old","Type":"String"}""");
        Call("PutParameter", """{"Name":"/app/a","Value":"new","Overwrite":true}""");
        Call("PutParameter", """{"Name":"/app/deep/b","Value":"b","Type":"String","Description":"d"}""");
        Call("PutParameter", """{"Name":"plain","Value":"p","Type":"String"}""");
    }

    private static IEnumerable<string> Names(JsonNode answer) => answer["Parameters"]!.AsArray().Select(parameter => parameter!["Name"]!.ToString());

    private JsonNode Call(string operation, string input) => JsonNode.Parse(_cloud.Handle(
        new WireRequest("POST", "/", "", new Dictionary<string, string> { ["x-amz-target"] = $"AmazonSSM.{operation}" }, Encoding.UTF8.GetBytes(input))
        {
            Scope = new CredentialScope("AKID", "us-east-1", "ssm"),
        }).Body.Span)!;
}
