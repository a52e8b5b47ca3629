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
    [InlineData("PutParameter", """{"Name":"/a","Value":"x","Type":"Odd"}""", "UnsupportedParameterType")]
    [InlineData("GetParametersByPath", """{"Path":"/"}""", "UnknownOperationException")]
    public void Call_ThatCannotBeServed_IsRefused(string operation, string input, string code) =>
        Assert.Equal(code, Call(operation, input)["__type"]!.ToString());

    private JsonNode Call(string operation, string input) => JsonNode.Parse(_cloud.Handle(
        new WireRequest("POST", "/", "", new Dictionary<string, string> { ["x-amz-target"] = $"AmazonSSM.{operation}" }, Encoding.UTF8.GetBytes(input))
        {
            Scope = new CredentialScope("AKID", "us-east-1", "ssm"),
        }).Body.Span)!;
}
