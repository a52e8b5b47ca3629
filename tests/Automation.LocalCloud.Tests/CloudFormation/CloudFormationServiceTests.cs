using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Ssm;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.CloudFormation;

public sealed class CloudFormationServiceTests : IDisposable
{
    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();
    private readonly ThingType _things = new();

    public CloudFormationServiceTests() => _cloud.Stacks.Register(_things);

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("""{"Ref":"AWS::Region"}""", "\"us-east-1\"")]
    [InlineData("""{"Ref":"P"}""", "\"given\"")]
    [InlineData("""{"Ref":"Base"}""", "\"base\"")]
    [InlineData("""{"Fn::GetAtt":["Base","Arn"]}""", "\"arn:thing:base\"")]
    [InlineData("""{"Fn::GetAtt":"Base.Arn"}""", "\"arn:thing:base\"")]
    [InlineData("""{"Fn::Sub":"${Base.Arn}/${P}/${!Literal}/${AWS::AccountId}"}""", "\"arn:thing:base/given/${Literal}/123456789012\"")]
    [InlineData("""{"Fn::Sub":["${A}-${Base}",{"A":{"Ref":"P"}}]}""", "\"given-base\"")]
    [InlineData("""{"Fn::Join":["",["a",{"Ref":"Base"},"c",1]]}""", "\"abasec1\"")]
    [InlineData("""{"Fn::Select":["1",{"Fn::Split":[":",{"Fn::GetAtt":["Base","Arn"]}]}]}""", "\"thing\"")]
    [InlineData("""{"Fn::If":["Yes","then",{"Ref":"Skipped"}]}""", "\"then\"")]
    [InlineData("""{"Fn::If":["No","then",["else"]]}""", "[\"else\"]")]
    [InlineData("""{"a":1,"b":{"Ref":"AWS::NoValue"},"c":[1,{"Ref":"AWS::NoValue"}]}""", """{"a":1,"c":[1]}""")]
    [InlineData("""{"Fn::FindInMap":["Sizes",{"Ref":"AWS::Region"},"Small"]}""", "\"t3\"")]
    [InlineData("""{"Fn::Base64":"hello"}""", "\"aGVsbG8=\"")]
    [InlineData("""{"Fn::Cidr":["10.0.0.0/16",2,8]}""", """["10.0.0.0/24","10.0.1.0/24"]""")]
    [InlineData("""{"Fn::Select":[1,{"Fn::Cidr":["192.168.0.0/24","6","5"]}]}""", "\"192.168.0.32/27\"")]
    [InlineData("""{"Ref":"List"}""", """["x","y"]""")]
    [InlineData("""{"Condition":"kept"}""", """{"Condition":"kept"}""")]
    public void Resolve_Intrinsic_GivesItsValue(string expression, string expected)
    {
        Load($$"""
            {
              "Parameters": { "P": { "Type": "String", "Default": "given" }, "List": { "Type": "CommaDelimitedList", "Default": "x, y" } },
              "Mappings": { "Sizes": { "us-east-1": { "Small": "t3" } } },
              "Conditions": {
                "Yes": { "Fn::Equals": [{ "Ref": "P" }, "given"] },
                "No": { "Fn::And": [{ "Condition": "Yes" }, { "Fn::Not": [{ "Fn::Or": [{ "Condition": "Yes" }, { "Condition": "Yes" }] }] }] }
              },
              "Resources": {
                "Probe": { "Type": "Test::Thing", "Properties": { "Value": {{expression}} } },
                "Base": { "Type": "Test::Thing", "Properties": { "Name": "base" } },
                "Skipped": { "Type": "Test::Thing", "Condition": "No" }
              }
            }
            """);

        var (_, properties) = _things.Made.Single(made => made.LogicalId == "Probe");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), properties["Value"]), properties["Value"]?.ToJsonString());
        Assert.DoesNotContain(_things.Made, made => made.LogicalId == "Skipped");
    }

    [Fact]
    public void Create_OrdersByDependenciesFirstAndTemplateSecond()
    {
        Load("""
            {"Resources":{
              "C":{"Type":"Test::Thing","Properties":{"Value":{"Fn::Sub":"${A.Arn}"}}},
              "B":{"Type":"Test::Thing","DependsOn":["C"]},
              "A":{"Type":"Test::Thing"},
              "D":{"Type":"Test::Thing","DependsOn":"A"}}}
            """);

        Assert.Equal(["A", "C", "B", "D"], _things.Made.Select(made => made.LogicalId));
    }

    [Fact]
    public void Create_WithManyFaults_ReportsAllAndCreatesNothing()
    {
        var refusal = Assert.Throws<AwsException>(() => Load("""
            {
              "Parameters": { "Needed": { "Type": "String" } },
              "Transform": "AWS::Serverless-2016-10-31",
              "Resources": {
                "Good": { "Type": "Test::Thing" },
                "Bucket": { "Type": "AWS::DynamoDB::Table" },
                "Odd": { "Type": "Test::Thing", "Properties": { "Colour": 1, "Color": 2, "Value": { "Fn::Length": [1] } } },
                "Lost": { "Type": "Test::Thing", "Properties": { "Value": { "Ref": "Nobody" } }, "DependsOn": "Nowhere" },
                "Imported": { "Type": "Test::Thing", "Properties": { "Value": { "Fn::ImportValue": "x" } } },
                "Board": { "Type": "AWS::CloudWatch::Dashboard", "Properties": {} },
                "UsesBoard": { "Type": "Test::Thing", "Properties": { "Value": { "Fn::GetAtt": ["Board", "Nope"] } } }
              }
            }
            """));

        Assert.Equal("ValidationError", refusal.Code);
        Assert.Equal(
            [
                "The embedded cloud refuses the stack:",
                "- Transform: this section of a template is not supported",
                "- Bucket: the resource type AWS::DynamoDB::Table is not supported",
                "- Odd: the property Colour of Test::Thing is not supported",
                "- Odd.Value: Fn::Length is not supported",
                "- Imported.Value: Fn::ImportValue is not supported: stacks do not share exports here; pass the value as a parameter",
                "- UsesBoard.Value: AWS::CloudWatch::Dashboard (Board) has no attribute Nope here",
                "- Template format error: Unresolved resource dependencies [Nowhere, Nobody] in the Resources block of the template",
                "- Parameters: [Needed] must have values",
            ],
            refusal.Message.Split('\n'));
        Assert.Empty(_things.Made);
        Assert.Empty(_cloud.Stacks.All);
    }

    [Fact]
    public void Create_Cycle_IsNamed()
    {
        var refusal = Assert.Throws<AwsException>(() => Load("""
            {"Resources":{
              "Free":{"Type":"Test::Thing"},
              "A":{"Type":"Test::Thing","Properties":{"Value":{"Ref":"B"}}},
              "B":{"Type":"Test::Thing","DependsOn":"C"},
              "C":{"Type":"Test::Thing","Properties":{"Value":{"Fn::GetAtt":["A","Arn"]}}}}}
            """));

        Assert.Equal("Circular dependency between resources: [A, B, C]", refusal.Message);
    }

    [Fact]
    public void Create_ServiceRefuses_DeletesTheCreatedResources()
    {
        var refusal = Assert.Throws<AwsException>(() => Load("""
            {"Resources":{"A":{"Type":"Test::Thing"},"B":{"Type":"Test::Thing"},"C":{"Type":"Test::Thing","Properties":{"Fail":true}}}}
            """));

        Assert.Equal("Stack app was rolled back. C (Test::Thing): ThingLimitExceeded: too many things", refusal.Message);
        Assert.Equal(["id-of-B", "id-of-A"], _things.Deleted);
        Assert.Equal("ROLLBACK_COMPLETE", Assert.Single(_cloud.Stacks.All).Status);
    }

    [Fact]
    public void Create_GetAttOfAnUnknownAttribute_RollsBack()
    {
        var refusal = Assert.Throws<AwsException>(() => Load("""
            {"Resources":{"A":{"Type":"Test::Thing"},"B":{"Type":"Test::Thing","Properties":{"Value":{"Fn::GetAtt":["A","Weight"]}}}}}
            """));

        Assert.Contains("B (Test::Thing): Test::Thing (A) has no attribute Weight here", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["id-of-A"], _things.Deleted);
    }

    [Fact]
    public void Create_CdkBootstrapParameterAndRule_Pass()
    {
        var stack = Load("""
            {
              "Parameters": { "BootstrapVersion": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version" } },
              "Rules": { "CheckBootstrapVersion": { "Assertions": [ {
                "Assert": { "Fn::Not": [ { "Fn::Contains": [ ["1", "2", "3", "4", "5"], { "Ref": "BootstrapVersion" } ] } ] },
                "AssertDescription": "too old" } ] } },
              "Resources": { "A": { "Type": "Test::Thing" } }
            }
            """);

        Assert.Equal("CREATE_COMPLETE", stack.Status);
        Assert.Equal("/cdk-bootstrap/hnb659fds/version", stack.Parameters["BootstrapVersion"]);
        Assert.Equal("30", stack.ResolvedParameters["BootstrapVersion"]);
    }

    [Fact]
    public void Create_BrokenRule_IsRefused()
    {
        var refusal = Assert.Throws<AwsException>(() => Load("""
            {"Rules":{"R":{"Assertions":[{"Assert":{"Fn::Equals":["a","b"]},"AssertDescription":"a is not b"}]}},"Resources":{"A":{"Type":"Test::Thing"}}}
            """));

        Assert.Contains("R: a is not b", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Type":"String","AllowedValues":["a","b"]}""", "c", "Parameter 'P' must be one of AllowedValues")]
    [InlineData("""{"Type":"String","AllowedPattern":"[a-z]+"}""", "A1", "Parameter 'P' must match pattern [a-z]+")]
    [InlineData("""{"Type":"String","AllowedPattern":"[a-z]+","ConstraintDescription":"only letters."}""", "A1",
        "Parameter P failed to satisfy constraint: only letters.")]
    [InlineData("""{"Type":"CommaDelimitedList","AllowedPattern":"[a-z]+"}""", "a, B", "Parameter 'P' must match pattern [a-z]+")]
    [InlineData("""{"Type":"String","MinLength":12}""", "short", "Parameter 'P' must contain at least 12 characters")]
    [InlineData("""{"Type":"String","MaxLength":"2"}""", "long", "Parameter 'P' must contain at most 2 characters")]
    [InlineData("""{"Type":"Number","MinValue":1}""", "0", "Parameter 'P' must be a number not less than 1")]
    [InlineData("""{"Type":"Number","MaxValue":1}""", "2", "Parameter 'P' must be a number not greater than 1")]
    [InlineData("""{"Type":"Number"}""", "two", "Parameter 'P' must be a number")]
    [InlineData("""{"Type":"String","AllowedPattern":"["}""", "x", "[ is not a regular expression")]
    [InlineData("""{"Type":"AWS::SSM::Parameter::Value<String>"}""", "/my/own", "Unable to fetch parameters [/my/own] from parameter store")]
    public void Create_ParameterBreaksItsRules_IsRefused(string parameter, string value, string problem)
    {
        var template = $$"""{"Parameters":{"P":{{parameter}} },"Resources":{"A":{"Type":"Test::Thing"} } }""";
        var refusal = Assert.Throws<AwsException>(() => _cloud.Run(() => _cloud.Stacks.Create(
            new StackSource("app", template) { Parameters = new Dictionary<string, string> { ["P"] = value } })));

        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"{{resolve:ssm:/app/name}}\"", "\"new\"")]
    [InlineData("\"x-{{resolve:ssm:/app/name:2}}-{{resolve:ssm:/app/name}}\"", "\"x-new-new\"")]
    [InlineData("""{"Fn::Sub":"{{resolve:ssm:/${P}/name}}"}""", "\"new\"")]
    [InlineData("""["{{resolve:ssm:/app/name}}",{"a":"{{resolve:ssm:/app/name}}"}]""", """["new",{"a":"new"}]""")]
    public void DynamicReference_ToAParameter_GivesItsValue(string expression, string expected)
    {
        PutParameter();
        Load(
            $$"""{"Parameters":{"P":{"Type":"String","Default":"app"} },"Resources":{"A":{"Type":"Test::Thing","Properties":{"Value":{{expression}} } } } }""");

        Assert.Equal(expected, _cloud.Stacks.All.Single().Resources.Single().Properties["Value"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{{resolve:secretsmanager:s:SecretString:p}}",
        "the embedded cloud does not support the dynamic reference {{resolve:secretsmanager:s:SecretString:p}}")]
    [InlineData("{{resolve:ssm-secure:/p:1}}", "the embedded cloud does not support the dynamic reference {{resolve:ssm-secure:/p:1}}")]
    public void DynamicReference_ToAnotherService_IsRefusedBeforeAnythingIsCreated(string reference, string problem)
    {
        var refusal = Assert.Throws<AwsException>(
            () => Load($$"""{"Resources":{"A":{"Type":"Test::Thing"},"B":{"Type":"Test::Thing","Properties":{"Value":{"x":["{{reference}}"]} } } } }"""));

        Assert.Contains($"B.Value: {problem}", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_cloud.Stacks.All);
    }

    [Fact]
    public void MissingSsmParameters_AreReportedInOneLine()
    {
        var refusal = Assert.Throws<AwsException>(() => Load("""
            {"Parameters":{"A":{"Type":"AWS::SSM::Parameter::Value<String>","Default":"/a"},"B":{"Type":"AWS::SSM::Parameter::Value<List<String>>","Default":"/b"}},
             "Resources":{"T":{"Type":"Test::Thing","Properties":{"Value":{"Fn::Select":["0",{"Ref":"B"}]}}}}}
            """));

        Assert.Contains("Unable to fetch parameters [/a,/b] from parameter store for this account.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SsmListParameter_IsAList()
    {
        PutParameter("/list", "x,y", "StringList");
        Load("""
            {"Parameters":{"B":{"Type":"AWS::SSM::Parameter::Value<List<String>>","Default":"/list"}},
             "Resources":{"T":{"Type":"Test::Thing","Properties":{"Value":{"Ref":"B"}}}}}
            """);

        Assert.Equal("""["x","y"]""", _cloud.Stacks.All.Single().Resources.Single().Properties["Value"]!.ToJsonString());
    }

    [Fact]
    public void EventTarget_NotServed_IsRefusedBeforeAnythingIsCreated()
    {
        var refusal = Assert.Throws<AwsException>(() => Load("""
            {"Resources":{
              "A":{"Type":"Test::Thing"},
              "R":{"Type":"AWS::Events::Rule","DependsOn":"A","Properties":{"EventPattern":{"source":["x"]},"Targets":[
                {"Id":"1","Arn":{"Fn::Sub":"arn:${AWS::Partition}:codebuild:${AWS::Region}:${AWS::AccountId}:project/p"}},{"Id":"2","Arn":{"Fn::GetAtt":["A","Arn"]}}]}}}}
            """));

        Assert.Contains("R: the embedded cloud does not deliver events to arn:aws:codebuild:us-east-1:123456789012:project/p", refusal.Message,
            StringComparison.Ordinal);
        Assert.Empty(_cloud.Stacks.All);
    }

    private void PutParameter(string name = "/app/name", string value = "new", string type = "String")
    {
        foreach (var one in new[] { "old", value })
        {
            _cloud.Run(() => _cloud.Parameters.Put(new Parameter("us-east-1", name, type, one, 0, default), overwrite: true));
        }
    }

    [Fact]
    public void Create_SameNameTwice_IsRefused()
    {
        Load("""{"Resources":{"A":{"Type":"Test::Thing"}}}""");

        Assert.Equal("AlreadyExistsException", Assert.Throws<AwsException>(() => Load("""{"Resources":{"A":{"Type":"Test::Thing"}}}""")).Code);
    }

    [Fact]
    public void Create_Yaml_SupportsShortForms()
    {
        Load("""
            Resources:
              A:
                Type: Test::Thing
                Properties: { Name: a }
              B:
                Type: Test::Thing
                Properties:
                  Value: !Join ['-', [!Ref A, !GetAtt A.Arn, !Sub '${A}!', 7, true]]
            """);

        Assert.Equal("a-arn:thing:a-a!-7-true", _things.Made[1].Properties["Value"]!.ToString());
    }

    [Fact]
    public void Create_IgnoredTypes_SupportRefAndGetAtt()
    {
        var stack = Load("""
            {
              "Resources": {
                "Role": { "Type": "AWS::IAM::Role", "Properties": { "RoleName": "builder", "AssumeRolePolicyDocument": {} } },
                "Group": { "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": "/aws/x" } }
              },
              "Outputs": {
                "RoleArn": { "Value": { "Fn::GetAtt": ["Role", "Arn"] } },
                "GroupArn": { "Value": { "Fn::GetAtt": ["Group", "Arn"] }, "Export": { "Name": "group" } }
              }
            }
            """);

        Assert.Equal(["arn:aws:iam::123456789012:role/builder", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/x:*"],
            stack.Outputs.Select(output => output.Value));
        Assert.Equal("builder", stack.Resources[0].Properties["RoleName"]!.ToString());
    }

    [Fact]
    public void Delete_UsesReverseOrderAndKeepsRetained()
    {
        Load("""{"Resources":{"A":{"Type":"Test::Thing","DeletionPolicy":"Retain"},"B":{"Type":"Test::Thing"},"C":{"Type":"Test::Thing"}}}""");
        var deleted = _cloud.Run(() => _cloud.Stacks.Delete("us-east-1", "app"));

        Assert.Equal(["id-of-C", "id-of-B"], _things.Deleted);
        Assert.Equal("DELETE_COMPLETE", deleted.Status);
        Assert.Null(_cloud.Stacks.Find("us-east-1", "app"));
        Assert.Throws<AwsException>(() => _cloud.Run(() => _cloud.Stacks.Delete("us-east-1", "app")));
    }

    [Theory]
    [InlineData("{", "Template format error")]
    [InlineData("""{"Resources":{},"Resources":{"A":{"Type":"Test::Thing"}}}""", "Template format error")]
    [InlineData("Resources: {}\nResources: { A: { Type: Test::Thing } }", "Template format error")]
    [InlineData("[1]", "Template format error")]
    [InlineData("a: [", "Template format error")]
    [InlineData("{}", "Template format error: At least one Resources member must be defined.")]
    [InlineData("""{"Resources":{"A":"x"}}""", "Template format error: Any Resources member must be an object.")]
    [InlineData("""{"Resources":{"A":{}}}""", "Template format error: [/Resources/A] Every Resources object must contain a Type member.")]
    [InlineData("""{"Resources":{"A":{"Type":"Test::Thing","Invalid":1}}}""", "Invalid template resource property 'Invalid'")]
    [InlineData("""{"Foo":1,"Resources":{"A":{"Type":"Test::Thing"}}}""", "Invalid template property or properties [Foo]")]
    [InlineData("""{"Resources":{"A":{"Type":"Test::Thing"}},"Outputs":{"O":{}}}""",
        "Template format error: Every Outputs member must contain a Value object")]
    [InlineData("""{"Resources":{"A":{"Type":"Test::Thing"}},"Outputs":{"O":{"Value":null}}}""",
        "[/Outputs/O/Value] 'null' values are not allowed in templates")]
    [InlineData("""{"Resources":{"A":{"Type":"Test::Thing","Properties":{"Value":["a",null]}}}}""",
        "[/Resources/A/Properties/Value/1] 'null' values are not allowed in templates")]
    [InlineData("""{"Parameters":{"P":{"Type":"String"}},"Resources":{"A":{"Type":"Test::Thing"}}}""", "Parameters: [P] must have values")]
    [InlineData("""{"Resources":{"A":{"Type":"Test::Thing","DependsOn":"Nope"}}}""",
        "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template")]
    [InlineData("""{"Resources":{"A":{"Type":"Test::Thing"}},"Outputs":{"O":{"Value":{"Ref":"Nope"}}}}""",
        "Template format error: Unresolved resource dependencies [Nope] in the Outputs block of the template")]
    [InlineData("""{"Resources":{"A":{"Type":"Test::Thing","Condition":"Nope"}}}""", "A: the condition Nope does not exist")]
    [InlineData("""{"Conditions":{"X":{"Condition":"Y"},"Y":{"Condition":"X"}},"Resources":{"A":{"Type":"Test::Thing"}}}""", "depends on itself")]
    public void Create_Malformed_IsRefused(string template, string problem) =>
        Assert.Contains(problem, Assert.Throws<AwsException>(() => Load(template)).Message, StringComparison.Ordinal);

    [Fact]
    public void Api_DescribesAndDeletes()
    {
        Load("""{"Description":"d","Resources":{"A":{"Type":"Test::Thing"}},"Outputs":{"O":{"Value":{"Ref":"A"}}}}""");

        Assert.Contains("<OutputValue>id-of-A</OutputValue>", Call("Action=DescribeStacks&StackName=app"), StringComparison.Ordinal);
        Assert.Contains("<StackStatus>CREATE_COMPLETE</StackStatus>", Call("Action=ListStacks"), StringComparison.Ordinal);
        Assert.Contains("<PhysicalResourceId>id-of-A</PhysicalResourceId>", Call("Action=DescribeStackResources&StackName=app"), StringComparison.Ordinal);
        Assert.Contains("<ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus>", Call("Action=DescribeStackEvents&StackName=app"), StringComparison.Ordinal);
        Assert.Contains("Test::Thing", Call("Action=GetTemplate&StackName=app"), StringComparison.Ordinal);
        Call("Action=DeleteStack&StackName=app");
        Assert.Contains("<Message>Stack with id app does not exist</Message>", Call("Action=DescribeStacks&StackName=app"), StringComparison.Ordinal);
        Assert.Contains("<Message>Stack [app] does not exist</Message>", Call("Action=DescribeStackEvents&StackName=app"), StringComparison.Ordinal);
        Assert.Contains("<Code>InvalidAction</Code>", Call("Action=DetectStackDrift&StackName=app"), StringComparison.Ordinal);
    }

    private StackRecord Load(string template) => _cloud.Run(() => _cloud.Stacks.Create(new StackSource("app", template)));

    private string Call(string form) => System.Text.Encoding.UTF8.GetString(_cloud.Handle(
        new WireRequest("POST", "/", "", new Dictionary<string, string>(), System.Text.Encoding.UTF8.GetBytes(form))
        {
            Scope = new CredentialScope("AKID", "us-east-1", "cloudformation"),
        }).Body.Span);
}
