using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>Calls with a function's role, of services and of other callers, against a deployed stack.</summary>
public sealed class EnforcementTests : IDisposable
{
    private const string Function = "arn:aws:lambda:us-east-1:123456789012:function:worker";
    private const string Topic = "arn:aws:sns:us-east-1:123456789012:news";
    private const string Queue = "arn:aws:sqs:us-east-1:123456789012:dead";
    private const string ServiceLinkedRole = "arn:aws:iam::123456789012:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder";

    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();
    private readonly List<JournalEntry> _journal = [];

    public EnforcementTests() => _cloud.Journal.Written += _journal.Add;

    public void Dispose() => _cloud.Dispose();

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
        Assert.Equal(3, _journal.Count(entry => entry is { Source: "iam", Kind: "access-denied" }));
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
            Assert.Single(_cloud.Iam.Permissions).Grants.Select(grant => (grant.Action, grant.Resource[^1..], grant.Used)));
    }

    [Theory]
    [InlineData("""{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}""", true)]
    [InlineData("""{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:123456789012:other"}""", false)]
    public void Publishing_NeedsTheRoleOrTheTopic(string statement, bool byRole)
    {
        Deploy(statement);
        Assert.Equal(byRole, RequirePermission("sns:Publish", Topic) is null);

        TopicPolicy($$"""{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/{{TheRole}}"},"Action":"sns:Publish","Resource":"{{Topic}}"}""");
        Assert.Null(RequirePermission("sns:Publish", Topic));

        TopicPolicy($$"""{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"{{Topic}}"}""");
        Assert.EndsWith("with an explicit deny in a resource-based policy", RequirePermission("sns:Publish", Topic), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:root"}""", "kms:*", "kms:GenerateDataKey*", null)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/ROLE"}""", "kms:*", "logs:PutLogEvents", null)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/ROLE"}""", "kms:Decrypt", "kms:GenerateDataKey*",
        "because no resource-based policy allows the kms:GenerateDataKey action")]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:root"}""", "kms:*", "logs:PutLogEvents",
        "because no identity-based policy allows the kms:GenerateDataKey action")]
    [InlineData("""{"AWS":"arn:aws:iam::210987654321:root"}""", "kms:*", "kms:GenerateDataKey*",
        "because no resource-based policy allows the kms:GenerateDataKey action")]
    [InlineData("""{"Service":"sns.amazonaws.com"}""", "kms:*", "kms:GenerateDataKey*",
        "because no resource-based policy allows the kms:GenerateDataKey action")]
    public void PublishingToAnEncryptedTopic_NeedsTheKeysPolicy(string principal, string keyAction, string roleAction, string? refusal)
    {
        Deploy($$"""{"Effect":"Allow","Action":["sns:Publish","kms:Decrypt","{{roleAction}}"],"Resource":"*"}""");
        Encrypt(
            $$"""{"Effect":"Allow","Principal":{{principal.Replace("ROLE", TheRole, StringComparison.Ordinal)}},"Action":"{{keyAction}}","Resource":"*"}""");

        var answer = RequirePermission("sns:Publish", Topic);

        Assert.Equal(refusal is null, answer is null);
        Assert.EndsWith(refusal ?? "", answer ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void EncryptedByAnAwsManagedKey_AllowsTheAccountAndNoService()
    {
        Deploy("""{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}""");
        TopicPolicy($$"""{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"{{Topic}}"}""");
        _cloud.Run(() => _cloud.Sns.State.SetTopicAttribute(_cloud.Sns.State.Topic(Topic), "KmsMasterKeyId", "alias/aws/sns"));

        Assert.Null(RequirePermission("sns:Publish", Topic));
        Assert.Contains("allows no service",
            RequirePermission("sns:Publish", Topic, Caller.Service("events.amazonaws.com", "arn:aws:events:us-east-1:123456789012:rule/r")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lambda:InvokeFunction", Function)]
    [InlineData("sns:Publish", Topic)]
    [InlineData("sqs:SendMessage", Queue)]
    public void Services_NeedTheTargetsPolicy(string action, string target)
    {
        Deploy("""{"Effect":"Allow","Action":"*","Resource":"*"}""");
        var rule = Caller.Service("events.amazonaws.com", "arn:aws:events:us-east-1:123456789012:rule/r");

        Assert.Equal(
            $"User: events.amazonaws.com is not authorized to perform: {action} on resource: {target} because no resource-based policy allows the {action} action",
            RequirePermission(action, target, rule));
        Assert.Null(RequirePermission(action, target + "-that-is-not-there", rule));
    }

    [Theory]
    [InlineData("arn:aws:events:us-east-1:123456789012:rule/r", true)]
    [InlineData("arn:aws:events:us-east-1:123456789012:rule/other", false)]
    public void LambdaPermission_AllowsTheNamedSource(string source, bool allowed)
    {
        Deploy("""{"Effect":"Allow","Action":"*","Resource":"*"}""");
        Send("lambda", "POST", "/2015-03-31/functions/worker/policy", "", null, new JsonObject
        {
            ["StatementId"] = "rule",
            ["Action"] = "lambda:InvokeFunction",
            ["Principal"] = "events.amazonaws.com",
            ["SourceArn"] = "arn:aws:events:us-east-1:123456789012:rule/r",
        }.ToJsonString(), "AKIDSOMEBODY");

        Assert.Equal(allowed, RequirePermission("lambda:InvokeFunction", Function, Caller.Service("events.amazonaws.com", source)) is null);
        Assert.NotNull(RequirePermission("lambda:InvokeFunction", Function, Caller.Service("sns.amazonaws.com", source)));
    }

    [Theory]
    [InlineData("""{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"DateLessThan":{"aws:SourceArn":"x"}}}""", "DateLessThan")]
    [InlineData("""{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"ec2:Vpc":"x"}}}""", "ec2:Vpc")]
    [InlineData("""{"Effect":"Allow","Action":"a:b"}""", "one of Resource and NotResource")]
    public void Deployment_PolicyCannotBeEvaluated_IsRefused(string statement, string problem)
    {
        var refusal = Assert.Throws<AwsException>(() => Deploy(statement));

        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("MalformedPolicyDocument", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lambda.amazonaws.com", "arn:aws:iam::aws:policy/AdministratorAccess", false)]
    [InlineData("lambda.amazonaws.com", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", true)]
    [InlineData("lambda.amazonaws.com", "arn:aws:iam::123456789012:policy/missing", false)]
    [InlineData("ec2.amazonaws.com", "arn:aws:iam::aws:policy/AdministratorAccess", true)]
    public void Deployment_UnknownManagedPolicy_IsRefusedIfTheRoleIsInUse(string service, string policy, bool taken)
    {
        var template = new JsonObject { ["Resources"] = new JsonObject { ["R"] = Role(service, new JsonArray(policy)) } }.ToJsonString();

        var refusal = Record.Exception(() => _cloud.Run(() => _cloud.Stacks.Create(new StackSource("S", template))));

        Assert.Equal(taken, refusal is null);
        if (!taken)
        {
            Assert.Contains(policy, refusal!.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("states.amazonaws.com", false)]
    [InlineData("cloudformation.amazonaws.com", true)]
    public void Deployment_PermissionsBoundary_IsRefusedIfTheRoleIsInUse(string service, bool taken)
    {
        var role = Role(service, []);
        role["Properties"]!["PermissionsBoundary"] = "arn:aws:iam::123456789012:policy/boundary";

        var refusal = Record.Exception(
            () => _cloud.Run(
                () => _cloud.Stacks.Create(new StackSource("S", new JsonObject { ["Resources"] = new JsonObject { ["R"] = role } }.ToJsonString()))));

        Assert.Equal(!taken, refusal?.Message.Contains("PermissionsBoundary", StringComparison.Ordinal) is true);
    }

    [Fact]
    public void ManagedPolicyOfTheStack_AppliesToItsRoles()
    {
        var template = new JsonObject
        {
            ["Resources"] = new JsonObject
            {
                ["Common"] = new JsonObject
                {
                    ["Type"] = "AWS::IAM::ManagedPolicy",
                    ["Properties"] = new JsonObject
                    {
                        ["PolicyDocument"] = JsonNode.Parse("""{"Statement":{"Effect":"Allow","Action":"ecr:ListImages","Resource":"*"}}""")
                    },
                },
                ["R"] = Role("lambda.amazonaws.com", new JsonArray(new JsonObject { ["Ref"] = "Common" })),
            },
        }.ToJsonString();
        var stack = _cloud.Run(() => _cloud.Stacks.Create(new StackSource("S", template)));
        PutFunction(stack.Resources.Single(resource => resource.LogicalId == "R").Attributes["Arn"]);

        Assert.Equal(("RepositoryNotFoundException", "AccessDeniedException"), (Ecr("ListImages", "images/app").Code, Ecr("PutImage", "images/app").Code));
    }

    [Fact]
    public void ExistingRole_IsNotCreatedAgain()
    {
        var role = Role("ec2.amazonaws.com", []);
        role["Properties"]!["RoleName"] = "mine";
        var template = new JsonObject { ["Resources"] = new JsonObject { ["R"] = role } }.ToJsonString();
        _cloud.Run(() => _cloud.Stacks.Create(new StackSource("S", template)));

        Assert.Contains("already exists", Assert.Throws<AwsException>(() => _cloud.Run(() => _cloud.Stacks.Create(new StackSource("T", template)))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_OfAnAssumedRole_ActAsThatRole()
    {
        DeployRoles();
        var key = AccessKey(Sts($"Action=AssumeRole&RoleSessionName=me&RoleArn={Uri.EscapeDataString("arn:aws:iam::123456789012:role/people")}"));

        Assert.Contains("<Arn>arn:aws:sts::123456789012:assumed-role/people/me</Arn>", Text(Sts("Action=GetCallerIdentity", key)), StringComparison.Ordinal);
        Assert.Equal(
            (400, "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/people/me is not authorized to perform: ecr:PutImage on resource: arn:aws:ecr:us-east-1:123456789012:repository/images/app because no identity-based policy allows the ecr:PutImage action"),
            Ecr("PutImage", "images/app", key));
        Assert.NotEqual("AccessDeniedException", Ecr("DescribeImages", "images/app", key).Code);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("of-a-service")]
    public void Role_MissingOrForServicesOnly_IsNotAssumed(string role)
    {
        DeployRoles();

        var refusal = Sts($"Action=AssumeRole&RoleSessionName=me&RoleArn={Uri.EscapeDataString($"arn:aws:iam::123456789012:role/{role}")}");

        Assert.Equal(403, refusal.Status);
        Assert.Contains(
            $"<Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/local is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/{role}</Message>", Text(refusal), StringComparison.Ordinal);
    }

    /// <summary>A role that allows the account, and one that allows only a service.</summary>
    private void DeployRoles()
    {
        static JsonObject RoleOf(string name, JsonObject principal) => new()
        {
            ["Type"] = "AWS::IAM::Role",
            ["Properties"] = new JsonObject
            {
                ["RoleName"] = name,
                ["AssumeRolePolicyDocument"] = new JsonObject
                {
                    ["Statement"] = new JsonArray(new JsonObject { ["Effect"] = "Allow", ["Action"] = "sts:AssumeRole", ["Principal"] = principal }),
                },
                ["Policies"] = new JsonArray(new JsonObject
                {
                    ["PolicyName"] = "p",
                    ["PolicyDocument"] = JsonNode.Parse("""{"Statement":{"Effect":"Allow","Action":"ecr:DescribeImages","Resource":"*"}}"""),
                }),
            },
        };
        var resources = new JsonObject
        {
            ["People"] = RoleOf("people", new JsonObject { ["AWS"] = "arn:aws:iam::123456789012:root" }),
            ["Service"] = RoleOf("of-a-service", new JsonObject { ["Service"] = "ec2.amazonaws.com" }),
        };
        _cloud.Run(() => _cloud.Stacks.Create(new StackSource("roles", new JsonObject { ["Resources"] = resources }.ToJsonString())));
    }

    private WireResponse Sts(string form, string? accessKey = null) => Send("sts", "POST", "/", "", null, form, accessKey ?? "AKIDPERSON");

    private static string AccessKey(WireResponse response)
    {
        Assert.True(response.Status == 200, Text(response));
        return Text(response).Split("<AccessKeyId>")[1].Split('<')[0];
    }

    private string TheRole => _cloud.Stacks.All.Single().Resources.Single(resource => resource.LogicalId == "Role").PhysicalId;

    /// <summary>A function with a role, a topic and a queue; a second deployment updates the stack.</summary>
    private void Deploy(params string[] statements)
    {
        var resources = new JsonObject
        {
            ["Role"] = Role("lambda.amazonaws.com", []),
            ["Topic"] = new JsonObject { ["Type"] = "AWS::SNS::Topic", ["Properties"] = new JsonObject { ["TopicName"] = "news" } },
            ["Queue"] = new JsonObject { ["Type"] = "AWS::SQS::Queue", ["Properties"] = new JsonObject { ["QueueName"] = "dead" } },
        };
        if (statements.Length > 0)
        {
            resources["Policy"] = new JsonObject
            {
                ["Type"] = "AWS::IAM::Policy",
                ["Properties"] = new JsonObject
                {
                    ["PolicyName"] = "p",
                    ["Roles"] = new JsonArray(new JsonObject { ["Ref"] = "Role" }),
                    ["PolicyDocument"] = new JsonObject { ["Statement"] = new JsonArray([.. statements.Select(each => JsonNode.Parse(each))]) },
                },
            };
        }

        var source = new StackSource("S", new JsonObject { ["Resources"] = resources }.ToJsonString());
        var stack = _cloud.Run(() => _cloud.Stacks.All.Count == 0 ? _cloud.Stacks.Create(source) : _cloud.Stacks.Update(source));
        PutFunction(stack.Resources.Single(resource => resource.LogicalId == "Role").Attributes["Arn"]);
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

    private void PutFunction(string role) => _cloud.Run(() => _cloud.Lambda.Put(new FunctionConfiguration(
        "worker", Function, "us-east-1", null, "worker", "provided.al2023", ["x86_64"], new Dictionary<string, string>(), TimeSpan.FromSeconds(3), 128,
        role, null)));

    private static JsonObject Role(string service, JsonArray managed) => new()
    {
        ["Type"] = "AWS::IAM::Role",
        ["Properties"] = new JsonObject
        {
            ["AssumeRolePolicyDocument"] = new JsonObject
            {
                ["Statement"] = new JsonArray(
                    new JsonObject { ["Effect"] = "Allow", ["Action"] = "sts:AssumeRole", ["Principal"] = new JsonObject { ["Service"] = service } }),
            },
            ["ManagedPolicyArns"] = managed,
        },
    };

    private void TopicPolicy(string statement) => _cloud.Run(() =>
        _cloud.Sns.State.SetTopicAttribute(_cloud.Sns.State.Topic(Topic), "Policy", $$"""{"Statement":[{{statement}}]}"""));

    private void Encrypt(string statement)
    {
        var key = new JsonObject
        {
            ["Type"] = "AWS::KMS::Key",
            ["Properties"] = new JsonObject { ["KeyPolicy"] = new JsonObject { ["Statement"] = JsonNode.Parse(statement) } }
        };
        var template = new JsonObject { ["Resources"] = new JsonObject { ["Key"] = key } }.ToJsonString();
        _cloud.Run(() =>
        {
            var id = _cloud.Stacks.Create(new StackSource("K", template)).Resources.Single().PhysicalId;
            _cloud.Sns.State.SetTopicAttribute(_cloud.Sns.State.Topic(Topic), "KmsMasterKeyId", id);
        });
    }

    /// <summary>Why it is refused; null if it is allowed.</summary>
    private string? RequirePermission(string action, string resource, Caller? caller = null) =>
        Record.Exception(
            () => _cloud.Run(() => _cloud.Iam.RequirePermission(caller ?? Caller.Role(_cloud.Lambda.Functions.Single().Role, "worker"), action, resource)))
                ?.Message;

    private (int Status, string Code, string Message) Ecr(string operation, string? repository, string? accessKey = null)
    {
        var input = new JsonObject();
        if (repository is not null)
        {
            input["repositoryName"] = repository;
        }

        if (operation is "PutImage")
        {
            input["imageManifest"] = "{}";
        }

        if (operation is "BatchGetImage")
        {
            input["imageIds"] = new JsonArray(new JsonObject { ["imageTag"] = "t" });
        }

        var answer = Send("ecr", "POST", "/", "", $"AmazonEC2ContainerRegistry_V20150921.{operation}", input.ToJsonString(), accessKey);
        var body = JsonNode.Parse(answer.Body.Span)!;
        return (answer.Status, body["__type"]?.ToString() ?? "", body["message"]?.ToString() ?? "");
    }

    private WireResponse Send(string service, string method, string path, string query, string? target, string body, string? accessKey = null)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (target is not null)
        {
            headers["x-amz-target"] = target;
        }

        return _cloud.Handle(new WireRequest(method, path, query, headers, Encoding.UTF8.GetBytes(body))
        {
            Scope = new CredentialScope(accessKey ?? Common.AccessKey.Of(Function), "us-east-1", service),
        });
    }

    private static string Text(WireResponse response) => Encoding.UTF8.GetString(response.Body.Span);
}
