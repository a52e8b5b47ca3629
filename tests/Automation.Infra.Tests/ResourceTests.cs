using System.Text.Json.Nodes;

namespace Automation.Infra.Tests;

/// <summary>Rules for every resource of a kind, whatever the catalog contains.</summary>
public sealed class ResourceTests
{
    public static TheoryData<string> Catalogs => Synthesis.Catalogs;

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void Policies_NameTheirActions(string catalog) =>
        Assert.All(Statements(catalog), item => Assert.DoesNotContain(
            Template.Texts(item.Statement["Action"]),
            action => action == "*" || action.EndsWith(":*", StringComparison.Ordinal)));

    // A build runs other people's code.
    [Fact]
    public void BuildInstances_PushOnlyToTheImagesBuiltHere()
    {
        var statements = Statements("two-regions").Concat(Statements("approval")).Concat(Statements(Synthesis.Shipped))
            .Where(item => item.Id.Contains("InstanceRole", StringComparison.Ordinal)).ToList();
        var pushed = statements.Where(item => Template.Texts(item.Statement["Action"]).Contains("ecr:PutImage"))
            .SelectMany(item => Template.Texts(item.Statement["Resource"]));
        var pulled = statements.Where(item => Template.Texts(item.Statement["Action"]).Contains("ecr:BatchGetImage"))
            .SelectMany(item => Template.Texts(item.Statement["Resource"]));

        Assert.Equal(["images/app", "images/edge", "images/runtime", "images/vault"], RepositoriesOf(pushed));
        Assert.Equal(["golden/base", "golden/tools", "images/app", "images/edge", "images/runtime", "images/vault"], RepositoriesOf(pulled));
        Assert.All(Synthesis.Template(Synthesis.Shipped).Of("AWS::IAM::Role"), role => Assert.DoesNotContain(
            "ImageBuilder", role.Properties["ManagedPolicyArns"]?.ToJsonString() ?? "", StringComparison.Ordinal));

        static IEnumerable<string> RepositoriesOf(IEnumerable<string> arns) =>
            arns.Select(arn => arn[(arn.IndexOf(":repository/", StringComparison.Ordinal) + 12)..]).Distinct().Order(StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryDelivery_HasADeadLetterQueue(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var deliveries = new List<(string Id, JsonNode? DeadLetters)>();
        deliveries.AddRange(template.Of("AWS::Events::Rule")
            .SelectMany(rule => rule.Properties["Targets"]!.AsArray(), (rule, target) => (rule.Id, target!["DeadLetterConfig"]?["Arn"])));
        deliveries.AddRange(template.Of("AWS::Scheduler::Schedule")
            .Select(schedule => (schedule.Id, schedule.Properties["Target"]!["DeadLetterConfig"]?["Arn"])));
        deliveries.AddRange(template.Of("AWS::SNS::Subscription")
            .Select(subscription => (subscription.Id, subscription.Properties["RedrivePolicy"]?["deadLetterTargetArn"])));
        deliveries.AddRange(template.Of("AWS::Lambda::EventInvokeConfig")
            .Select(config => (config.Id, config.Properties["DestinationConfig"]?["OnFailure"]?["Destination"])));

        Assert.True(deliveries.Count >= 7, $"Only {deliveries.Count} deliveries: rules, schedules, subscription and asynchronous functions are checked.");
        Assert.All(deliveries, delivery => Assert.True(
            Template.Target(delivery.DeadLetters) is { } queue && template.TypeOf(queue) == "AWS::SQS::Queue",
            $"{delivery.Id} has no dead letter queue of this stack."));
    }

    // A rate schedule first runs when it is created. During the deployment it would find no pipelines, or lack permissions.
    [Theory]
    [MemberData(nameof(Catalogs))]
    public void Schedules_AreCreatedAfterEverythingTheyNeed(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var first = template.DependenciesOf("ReconcileAll");

        Assert.Equal(
            template.Of("AWS::ImageBuilder::ImagePipeline").Select(pipeline => pipeline.Id).Order(StringComparer.Ordinal),
            first.Where(id => template.TypeOf(id) == "AWS::ImageBuilder::ImagePipeline").Order(StringComparer.Ordinal));
        Assert.Contains(first, id => template.TypeOf(id) == "AWS::IAM::Policy");
        Assert.All(template.Of("AWS::Scheduler::Schedule").Where(schedule => schedule.Id != "ReconcileAll"),
            schedule => Assert.Equal(["ReconcileAll"], template.DependenciesOf(schedule.Id)));
    }

    // No page says whether Image Builder checks them when a recipe is created.
    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryRecipe_IsCreatedAfterTheRepositoriesThatItNames(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var repositories = template.Of("AWS::ECR::Repository")
            .ToDictionary(repository => repository.Properties["RepositoryName"]!.ToString(), repository => repository.Id);

        Assert.All(template.Of("AWS::ImageBuilder::ContainerRecipe"), recipe => Assert.Equal(
            new[] { repositories[recipe.Properties["TargetRepository"]!["RepositoryName"]!.ToString()],
                repositories[Template.Text(recipe.Properties["ParentImage"]).Split('/', 2)[1].Split(':')[0]] }.Order(StringComparer.Ordinal),
            template.DependenciesOf(recipe.Id).Order(StringComparer.Ordinal)));
    }

    // A build runs other people's code, and the policy of Systems Manager's agent allows reading every parameter of the account.
    [Fact]
    public void BuildInstances_ReadNoParametersOfTheAccount()
    {
        var statement =
            Assert.Single(Statements(Synthesis.Shipped),
                item => item.Id.Contains("InstanceRole", StringComparison.Ordinal) && item.Statement["Effect"]!.ToString() == "Deny").Statement;

        Assert.Equal(["ssm:GetParameter", "ssm:GetParameters"], Template.Texts(statement["Action"]));
        Assert.Equal("arn:${AWS::Partition}:ssm:${AWS::Region}::parameter/aws/service/*", Template.Text(statement["NotResource"]));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryTriggerFunction_RetriesAndThenKeepsTheEvent(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var configured = template.Of("AWS::Lambda::EventInvokeConfig").Select(config => Template.Target(config.Properties["FunctionName"]));
        var triggers = template.Of("AWS::Lambda::Function")
            .Where(function => function.Properties["Environment"]!["Variables"]!["AUTOMATION_STATE_MACHINE_ARN"] is not null)
            .Select(function => function.Id);

        Assert.Equal(triggers.Order(StringComparer.Ordinal), configured.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryLogGroup_HasARetentionAndEveryFunctionHasOne(string catalog)
    {
        var template = Synthesis.Template(catalog);

        Assert.All(template.Of("AWS::Logs::LogGroup"),
            group => Assert.True(group.Properties["RetentionInDays"] is not null, $"{group.Id} keeps its logs for ever."));
        Assert.All(template.Of("AWS::Lambda::Function"), function => Assert.Equal(
            "AWS::Logs::LogGroup",
            template.TypeOf(Template.Target(function.Properties["LoggingConfig"]?["LogGroup"]) ?? "")));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryPipeline_LogsToAGroupWhereImageBuilderMayWriteWithoutARole(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var groups = new List<string>();
        Assert.All(template.Of("AWS::ImageBuilder::ImagePipeline"), pipeline =>
        {
            var image = Template.Target(pipeline.Properties["LoggingConfiguration"]?["ImageLogGroupName"]);
            Assert.Equal(image, Template.Target(pipeline.Properties["LoggingConfiguration"]!["PipelineLogGroupName"]));
            Assert.Equal("AWS::Logs::LogGroup", template.TypeOf(image!));
            groups.Add(image!);
        });

        // Streams are named after versions, so two pipelines in one group would share them.
        Assert.Equal(groups.Distinct(), groups);
        Assert.All(template.Of("AWS::Logs::LogGroup").Where(group => groups.Contains(group.Id)), group =>
            Assert.StartsWith("/aws/imagebuilder/", Template.Text(group.Properties["LogGroupName"]), StringComparison.Ordinal));
    }

    // At the end of an update, CloudFormation deletes what is no longer in the template, while a build of the old recipe may be running.
    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryRecipe_SurvivesItsReplacementButNotAFailedFirstDeployment(string catalog)
    {
        var template = Synthesis.Template(catalog);

        Assert.All(template.Of("AWS::ImageBuilder::ContainerRecipe"), recipe => Assert.Equal("RetainExceptOnCreate", template.DeletionPolicyOf(recipe.Id)));
    }

    // Before the first reconcile, the first build and the first prune, nothing is wrong.
    [Fact]
    public void NoAlarm_GoesOffOnTheFirstDay()
    {
        var alarms = Synthesis.Template(Synthesis.Shipped).Of("AWS::CloudWatch::Alarm").ToList();
        var silence = Assert.Single(alarms, alarm => alarm.Properties["ComparisonOperator"]!.ToString() == "LessThanThreshold");

        Assert.All(alarms, alarm => Assert.NotEqual("breaching", alarm.Properties["TreatMissingData"]!.ToString()));
        Assert.Equal("missing", silence.Properties["TreatMissingData"]!.ToString());
        Assert.Equal(silence.Properties["AlarmActions"]!.ToJsonString(), silence.Properties["InsufficientDataActions"]!.ToJsonString());
    }

    [Fact]
    public void ImagesWithoutASubnet_GiveAWarningAboutTheDefaultVpc()
    {
        var text = File.ReadAllText(Synthesis.CatalogFile(Synthesis.Shipped));

        Assert.Contains(Synthesis.Messages(text),
            message => message.Contains("runtime, app: no \"subnet\" in the catalog", StringComparison.Ordinal)
                && message.Contains("describe-vpcs", StringComparison.Ordinal));
        var settled = JsonNode.Parse(text)!;
        foreach (var image in settled["images"]!.AsArray())
        {
            image!["pipeline"]!["subnet"] = "subnet-0a1b2c3d";
            image["pipeline"]!["securityGroups"] = new JsonArray("sg-0a1b2c3d");
        }

        Assert.DoesNotContain(Synthesis.Messages(settled.ToJsonString()), message => message.Contains("default VPC", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryRepository_SurvivesTheStackButNotAFailedFirstDeployment(string catalog)
    {
        var resources = JsonNode.Parse(Synthesis.Text(catalog))!["Resources"]!.AsObject();
        foreach (var (id, resource) in resources.Where(resource => resource.Value!["Type"]!.ToString() == "AWS::ECR::Repository"))
        {
            Assert.True(resource!["DeletionPolicy"]?.ToString() == "RetainExceptOnCreate" && resource["UpdateReplacePolicy"]?.ToString() == "Retain",
                $"{id} would take its images along.");
        }
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryTopicAndQueue_AcceptsOnlyEncryptedConnections(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var guarded = template.Entries.Where(resource => resource.Type is "AWS::SNS::TopicPolicy" or "AWS::SQS::QueuePolicy")
            .Where(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray().Any(statement =>
                statement!["Effect"]!.ToString() == "Deny" && statement["Condition"]?["Bool"]?["aws:SecureTransport"]?.ToString() == "false"))
            .SelectMany(policy => (policy.Properties["Topics"] ?? policy.Properties["Queues"])!.AsArray().Select(Template.Target));

        Assert.Equal(
            template.Entries.Where(resource => resource.Type is "AWS::SNS::Topic" or "AWS::SQS::Queue").Select(resource => resource.Id)
                .Order(StringComparer.Ordinal),
            guarded.Order(StringComparer.Ordinal));
    }

    // Lambda and EC2 use a role only for the account's own functions and instances. Anyone could make another service send a request.
    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryServicePrincipal_IsLimitedToItsSource(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var statements = template.Entries
            .Select(resource =>
                (resource.Id, Document: resource.Properties["PolicyDocument"] ?? resource.Properties["KeyPolicy"]
                    ?? resource.Properties["AssumeRolePolicyDocument"]))
            .Where(resource => resource.Document is not null)
            .SelectMany(resource => resource.Document!["Statement"]!.AsArray(), (resource, statement) => (resource.Id, Statement: statement!))
            .Where(item => item.Statement["Principal"] is JsonObject principal
                && Template.Texts(principal["Service"]).Any(service => service is not ("" or "lambda.amazonaws.com" or "ec2.amazonaws.com")))
            .ToList();

        Assert.True(statements.Count >= 5, $"Only {statements.Count} services are allowed.");
        Assert.All(statements, item => Assert.True(
            item.Statement["Condition"]?.ToJsonString().Contains("\"aws:SourceArn\"", StringComparison.Ordinal) == true,
            $"{item.Id} allows {item.Statement["Principal"]!.ToJsonString()} without a condition on the source."));
        Assert.All(template.Of("AWS::Lambda::Permission"), permission => Assert.NotNull(permission.Properties["SourceArn"]));
    }

    // A statement for any principal must name it in a condition.
    [Theory]
    [MemberData(nameof(Catalogs))]
    public void NoStatement_AllowsAnyPrincipal(string catalog) =>
        Assert.All(
            Synthesis.Template(catalog).Entries
                .SelectMany(resource => (resource.Properties["PolicyDocument"] ?? resource.Properties["KeyPolicy"])?["Statement"]?.AsArray() ?? [])
                .Where(statement => statement!["Effect"]!.ToString() == "Allow"
                    && (statement["Principal"]?.ToString() == "*" || statement["Principal"]?["AWS"]?.ToString() == "*")),
            statement => Assert.NotNull(statement!["Condition"]?["ArnEquals"]?["aws:PrincipalArn"]));

    // Uses of the key: roles through SNS, which calls with their permissions, and services for a resource of the account.
    [Theory]
    [MemberData(nameof(Catalogs))]
    public void Key_IsUsedOnlyForTopics(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var statements = template.Of("AWS::KMS::Key").SelectMany(key => key.Properties["KeyPolicy"]!["Statement"]!.AsArray())
            .Concat(Statements(catalog).Where(item => Template.Target(item.Statement["Resource"]) is { } target && template.TypeOf(target) == "AWS::KMS::Key")
                .Select(item => item.Statement))
            .Where(statement => !Template.Texts(statement!["Action"]).Contains("kms:*"))
            .ToList();

        Assert.Equal(4, statements.Count);
        Assert.All(statements, statement => Assert.True(
            Template.Text(statement!["Condition"]?["StringLike"]?["kms:ViaService"]) == "sns.${AWS::Region}.amazonaws.com*"
            || (statement["Principal"]!["Service"] is not null && statement["Condition"]?["ArnLike"]?["aws:SourceArn"] is not null
                && statement["Condition"]?["StringEquals"]?["aws:SourceAccount"] is not null),
            statement.ToJsonString()));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryAlarm_GoesToTheAlertsTopicToWhichCloudWatchMayPublish(string catalog)
    {
        var template = Synthesis.Template(catalog);
        var topic = Assert.Single(
            template.Of("AWS::CloudWatch::Alarm").SelectMany(alarm => alarm.Properties["AlarmActions"]!.AsArray()).Select(Template.Target).Distinct());
        var documents = template.Of("AWS::SNS::TopicPolicy").Where(policy => policy.Properties["Topics"]!.AsArray().Any(each => Template.Target(each) == topic))
            .Select(policy => policy.Properties["PolicyDocument"])
            .Concat(template.Of("AWS::KMS::Key").Select(key => key.Properties["KeyPolicy"]));

        Assert.All(template.Of("AWS::CloudWatch::Alarm"), alarm => Assert.NotNull(alarm.Properties["AlarmActions"]));
        Assert.All(documents, document => Assert.Contains(
            document!["Statement"]!.AsArray(),
            statement => statement!["Effect"]!.ToString() == "Allow"
                && Template.Texts((statement["Principal"] as JsonObject)?["Service"]).Contains("cloudwatch.amazonaws.com")));
    }

    [Fact]
    public void Alarms_CoverWhatAPersonMustKnow()
    {
        var watched = Synthesis.Template(Synthesis.Shipped).Of("AWS::CloudWatch::Alarm").Select(alarm => alarm.Properties["MetricName"]!.ToString())
            .CountBy(name => name).ToDictionary();
        var functions = Synthesis.Template(Synthesis.Shipped).Of("AWS::Lambda::Function").Count();

        Assert.Equal(
            new Dictionary<string, int>
            {
                ["ApproximateNumberOfMessagesVisible"] = 1,
                ["ExecutionsFailed"] = 3,
                ["ExecutionsTimedOut"] = 2,
                ["ExecutionThrottled"] = 1,
                ["Invocations"] = 1,
                ["Errors"] = functions,
                ["Throttles"] = functions,
                ["OverdueImages"] = 1,
            },
            watched);
    }

    // An alarm on a metric that nothing writes would never go off; a metric without an alarm or graph costs money for nothing.
    [Fact]
    public void OwnMetrics_AreThoseThatTheFunctionsWrite()
    {
        var (_, dashboard) = Assert.Single(Synthesis.Template(Synthesis.Shipped).Of("AWS::CloudWatch::Dashboard"));
        var body = JsonNode.Parse(Template.Text(dashboard["DashboardBody"]))!;
        var shown = body["widgets"]!.AsArray()
            .SelectMany(widget => widget!["properties"]!["metrics"]?.AsArray() ?? [])
            .Where(metric => metric![0]!.ToString() == "Automation")
            .Select(metric => metric![1]!.ToString());
        var written = typeof(Functions.MetricNames).GetFields().Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(written.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Id, JsonNode Statement)> Statements(string catalog) => Synthesis.Template(catalog)
        .Entries.Where(resource => resource.Type is "AWS::IAM::Policy" or "AWS::IAM::ManagedPolicy")
        .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray(), (policy, statement) => (policy.Id, statement!));
}
