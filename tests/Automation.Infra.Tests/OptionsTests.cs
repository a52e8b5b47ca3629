using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;

namespace Automation.Infra.Tests;

/// <summary>Every setting of the context is documented, checked, and visible in the template.</summary>
public sealed class OptionsTests
{
    private static readonly JsonElement Context = JsonDocument.Parse(File.ReadAllText(Path.Combine(Synthesis.Root, "infra", "cdk.schema.json"))).RootElement
        .GetProperty("properties").GetProperty("context");

    /// <summary>Properties in which a resource's own name may occur.</summary>
    private static readonly string[] Names =
        ["Name", "RepositoryName", "StackName", "TopicName", "QueueName", "FunctionName", "RoleName", "AlarmName", "DashboardName", "LogGroupName",
            "StateMachineName", "InstanceProfileName"];

    [Fact]
    public void Schema_ListsExactlyTheKeysThatAreReadWithTheirDefaults()
    {
        var defaults = new StackOptions();
        var documented = Context.GetProperty("properties").EnumerateObject().ToDictionary(key => key.Name, key => key.Value);

        Assert.Equal(StackOptions.Keys.Order(StringComparer.Ordinal), documented.Keys.Order(StringComparer.Ordinal));
        Assert.False(Context.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(defaults.StackName, documented["stackName"].GetProperty("default").GetString());
        Assert.Equal(defaults.Prefix, documented["prefix"].GetProperty("default").GetString());
        Assert.Equal(defaults.Catalog, documented["catalog"].GetProperty("default").GetString());
        Assert.Equal(defaults.Reconcile, documented["reconcile"].GetProperty("default").GetString());
        Assert.Equal(defaults.LogRetentionDays, documented["logRetentionDays"].GetProperty("default").GetInt32());
        Assert.Equal(defaults.DeleteImages, documented["deleteImages"].GetProperty("default").GetBoolean());
        Assert.Equal(defaults.HoldTags, documented["holdTags"].GetProperty("default").GetBoolean());
        Assert.Equal(defaults.RecipesLater, documented["recipes"].GetProperty("default").GetString() == "later");
        Assert.Equal("x86_64", documented["architecture"].GetProperty("default").GetString());
        Assert.Equal(defaults.Tracing, documented["tracing"].GetProperty("default").GetBoolean());
        Assert.Equal(defaults.Dashboard, documented["dashboard"].GetProperty("default").GetBoolean());
        Assert.Equal(defaults.DeadLetterDays, documented["deadLetterDays"].GetProperty("default").GetInt32());
        foreach (var (key, numbers) in new[] { ("functionMemory", defaults.FunctionMemory), ("functionTimeoutSeconds", defaults.FunctionTimeoutSeconds),
            ("alarmThresholds", defaults.AlarmThresholds) })
        {
            var members = documented[key].GetProperty("oneOf")[0].GetProperty("properties").EnumerateObject()
                .ToDictionary(member => member.Name, member => member.Value);
            Assert.Equal(
                numbers.Values.Select(number => (number.Key, number.Value, numbers.RangeOf(number.Key))).ToHashSet(),
                members.Select(member => (member.Key, Number(member.Value, "default"), (Number(member.Value, "minimum"), Number(member.Value, "maximum"))))
                    .ToHashSet());
        }

        static int Number(JsonElement member, string name) => member.GetProperty(name).GetInt32();
    }

    /// <summary>Amazon Q Developer shows only its own schema, so the rule converts the alert of an event to it.</summary>
    [Fact]
    public void Channels_GetCustomNotificationsWithNextSteps_AndTheAlarms()
    {
        var template = Synthesis.With(Synthesis.Read(new()
        {
            ["slackChannel"] = "T0123ABCD/C0123ABCD",
            ["teamsChannel"] = "00000000-1111-2222-3333-444444444444/55555555-6666-7777-8888-999999999999/19%3Aab-c%40thread.tacv2",
        }));

        var slack = template.Of("AWS::Chatbot::SlackChannelConfiguration").Single().Properties;
        Assert.Equal(("T0123ABCD", "C0123ABCD"), (slack["SlackWorkspaceId"]!.ToString(), slack["SlackChannelId"]!.ToString()));
        Assert.Equal(2, slack["SnsTopicArns"]!.AsArray().Count);
        Assert.Equal("55555555-6666-7777-8888-999999999999",
            template.Of("AWS::Chatbot::MicrosoftTeamsChannelConfiguration").Single().Properties["TeamId"]!.ToString());
        var rule = template.Of("AWS::Events::Rule").Select(each => each.Properties).Single(each => each["EventPattern"]?["detail"]?["alert"] is not null);
        var transformer = rule["Targets"]![0]!["InputTransformer"]!;
        Assert.Contains("\"version\":\"1.0\",\"source\":\"custom\"", transformer["InputTemplate"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"nextSteps\":<detail-alert-nextSteps>", transformer["InputTemplate"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("$.detail.alert.nextSteps", transformer["InputPathsMap"]!["detail-alert-nextSteps"]!.ToString());
    }

    // The values that the CDK CLI passes from cdk.json, and those from -c key=value.
    [Fact]
    public void Objects_AreReadFromCdkJsonAndAsJsonFromTheCommandLine()
    {
        var fromFile =
            Synthesis.Read(
                new()
                {
                    ["functionMemory"] = new Dictionary<string, object> { ["Prune"] = 1024 },
                    ["alarmThresholds"] = new Dictionary<string, object>(),
                    ["tracing"] = false,
                    ["deadLetterDays"] = 4
                });
        var fromCommandLine = Synthesis.Read(
            new() { ["functionMemory"] = """{"Prune":1024}""", ["alarmThresholds"] = "{}", ["tracing"] = "false", ["deadLetterDays"] = "4" });

        Assert.Equal((1024, 512, false, 4),
            (fromFile.FunctionMemory["Prune"], fromFile.FunctionMemory["Reconcile"], fromFile.Tracing, fromFile.DeadLetterDays));
        Assert.Equivalent(fromFile, fromCommandLine, strict: true);
    }

    [Theory]
    [InlineData("functionMemory", """{"Purge":512}""", "functionMemory: 'Purge' must be one of Reconcile, ImagePushed")]
    [InlineData("functionMemory", """{"Prune":127}""", "functionMemory: Prune must be a whole number from 128 to 10240")]
    [InlineData("functionMemory", """{"Prune":10241}""", "functionMemory: Prune must be")]
    [InlineData("functionMemory", """{"Prune":512.5}""", "functionMemory: Prune must be")]
    [InlineData("functionMemory", """{"Prune":"much"}""", "functionMemory: Prune must be")]
    [InlineData("functionMemory", """{"Prune":null}""", "functionMemory: Prune must be")]
    [InlineData("functionMemory", "512", "functionMemory: '512' must be an object such as {\"Reconcile\":512}")]
    [InlineData("functionMemory", "null", "functionMemory: 'null' must be an object")]
    [InlineData("functionMemory", "[512]", "functionMemory: '[512]' must be an object")]
    [InlineData("functionMemory", "Prune=512", "functionMemory: 'Prune=512' must be an object")]
    [InlineData("functionTimeoutSeconds", """{"Prune":59}""", "functionTimeoutSeconds: Prune must be a whole number from 60 to 900")]
    [InlineData("functionTimeoutSeconds", """{"Reconcile":30}""", "functionTimeoutSeconds: Reconcile must be a whole number from 60 to 900")]
    [InlineData("functionTimeoutSeconds", """{"Announce":9}""", "functionTimeoutSeconds: Announce must be a whole number from 10 to 900")]
    [InlineData("functionTimeoutSeconds", """{"Announce":901}""", "functionTimeoutSeconds: Announce must be")]
    [InlineData("alarmThresholds", """{"functionErrors":0}""", "alarmThresholds: functionErrors must be a whole number from 1 to 1000000")]
    [InlineData("alarmThresholds", """{"PruneErrors":5}""", "alarmThresholds: 'PruneErrors' must be one of deadLetters, ")]
    [InlineData("deadLetterDays", "15", "deadLetterDays: '15' must be a whole number from 1 to 14")]
    [InlineData("deadLetterDays", "0", "deadLetterDays: '0' must be")]
    [InlineData("deadLetterDays", "-1", "deadLetterDays: '-1' must be")]
    [InlineData("logRetentionDays", "90.5", "logRetentionDays: '90.5' must be one of 1, 3, ")]
    [InlineData("repositoryKey", "arn:aws:kms:eu-west-1:123456789012:key/1,arn:aws:kms:eu-west-1:123456789012:key/2",
        "repositoryKey: eu-west-1 has more than one")]
    [InlineData("tracing", "on", "tracing: 'on' must be true or false")]
    [InlineData("dashboard", "1", "dashboard: '1' must be true or false")]
    [InlineData("notificationKey", "alias/topics", "notificationKey: 'alias/topics' must be the ARN of a KMS key")]
    [InlineData("notificationKey", "arn:aws:kms:us-east-1:123456789012:alias/topics", "notificationKey: ")]
    public void FaultyValue_IsRefused(string key, string value, string fault) =>
        Assert.Contains(fault, Assert.Throws<StackOptionsException>(() => StackOptions.Read(asked => asked == key ? value : null)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void FunctionSettings_ChangeOnlyTheNamedFunctions()
    {
        var options = StackOptions.Read(key => key switch
        {
            "functionMemory" => """{"Prune":1024}""",
            "functionTimeoutSeconds" => """{"PromoteImage":600}""",
            _ => null,
        });
        var functions = Synthesis.With(options).Of("AWS::Lambda::Function")
            .ToDictionary(function => function.Properties["Environment"]!["Variables"]!["ANNOTATIONS_HANDLER"]!.ToString(), function => function.Properties);

        Assert.Equal(functions.Keys.Order(StringComparer.Ordinal), options.FunctionMemory.Values.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(functions.Keys.Order(StringComparer.Ordinal), options.FunctionTimeoutSeconds.Values.Keys.Order(StringComparer.Ordinal));
        Assert.All(functions,
            function => Assert.Equal(function.Key == "Prune" ? 1024 : IntegerSettings.FunctionMemory[function.Key], (int)function.Value["MemorySize"]!));
        Assert.All(functions, function =>
            Assert.Equal(function.Key == "PromoteImage" ? 600 : IntegerSettings.FunctionTimeoutSeconds[function.Key], (int)function.Value["Timeout"]!));
    }

    // Each has a different number, so that a mix-up is visible.
    [Fact]
    public void EveryAlarm_HasTheThresholdOfItsKind()
    {
        var kinds = IntegerSettings.AlarmThresholds.Values.Keys.Index().ToDictionary(kind => kind.Item, kind => kind.Index + 101);
        var template = Synthesis.With(StackOptions.Read(key => key == "alarmThresholds" ? JsonSerializer.Serialize(kinds) : null));
        string[] functions = [.. IntegerSettings.FunctionMemory.Values.Keys];
        var expected = kinds.SelectMany(kind => kind.Key switch
        {
            "overdueImages" => [("ImagesOverdue", kind.Value)],
            "functionErrors" or "functionThrottles" => functions.Select(function => ($"{function}{kind.Key["function".Length..]}", kind.Value)),
            var name => [($"{char.ToUpperInvariant(name[0])}{name[1..]}", kind.Value)],
        }).Append(("ReconcileSilent", 1));

        Assert.Equal(
            expected.Order(),
            template.Of("AWS::CloudWatch::Alarm").Select(alarm => (alarm.Id["Monitoring".Length..^8], (int)alarm.Properties["Threshold"]!)).Order());
    }

    [Fact]
    public void DisabledFeatures_LeaveNothingInTheTemplate()
    {
        var template = Synthesis.With(new StackOptions { Tracing = false, Dashboard = false, DeadLetterDays = 3 });

        Assert.DoesNotContain("xray:", template.ToString(), StringComparison.Ordinal);
        Assert.All(template.Of("AWS::Lambda::Function"), function => Assert.Null(function.Properties["TracingConfig"]));
        Assert.All(template.Of("AWS::StepFunctions::StateMachine"),
            machine => Assert.NotEqual("true", machine.Properties["TracingConfiguration"]?["Enabled"]?.ToString()));
        Assert.Empty(template.Of("AWS::CloudWatch::Dashboard"));
        Assert.Equal("259200", Assert.Single(template.Of("AWS::SQS::Queue")).Properties["MessageRetentionPeriod"]!.ToString());
    }

    [Fact]
    public void ExistingKey_EncryptsBothTopicsAndBothStateMachinesMayUseIt()
    {
        const string Existing = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d";
        var template = Synthesis.With(new StackOptions { NotificationKey = Existing });

        Assert.Empty(template.Of("AWS::KMS::Key"));
        Assert.All(template.Of("AWS::SNS::Topic"), topic => Assert.Equal(Existing, topic.Properties["KmsMasterKeyId"]!.ToString()));
        Assert.Equal(
            [Existing, Existing],
            template.Of("AWS::IAM::Policy").SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray())
                .Where(statement => Template.Texts(statement!["Action"]).Contains("kms:GenerateDataKey*"))
                .Select(statement => statement!["Resource"]!.ToString()));
    }

    [Fact]
    public void ShippedContext_HasOnlyDocumentedKeys()
    {
        var keys = CdkContext.Read(Synthesis.Root).Keys
            .Where(key => !key.StartsWith("aws:", StringComparison.Ordinal) && !key.StartsWith("@aws-cdk/", StringComparison.Ordinal));

        Assert.Empty(keys.Except(StackOptions.Keys));
    }

    [Fact]
    public void ShippedContext_HasTheDefaults()
    {
        var read = StackOptions.Read(CdkContext.Read(Synthesis.Root).GetValueOrDefault);

        Assert.Equivalent(new StackOptions(), read, strict: true);
    }

    [Fact]
    public void FaultyContext_IsRefusedWithEveryFault()
    {
        var context = new Dictionary<string, object>
        {
            ["stackName"] = "my stack",
            ["architecture"] = "arm",
            ["reconcile"] = "hourly",
            ["alarmEmails"] = "team@example.com, nobody",
            ["logRetentionDays"] = 10,
            ["functionSubnets"] = new object[] { "subnet-0a1b2c3d" },
            ["repositoryKey"] = "alias/images",
            ["deleteImages"] = "yes",
        };

        var faults = Assert.Throws<StackOptionsException>(() => StackOptions.Read(context.GetValueOrDefault)).Message;

        string[] expected = ["stackName: 'my stack'", "architecture: 'arm'", "reconcile: 'hourly'", "alarmEmails: 'nobody'", "logRetentionDays: ",
            "functionSubnets: must be set together", "repositoryKey: ", "deleteImages: 'yes'"];
        Assert.All(expected, fault => Assert.Contains(fault, faults, StringComparison.Ordinal));
        Assert.Contains("8 faults", faults, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryOption_IsVisibleInTheTemplate()
    {
        const string Key = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d";
        var template = Synthesis.With(new StackOptions
        {
            Reconcile = "rate(10 minutes)",
            AlarmEmails = ["one@example.com", "two@example.com"],
            LogRetentionDays = 365,
            FunctionSubnets = ["subnet-0a1b2c3d"],
            FunctionSecurityGroups = ["sg-0a1b2c3d"],
            RepositoryKeys = [Key],
            DeleteImages = true,
            Arm = true,
        });

        Assert.All(template.Of("AWS::Logs::LogGroup"), group => Assert.Equal("365", group.Properties["RetentionInDays"]!.ToString()));
        Assert.All(template.Of("AWS::Lambda::Function"), function =>
        {
            Assert.Equal("arm64", function.Properties["Architectures"]![0]!.ToString());
            Assert.Equal(("subnet-0a1b2c3d", "sg-0a1b2c3d"),
                (function.Properties["VpcConfig"]!["SubnetIds"]![0]!.ToString(), function.Properties["VpcConfig"]!["SecurityGroupIds"]![0]!.ToString()));
        });
        Assert.All(template.Of("AWS::ECR::Repository"), repository =>
        {
            Assert.Equal(Key, repository.Properties["EncryptionConfiguration"]!["KmsKey"]!.ToString());
            Assert.Equal("true", repository.Properties["EmptyOnDelete"]!.ToString());
            Assert.Equal("Delete", template.DeletionPolicyOf(repository.Id));
        });
        Assert.Equal(
            ["one@example.com", "two@example.com"],
            template.Of("AWS::SNS::Subscription").Where(each => each.Properties["Protocol"]!.ToString() == "email")
                .Select(each => each.Properties["Endpoint"]!.ToString()).Order(StringComparer.Ordinal));
        Assert.Contains("rate(10 minutes)", template.Of("AWS::Scheduler::Schedule").Select(schedule => schedule.Properties["ScheduleExpression"]!.ToString()));
    }

    [Fact]
    public void BuildInfrastructure_IsSetPerImageAndSharedByEqualOnes()
    {
        var template = Synthesis.With(new StackOptions(), """
            { "defaults": { "pipeline": { "subnet": "subnet-0a1b2c3d", "securityGroups": [ "sg-0a1b2c3d" ], "logBucket": "my-logs", "parameters": [ "/tools/*", "token" ] } },
              "repositories": [ { "name": "golden/base", "existing": true } ],
              "images": [ { "name": "one", "from": "golden/base:stable", "repository": "images/one" },
                          { "name": "two", "from": "golden/base:stable", "repository": "images/two" },
                          { "name": "big", "from": "golden/base:stable", "repository": "images/big", "pipeline": { "instanceTypes": [ "m7i.large" ] } } ] }
            """);

        var configurations = template.Of("AWS::ImageBuilder::InfrastructureConfiguration").ToList();
        Assert.Equal(2, configurations.Count);
        Assert.Equal(2, configurations.Select(each => each.Properties["Name"]!.ToString()).Distinct().Count());
        Assert.All(configurations, each =>
        {
            Assert.Equal("subnet-0a1b2c3d", each.Properties["SubnetId"]!.ToString());
            Assert.Equal("my-logs", each.Properties["Logging"]!["S3Logs"]!["S3BucketName"]!.ToString());
            Assert.Equal(("required", "2"),
                (each.Properties["InstanceMetadataOptions"]!["HttpTokens"]!.ToString(),
                    each.Properties["InstanceMetadataOptions"]!["HttpPutResponseHopLimit"]!.ToString()));
            Assert.Null(each.Properties["KeyPair"]);
        });
        Assert.Equal(["m7i.large"], configurations.SelectMany(each => each.Properties["InstanceTypes"]?.AsArray() ?? []).Select(type => type!.ToString()));
        Assert.Contains(
            template.Of("AWS::IAM::Policy").SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray()),
            statement => Template.Texts(statement!["Action"]).Contains("s3:PutObject")
                && Template.Text(statement["Resource"]).EndsWith(":s3:::my-logs/Automation/*", StringComparison.Ordinal));
        Assert.Equal(
            ["${AWS::Region}::parameter/aws/service/*", "${AWS::Region}:${AWS::AccountId}:parameter/tools/*",
                "${AWS::Region}:${AWS::AccountId}:parameter/token"],
            Template.Texts(Assert.Single(
                template.Of("AWS::IAM::Policy").SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray()),
                statement => statement!["Effect"]!.ToString() == "Deny")!["NotResource"]).Select(arn => arn["arn:${AWS::Partition}:ssm:".Length..]));
        Assert.Equal(["images/big", "images/one", "images/two"],
            template.Of("AWS::ECR::Repository").Select(each => each.Properties["RepositoryName"]!.ToString()).Order(StringComparer.Ordinal));
    }

    // Deployed side by side, so that no name is forgotten; and compared, because a service may allow equal names by chance.
    [Fact]
    public void TwoCopies_CoexistInOneAccount()
    {
        var only = Synthesis.Template(Synthesis.Shipped);
        var copy = Synthesis.With(new StackOptions { Prefix = "dev" });

        Assert.Empty(PhysicalNames(only).Intersect(PhysicalNames(copy)));
        Assert.All(copy.Of("AWS::Lambda::Function"),
            function => Assert.Equal("dev", function.Properties["Environment"]!["Variables"]!["AUTOMATION_PREFIX"]!.ToString()));
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
        foreach (var (name, template) in new[] { ("Automation", only), ("dev-Automation", copy) })
        {
            var stack = cloud.Run(() => cloud.Stacks.Create(new StackSource(name, template.ToString())
            {
                Assets = new Dictionary<string, string> { [Synthesis.AssetFile] = AppContext.BaseDirectory },
            }));
            Assert.Equal("CREATE_COMPLETE", stack.Status);
        }
    }

    [Fact]
    public void Copy_MayTouchOnlyItsOwnResources()
    {
        // Apart from reading builds, only Amazon's components are an exception.
        var granted = Synthesis.With(new StackOptions { Prefix = "dev" }).GrantsOfMoreThanReadingBuilds
            .SelectMany(statement => Template.Texts(statement["Resource"]))
            .Where(arn => !arn.EndsWith(":aws:component/*", StringComparison.Ordinal))
            .Where(arn => arn.Contains(":repository/", StringComparison.Ordinal) || arn.Contains(":imagebuilder:", StringComparison.Ordinal))
            .Select(arn => arn[(arn.LastIndexOf(':') + 1)..]);

        Assert.All(granted, resource => Assert.Matches("^(?:repository/dev/|(?:image-pipeline|image|container-recipe)/dev-)", resource));
    }

    private static IEnumerable<string> PhysicalNames(Template template) => template.Entries
        .SelectMany(resource => resource.Properties.Where(property => Names.Contains(property.Key) && property.Value is JsonValue),
            (resource, property) => $"{resource.Type} {property.Value}");
}
