using System.Text.Json.Nodes;
using Automation.Cli.Doctor;

namespace Automation.Cli.Tests.Doctor;

/// <summary>What the doctor knows of a template without CloudFormation, and what it leaves open.</summary>
public sealed class DeployedTemplateTests
{
    private static readonly StackResource[] Resources =
    [
        new("Function", "stack-Function-1", "AWS::Lambda::Function"),
        new("Queue", "https://sqs.eu-west-1.amazonaws.com/123456789012/dead", "AWS::SQS::Queue"),
        new("Topic", "arn:aws:sns:eu-west-1:123456789012:news", "AWS::SNS::Topic"),
        new("Role", "stack-Role-1", "AWS::IAM::Role"),
        new("It", "it", "AWS::SNS::Topic"),
    ];

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("900", "900")]
    [InlineData("""{"Ref":"AWS::Region"}""", "eu-west-1")]
    [InlineData("""{"Ref":"Function"}""", "stack-Function-1")]
    [InlineData("""{"Ref":"Days"}""", "90")]
    [InlineData("""{"Fn::GetAtt":["Function","Arn"]}""", "arn:aws:lambda:eu-west-1:123456789012:function:stack-Function-1")]
    [InlineData("""{"Fn::GetAtt":"Queue.Arn"}""", "arn:aws:sqs:eu-west-1:123456789012:dead")]
    [InlineData("""{"Fn::GetAtt":["Topic","Arn"]}""", "arn:aws:sns:eu-west-1:123456789012:news")]
    [InlineData("""{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":x"]]}""", "arn:aws:x")]
    [InlineData("""{"Fn::Sub":"${AWS::AccountId}-${Function}-${!Literal}"}""", "123456789012-stack-Function-1-${Literal}")]
    [InlineData("""{"Fn::Sub":["${A}/${Queue.Arn}",{"A":{"Ref":"AWS::StackName"}}]}""", "stack/arn:aws:sqs:eu-west-1:123456789012:dead")]
    [InlineData("""{"Fn::Select":[5,{"Fn::Split":[":",{"Ref":"Topic"}]}]}""", "news")]
    public void Property_OfKnownThings_IsResolved(string value, string expected)
    {
        var found = Template(value).Property("It", "Value");

        Assert.True(DeployedTemplate.Agree(found, JsonValue.Create(expected)), DeployedTemplate.Text(found));
        Assert.False(DeployedTemplate.Agree(found, JsonValue.Create(expected + "x")));
    }

    [Theory]
    [InlineData("""{"Fn::GetAtt":["Role","Arn"]}""", "arn:aws:iam::123456789012:role/stack-Role-1", true)]
    [InlineData("""{"Fn::GetAtt":["Role","Arn"]}""", "arn:aws:iam::123456789012:role/a/path/stack-Role-1", true)]
    [InlineData("""{"Fn::GetAtt":["Role","Arn"]}""", "arn:aws:iam::123456789012:role/other", false)]
    [InlineData("""{"Fn::ImportValue":"other"}""", "whatever", true)]
    [InlineData("""{"Fn::Join":["/",["a",{"Fn::GetAtt":["Role","RoleId"]},"b"]]}""", "a/anything/b", true)]
    [InlineData("""{"Fn::Join":["/",["a",{"Fn::GetAtt":["Role","RoleId"]},"b"]]}""", "a/anything/c", false)]
    public void WhatOnlyCloudFormationKnows_AgreesWithAnything(string value, string actual, bool agrees) =>
        Assert.Equal(agrees, DeployedTemplate.Agree(Template(value).Property("It", "Value"), JsonValue.Create(actual)));

    [Theory]
    [InlineData("""{"a":1,"b":["x","y"]}""", """{"b":["y","x"],"a":1}""", true)]
    [InlineData("""{"a":1}""", """{"a":2}""", false)]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""", false)]
    [InlineData("""{"a":1,"b":2}""", """{"a":1}""", false)]
    [InlineData("""[{"a":1},{"b":2}]""", """[{"b":2},{"a":1}]""", false)]
    [InlineData("""["x"]""", """["x","x"]""", false)]
    [InlineData("true", "\"true\"", true)]
    [InlineData("{\"a\":{\"Ref\":\"AWS::NoValue\"}}", "{}", true)]
    public void Documents_AgreeInAnyOrderOfMembersAndTexts(string expected, string actual, bool agrees) =>
        Assert.Equal(agrees, DeployedTemplate.Agree(Template(expected).Property("It", "Value"), JsonNode.Parse(actual)));

    [Theory]
    [InlineData("Timeout", "3", null)]
    [InlineData("Value", "900", null)]
    [InlineData("Value", "3", "was changed by hand: timeout 3 instead of 900")]
    public void Drift_ComparesWhatTheTemplateSets(string path, string actual, string? defect) =>
        Assert.Equal(defect, new Drift(Template("900"), "It").Compare("timeout", path, JsonNode.Parse(actual)).Defect);

    [Fact]
    public void Drift_WithoutTemplateOrAnswer_FindsNothing()
    {
        Assert.Null(new Drift(null, "It").Compare("timeout", "Value", JsonValue.Create(3)).ComparePresence("timeout", "Value", false)
            .CompareDocument("timeout", "Value", "3").Defect);
        Assert.Null(new Drift(Template("900"), "It").Compare("timeout", "Value", null).Defect);
    }

    private static DeployedTemplate Template(string value) => new(
        JsonNode.Parse(
            $$$"""{"Parameters":{"Days":{"Type":"Number","Default":90}},"Resources":{"It":{"Type":"AWS::SNS::Topic","Properties":{"Value":{{{value}}} } } } }""")!.AsObject(),
        Resources, "stack", ("123456789012", "eu-west-1"));
}
