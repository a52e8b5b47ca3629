using System.Globalization;
using Xunit;

namespace Automation.LocalCloud.Tests.CloudFormation;

/// <summary>The calls that the CDK CLI makes, on the wire.</summary>
public sealed class ChangeSetTests : IDisposable
{
    private const string First = """
        {"Resources":{
          "Queue":{"Type":"AWS::SQS::Queue","Properties":{"VisibilityTimeout":30}},
          "Topic":{"Type":"AWS::SNS::Topic","Properties":{"DisplayName":"a"}},
          "Sub":{"Type":"AWS::SNS::Subscription","Properties":{"TopicArn":{"Ref":"Topic"},"Protocol":"sqs","Endpoint":{"Fn::GetAtt":["Queue","Arn"]}}}},
         "Outputs":{"Topic":{"Value":{"Ref":"Topic"}}}}
        """;

    private static readonly string Changed = First
        .Replace("30", "60", StringComparison.Ordinal)
        .Replace("\"DisplayName\":\"a\"", "\"TopicName\":\"other\"", StringComparison.Ordinal);

    private readonly DeployFixture _client = new();

    public void Dispose() => _client.Dispose();

    [Fact]
    public void Create_ByChangeSet_IsInReviewUntilItIsExecuted()
    {
        var made = _client.ChangeSet("app", "CREATE", First);

        Assert.StartsWith("arn:aws:cloudformation:us-east-1:123456789012:changeSet/set/", DeployFixture.Text(made, "Id"), StringComparison.Ordinal);
        Assert.Equal("REVIEW_IN_PROGRESS", _client.Status("app"));
        Assert.Equal("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.",
            DeployFixture.Text(_client.Stacks("Action=GetTemplateSummary&StackName=app"), "Message"));
        var described = Describe();
        Assert.Equal(["Add", "Add", "Add"], DeployFixture.Texts(described, "Action"));
        Assert.Equal("AVAILABLE", DeployFixture.Text(described, "ExecutionStatus"));
        _client.Execute("app");
        Assert.Equal("CREATE_COMPLETE", _client.Status("app"));
        Assert.Equal("EXECUTE_COMPLETE",
            DeployFixture.Text(_client.Stacks($"Action=DescribeChangeSet&ChangeSetName={Uri.EscapeDataString(DeployFixture.Text(made, "Id"))}"),
                "ExecutionStatus"));
        Assert.Equal(First, DeployFixture.Text(_client.Stacks("Action=GetTemplate&StackName=app"), "TemplateBody"));
    }

    [Fact]
    public void Update_WithNothingChanged_FailsTheChangeSetInCloudFormationsWords()
    {
        Deploy("CREATE", First);
        _client.ChangeSet("app", "UPDATE", First);
        var described = Describe();

        Assert.Equal("FAILED", DeployFixture.Text(described, "Status"));
        Assert.Equal("The submitted information didn't contain changes. Submit different information to create a change set.",
            DeployFixture.Text(described, "StatusReason"));
        Assert.Equal("InvalidChangeSetStatus", DeployFixture.Text(_client.Execute("app"), "Code"));
        _client.Stacks("Action=DeleteChangeSet&StackName=app&ChangeSetName=set");
        Assert.Equal("ChangeSetNotFound", DeployFixture.Text(Describe(), "Code"));
        Assert.Equal("CREATE_COMPLETE", _client.Status("app"));
    }

    [Fact]
    public void Update_DescribesInPlaceChangesReplacementsAndTheirConsequences()
    {
        Deploy("CREATE", First);
        var before = DeployFixture.Text(_client.Stacks("Action=DescribeStackResource&StackName=app&LogicalResourceId=Topic"), "PhysicalResourceId");
        _client.ChangeSet("app", "UPDATE", Changed);
        var described = Describe("&IncludePropertyValues=true");

        Assert.Equal(["Queue", "Topic", "Sub"], DeployFixture.Texts(described, "LogicalResourceId"));
        Assert.Equal(["False", "True", "Conditional"], DeployFixture.Texts(described, "Replacement"));
        Assert.Equal(["ReplaceAndDelete", "ReplaceAndDelete"], DeployFixture.Texts(described, "PolicyAction"));
        Assert.Contains("{{changeSet:KNOWN_AFTER_APPLY}}", DeployFixture.Texts(described, "AfterValue"));
        Assert.Contains("Topic", DeployFixture.Texts(described, "CausingEntity"));
        Assert.DoesNotContain("AfterValue", Describe().ToString(), StringComparison.Ordinal);

        _client.Execute("app");
        Assert.Equal("UPDATE_COMPLETE", _client.Status("app"));
        Assert.Equal("arn:aws:sns:us-east-1:123456789012:other", DeployFixture.Text(_client.Stacks("Action=DescribeStacks&StackName=app"), "OutputValue"));
        Assert.Equal(["arn:aws:sns:us-east-1:123456789012:other"], _client.Cloud.Sns.State.Topics.Select(topic => topic.Arn));
        Assert.Equal("arn:aws:sns:us-east-1:123456789012:other", Assert.Single(_client.Cloud.Sns.State.Subscriptions).TopicArn);
        Assert.Equal("60", Assert.Single(_client.Cloud.Sqs.State.Queues).Attributes["VisibilityTimeout"]);
        Assert.DoesNotContain(_client.Cloud.Sns.State.Topics, topic => topic.Arn == before);
    }

    [Fact]
    public void Update_RefusedByAService_RollsBackAndOnlyEventsShowIt()
    {
        Deploy("CREATE", First);
        Deploy("UPDATE",
            Changed.Replace("\"Resources\":{",
                "\"Resources\":{\"Bad\":{\"Type\":\"AWS::SQS::Queue\",\"DependsOn\":\"Sub\",\"Properties\":{\"VisibilityTimeout\":999999}},",
                StringComparison.Ordinal));
        var events = _client.Stacks("Action=DescribeStackEvents&StackName=app");

        Assert.Equal("UPDATE_ROLLBACK_COMPLETE", _client.Status("app"));
        Assert.Equal("UPDATE_ROLLBACK_COMPLETE", DeployFixture.Texts(events, "ResourceStatus")[0]);
        Assert.Contains(DeployFixture.Texts(events, "ResourceStatusReason"),
            reason => reason.Contains("Invalid value for the parameter VisibilityTimeout.", StringComparison.Ordinal));
        Assert.Equal("30", Assert.Single(_client.Cloud.Sqs.State.Queues).Attributes["VisibilityTimeout"]);
        Assert.Equal("a", Assert.Single(_client.Cloud.Sns.State.Topics).Attributes["DisplayName"]);
        Deploy("UPDATE", Changed);
        Assert.Equal("UPDATE_COMPLETE", _client.Status("app"));
    }

    [Fact]
    public void Create_RefusedByAService_RemainsAsRolledBackAndCanBeDeleted()
    {
        Deploy("CREATE", """{"Resources":{"Good":{"Type":"AWS::SQS::Queue"},"Bad":{"Type":"AWS::SQS::Queue","Properties":{"VisibilityTimeout":999999}}}}""");

        Assert.Equal("ROLLBACK_COMPLETE", _client.Status("app"));
        Assert.Empty(_client.Cloud.Sqs.State.Queues);
        Assert.Contains("is in ROLLBACK_COMPLETE state and can not be updated.", DeployFixture.Text(_client.ChangeSet("app", "UPDATE", First), "Message"),
            StringComparison.Ordinal);
        _client.Stacks("Action=DeleteStack&StackName=app");
        Deploy("CREATE", First);
        Assert.Equal("CREATE_COMPLETE", _client.Status("app"));
    }

    [Fact]
    public void Delete_IsConfirmedUnderTheStacksId()
    {
        Deploy("CREATE", First);
        var id = DeployFixture.Text(_client.Stacks("Action=DescribeStacks&StackName=app"), "StackId");
        _client.Stacks($"Action=DeleteStack&StackName={Uri.EscapeDataString(id)}");

        Assert.Equal("DELETE_COMPLETE", _client.Status(Uri.EscapeDataString(id)));
        Assert.Equal("Stack with id app does not exist", DeployFixture.Text(_client.Stacks("Action=DescribeStacks&StackName=app"), "Message"));
        Assert.Empty(_client.Cloud.Sqs.State.Queues);
        Assert.Equal("DELETE_COMPLETE",
            DeployFixture.Texts(_client.Stacks($"Action=DescribeStackEvents&StackName={Uri.EscapeDataString(id)}"), "ResourceStatus")[0]);
    }

    [Fact]
    public void Delete_OfAProtectedStack_IsRefused()
    {
        Deploy("CREATE", First);
        _client.Stacks("Action=UpdateTerminationProtection&StackName=app&EnableTerminationProtection=true");

        Assert.Equal("Stack [app] cannot be deleted while TerminationProtection is enabled",
            DeployFixture.Text(_client.Stacks("Action=DeleteStack&StackName=app"), "Message"));
        Assert.Equal("true", DeployFixture.Text(_client.Stacks("Action=DescribeStacks&StackName=app"), "EnableTerminationProtection"));
    }

    [Fact]
    public void Times_OfACallerWithAnotherClock_AreInTheCallersTime()
    {
        // The CLI shows only events that are younger than its own call.
        _client.Stacks($"Action=CreateStack&StackName=app&TemplateBody={Uri.EscapeDataString(First)}", "20310203T040506Z");
        var first = DeployFixture.Texts(_client.Stacks("Action=DescribeStackEvents&StackName=app"), "Timestamp")[^1];

        Assert.Equal("2031-02-03T04:05:06.999Z", first);
        Assert.Equal(2026, _client.Cloud.Run(() => _client.Cloud.Clock.Now).Year);
    }

    [Fact]
    public void SsmParameter_ChangedValue_IsAChange()
    {
        const string Template = """
            {"Parameters":{"P":{"Type":"AWS::SSM::Parameter::Value<String>","Default":"/my/size"}},
             "Resources":{"Queue":{"Type":"AWS::SQS::Queue","Properties":{"VisibilityTimeout":{"Ref":"P"}}}}}
            """;
        Assert.Equal("ValidationError", DeployFixture.Text(_client.ChangeSet("app", "CREATE", Template), "Code"));
        Deploy("UPDATE", """{"Resources":{"Size":{"Type":"AWS::SSM::Parameter","Properties":{"Name":"/my/size","Type":"String","Value":"11"}}}}""",
            "params", "CREATE");
        Deploy("CREATE", Template);
        Assert.Equal("11", DeployFixture.Text(_client.Stacks("Action=DescribeStacks&StackName=app"), "ResolvedValue"));
        Deploy("UPDATE", """{"Resources":{"Size":{"Type":"AWS::SSM::Parameter","Properties":{"Name":"/my/size","Type":"String","Value":"12"}}}}""", "params");
        Deploy("UPDATE", Template);

        Assert.Equal("UPDATE_COMPLETE", _client.Status("app"));
        Assert.Equal("12", Assert.Single(_client.Cloud.Sqs.State.Queues).Attributes["VisibilityTimeout"]);
    }

    [Fact]
    public void Parameters_GivenAndKept_AreUsed()
    {
        const string Template =
            """{"Parameters":{"Size":{"Type":"Number"}},"Resources":{"Queue":{"Type":"AWS::SQS::Queue","Properties":{"VisibilityTimeout":{"Ref":"Size"}}}}}""";
        Deploy("CREATE", Template, more: "&Parameters.member.1.ParameterKey=Size&Parameters.member.1.ParameterValue=5");
        Deploy("UPDATE", Template,
            more: "&Parameters.member.1.ParameterKey=Size&Parameters.member.1.UsePreviousValue=true&Tags.member.1.Key=a&Tags.member.1.Value=b");

        Assert.Equal("5", Assert.Single(_client.Cloud.Sqs.State.Queues).Attributes["VisibilityTimeout"]);
        Assert.Equal("UPDATE_COMPLETE", _client.Status("app"));
    }

    [Theory]
    [InlineData("""{"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"r"}}}}""", "CAPABILITY_IAM",
        "Requires capabilities : [CAPABILITY_NAMED_IAM]")]
    [InlineData("""{"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{}}}}""", "CAPABILITY_AUTO_EXPAND", "Requires capabilities : [CAPABILITY_IAM]")]
    public void IamResources_WithoutTheCapability_AreRefused(string template, string capability, string message)
    {
        var refusal = _client.ChangeSet("app", "CREATE", template, $"&Capabilities.member.1={capability}");

        Assert.Equal("InsufficientCapabilitiesException", DeployFixture.Text(refusal, "Code"));
        Assert.Equal(message, DeployFixture.Text(refusal, "Message"));
    }

    [Theory]
    [InlineData("Action=ExecuteChangeSet&StackName=app&ChangeSetName=none", "ChangeSetNotFound", "ChangeSet [none] does not exist")]
    [InlineData("Action=DescribeChangeSet&ChangeSetName=none", "ValidationError", "StackName must be specified")]
    [InlineData("Action=DescribeChangeSet&StackName=none&ChangeSetName=none", "ValidationError", "Stack [none] does not exist")]
    [InlineData("Action=CreateChangeSet&StackName=app&ChangeSetName=x&ChangeSetType=IMPORT&TemplateBody={}", "ValidationError",
        "does not serve change sets of type IMPORT")]
    [InlineData("Action=CreateChangeSet&StackName=app&ChangeSetName=x&DeploymentMode=REVERT_DRIFT&TemplateBody={}", "ValidationError",
        "does not serve the parameter DeploymentMode")]
    [InlineData("Action=CreateChangeSet&StackName=none&ChangeSetName=x&TemplateBody={}", "ValidationError", "Stack [none] does not exist")]
    [InlineData("Action=CreateChangeSet&StackName=app&ChangeSetName=x&ChangeSetType=CREATE&TemplateBody={}", "ValidationError",
        "Stack [app] already exists and cannot be created again with the changeSet [x].")]
    [InlineData("Action=CreateChangeSet&StackName=app&ChangeSetName=x", "ValidationError", "Either Template URL or Template Body must be specified.")]
    [InlineData("Action=CreateChangeSet&StackName=app&ChangeSetName=x&TemplateURL=https%3A%2F%2Fs3.amazonaws.com%2Fnobody%2Ft.json", "ValidationError",
        "S3 error: The specified bucket does not exist")]
    [InlineData("Action=CreateStack&StackName=new&DisableRollback=true&TemplateBody={}", "ValidationError", "does not serve the parameter DisableRollback")]
    [InlineData("Action=CreateStack&StackName=9new&TemplateBody={}", "ValidationError", "failed to satisfy constraint")]
    [InlineData("Action=UpdateStack&StackName=app&UsePreviousTemplate=true", "ValidationError", "No updates are to be performed.")]
    [InlineData("Action=DescribeStackResource&StackName=app&LogicalResourceId=Nope", "ValidationError", "Resource Nope does not exist for stack app")]
    [InlineData("Action=GetTemplate&ChangeSetName=set", "ValidationError", "StackName is a required parameter.")]
    [InlineData("Action=CreateStack&StackName=new&TemplateURL=s3%3A%2F%2Fbucket%2Fkey", "ValidationError",
        "S3 error: Domain name specified in bucket is not a valid S3 domain")]
    [InlineData("Action=UpdateStack&StackName=app&UsePreviousTemplate=true&ResourceTypes.member.1=AWS::EC2::*", "ValidationError",
        " is not allowed by parameter ResourceTypes [AWS::EC2::*]")]
    [InlineData("Action=UpdateStack&StackName=app&UsePreviousTemplate=true&ResourceTypes.member.1=AWS::EC2::*&ResourceTypes.member.2=AWS::*",
        "ValidationError", "No updates are to be performed.")]
    [InlineData("Action=ValidateTemplate&TemplateBody=%7B%22this is invalid JSON%22%7D", "ValidationError",
        "Template format error: JSON not well-formed. (line 1, column 25)")]
    [InlineData("Action=GetTemplateSummary&TemplateBody=%7B%7D", "ValidationError",
        "Template format error: At least one Resources member must be defined.")]
    [InlineData("Action=RollbackStack&StackName=app", "InvalidAction", "does not serve cloudformation:RollbackStack")]
    public void Call_NotServed_IsRefusedByName(string form, string code, string message)
    {
        Deploy("CREATE", First);
        var refusal = _client.Stacks(form);

        Assert.Equal(code, DeployFixture.Text(refusal, "Code"));
        Assert.Contains(message, DeployFixture.Text(refusal, "Message"), StringComparison.Ordinal);
    }

    [Fact]
    public void Templates_AreSummarisedAndValidated()
    {
        const string Template =
            """{"Description":"d","Parameters":{"P":{"Type":"String","Default":"x"}},"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"r"}}}}""";
        var summary = _client.Stacks($"Action=GetTemplateSummary&TemplateBody={Uri.EscapeDataString(Template)}");
        var validated = _client.Stacks($"Action=ValidateTemplate&TemplateBody={Uri.EscapeDataString(Template)}");

        Assert.Equal("AWS::IAM::Role", DeployFixture.Text(DeployFixtureElement(summary, "ResourceTypes"), "member"));
        Assert.Equal("x", DeployFixture.Text(summary, "DefaultValue"));
        Assert.Contains("CAPABILITY_NAMED_IAM", DeployFixture.Texts(validated, "member"));
        Assert.Equal("ValidationError", DeployFixture.Text(_client.Stacks("Action=ValidateTemplate&TemplateBody=nonsense"), "Code"));
    }

    [Fact]
    public void Exports_AreListedAndUnique()
    {
        const string Template = """{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}},"Outputs":{"O":{"Value":"v","Export":{"Name":"shared"}}}}""";
        Deploy("CREATE", Template);
        var second = _client.Stacks($"Action=CreateStack&StackName=second&TemplateBody={Uri.EscapeDataString(Template)}");

        Assert.Equal("shared", DeployFixture.Text(_client.Stacks("Action=ListExports"), "Name"));
        Assert.Equal("Export with name shared is already exported by stack app", DeployFixture.Text(second, "Message"));
    }

    private static System.Xml.Linq.XElement DeployFixtureElement(System.Xml.Linq.XElement document, string name) =>
        document.Descendants().First(each => each.Name.LocalName == name);

    private System.Xml.Linq.XElement Describe(string more = "") => _client.Stacks($"Action=DescribeChangeSet&StackName=app&ChangeSetName=set{more}");

    private void Deploy(string type, string template, string stack = "app", string? first = null, string more = "")
    {
        var made = _client.ChangeSet(stack, first ?? type, template, more);
        Assert.True(DeployFixture.Text(made, "Code").Length == 0, string.Create(CultureInfo.InvariantCulture, $"{made}"));
        _client.Execute(stack);
    }
}
