using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Cli.Tests.Doctor;

/// <summary>Typical faults in accounts, planted with the API calls that cause them.</summary>
internal static class PlantedFaults
{
    public static Task PlantAsync(DeployedAccount account, string fault) => fault switch
    {
        "bootstrap-old" => account.PutParameterAsync("/cdk-bootstrap/hnb659fds/version", "4"),
        "no-default-vpc" => DeleteDefaultVpcAsync(account),
        "no-service-role" => account.QueryAsync("iam", "2010-05-08", "DeleteServiceLinkedRole", ("RoleName", "AWSServiceRoleForImageBuilder")),
        "repository-gone" => Ecr(account, "DeleteRepository", "images/runtime", ("force", true)),
        "immutable" => Ecr(account, "PutImageTagMutability", "images/app", ("imageTagMutability", "IMMUTABLE")),
        "lifecycle-tagged" => Ecr(account, "PutLifecyclePolicy", "images/app", ("lifecyclePolicyText", Lifecycle("any"))),
        "lifecycle-untagged" => Ecr(account, "PutLifecyclePolicy", "images/app", ("lifecyclePolicyText", Lifecycle("untagged"))),
        "key-policy" => account.JsonAsync("kms", "TrentService.PutKeyPolicy", new JsonObject
        {
            ["KeyId"] = account.Physical("Key", "AWS::KMS::Key"),
            ["PolicyName"] = "default",
            ["Policy"] = """{"Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"}]}""",
        }),
        "pending" => account.SubscribeAsync("email", "anna@example.com"),
        "notifications-unsubscribed" => account.QueryAsync(
            "sns", "2010-03-31", "Unsubscribe", ("SubscriptionArn", account.Physical("FunctionsBuildNotification", "AWS::SNS::Subscription"))),
        "dead-letter" => account.JsonAsync("sqs", "AmazonSQS.SendMessage", new JsonObject
        {
            ["QueueUrl"] = account.Physical("DeadLetters", "AWS::SQS::Queue"),
            ["MessageBody"] = "rubbish",
        }),
        "schedule-off" => SwitchOffAsync(account),
        "rule-off" => account.JsonAsync("events", "AWSEvents.DisableRule", new JsonObject { ["Name"] = account.Physical("ImagePushed", "AWS::Events::Rule") }),
        "reconcile-silent" => SilenceAsync(account),
        "stack-rolled-back" => account.UpdateAsync(template => template["Resources"]!["Taken"] = new JsonObject
        {
            ["Type"] = "AWS::ECR::Repository",
            ["Properties"] = new JsonObject { ["RepositoryName"] = "golden/base" },
        }),
        "subnet-gone" => account.ChangeCatalogAsync(catalog => catalog["images"]![1]!["pipeline"] = new JsonObject
        {
            ["subnet"] = "subnet-0123456789abcdef0",
            ["securityGroups"] = new JsonArray("sg-0123456789abcdef0"),
        }),
        "enhanced" => ScanningAsync(account, "ENHANCED", "SCAN_ON_PUSH", "other/*"),
        "not-scanned" => ScanningAsync(account, "BASIC", "SCAN_ON_PUSH", "other/*"),
        "replication" => ReplicateAsync(account),
        "cache-immutable" => CacheAsync(account),
        "pipelines-full" => QuotasAsync(account, new ImageBuilderQuotas { Pipelines = 1 }),
        "builds-few" => QuotasAsync(account, new ImageBuilderQuotas { ConcurrentBuilds = 5 }),
        "repository-full" => FillAsync(account, 2, 2),
        "repository-fills" => FillAsync(account, 4, 5),
        "base-missing" => DeleteImageAsync(account, "golden/base", "stable"),
        "placeholder" => account.PushAsync("images/runtime", "automation-placeholder"),
        "placeholder-left" => account.PushAsync("golden/base", "automation-placeholder", "two"),
        "parameter-missing" => ParameterAsync(account, null),
        "parameter-encrypted" => ParameterAsync(account, "SecureString"),
        "adopted-missing" => account.AdoptAsync("theirs"),
        "adopted-disabled" => AdoptAsync(account, pipeline: new JsonObject { ["status"] = "DISABLED" }),
        "adopted-recipe" => AdoptAsync(account, catalog: app => app["recipe"] = "another"),
        "adopted-schedule" => AdoptAsync(account, pipeline: new JsonObject { ["schedule"] = new JsonObject { ["scheduleExpression"] = "cron(0 0 * * ? *)" } }),
        "adopted-moves" => AdoptAsync(account, tags: ["latest"]),
        "adopted-region" => AdoptAsync(account, catalog: app => app["regions"] = new JsonArray("us-east-1", "eu-west-1")),
        "adopted-elsewhere" => AdoptAsync(account, repository: "images/runtime"),
        "adopted-parameter" => AdoptAsync(account, parent: "ssm:/golden/base"),
        "function-gone" => Lambda(account, HttpMethod.Delete, "2015-03-31", "FunctionsPrune", ""),
        "failure-destination-gone" => Lambda(account, HttpMethod.Delete, "2019-09-25", "FunctionsReconcile", "/event-invoke-config"),
        "permission-gone" => Lambda(
            account, HttpMethod.Delete, "2015-03-31", "FunctionsImagePushed",
            $"/policy/{account.Physical("ImagePushedAllowEventRule", "AWS::Lambda::Permission").Split('|')[^1]}"),
        "machine-gone" => account.JsonAsync(
            "states", "AWSStepFunctions.DeleteStateMachine",
            new JsonObject { ["stateMachineArn"] = account.Physical("WorkflowImageLifecycle", "AWS::StepFunctions::StateMachine") }),
        "queue-gone" => account.JsonAsync("sqs", "AmazonSQS.DeleteQueue", new JsonObject { ["QueueUrl"] = account.Physical("DeadLetters", "AWS::SQS::Queue") }),
        "topic-gone" => account.QueryAsync("sns", "2010-03-31", "DeleteTopic", ("TopicArn", account.Physical("Alerts", "AWS::SNS::Topic"))),
        "rule-gone" => DeleteRuleAsync(account, "DeleteRule"),
        "rule-without-target" => DeleteRuleAsync(account, "RemoveTargets"),
        "schedule-gone" => account.RestAsync(HttpMethod.Delete, "scheduler", SchedulePath(account)),
        "schedule-slow" => UpdateScheduleAsync(account, schedule => schedule["ScheduleExpression"] = "rate(7 days)"),
        "schedule-ended" =>
            UpdateScheduleAsync(account, schedule => schedule["EndDate"] = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()),
        "pipeline-gone" => account.RestAsync(
            HttpMethod.Delete, "imagebuilder",
            $"/DeleteImagePipeline?imagePipelineArn={Uri.EscapeDataString(account.Physical("ImagesPipelineapp", "AWS::ImageBuilder::ImagePipeline"))}"),
        "pipeline-off" => UpdatePipelineAsync(account, pipeline => pipeline["status"] = "DISABLED"),
        "pipeline-silent" => SilencePipelineAsync(account),
        "function-fails" =>
            Task.Run(() =>
                account.Host.Cloud.Run(
                    () => account.Host.Cloud.Metrics.Count("us-east-1", account.Physical("FunctionsPrune", "AWS::Lambda::Function"), failed: true))),
        "lifecycle-base" => Ecr(account, "PutLifecyclePolicy", "golden/base", ("lifecyclePolicyText", Lifecycle("any"))),
        "immutable-base" => Ecr(account, "PutImageTagMutability", "golden/base", ("imageTagMutability", "IMMUTABLE")),
        "repository-denies" =>
            Ecr(account, "SetRepositoryPolicy", "images/app", ("policyText", """{"Statement":[{"Effect":"Deny","Principal":"*","Action":"ecr:PutImage"}]}""")),
        "default-vpc-empty" => DeleteSubnetsAsync(account),
        "key-denies" => DenyWithKeyAsync(account),
        "key-of-sns" => SetTopicAsync(account, "KmsMasterKeyId", "alias/aws/sns"),
        "topic-denies" => SetTopicAsync(account, "Policy", """{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"}]}"""),
        "pipeline-schedule" => UpdatePipelineAsync(account, pipeline => pipeline["schedule"] = new JsonObject { ["scheduleExpression"] = "cron(0 0 * * ? *)" }),
        "pipeline-moves" => MoveTagsAsync(account),
        "schedule-input" => UpdateScheduleAsync(account, schedule => schedule["Target"]!["Input"] = """{"image":"app"}"""),
        "function-slow" => ConfigureAsync(account, new JsonObject { ["Timeout"] = 3 }),
        "function-small" => ConfigureAsync(account, new JsonObject { ["MemorySize"] = 128 }),
        "function-environment" =>
            ConfigureAsync(
                account, new JsonObject { ["Environment"] = new JsonObject { ["Variables"] = new JsonObject { ["ANNOTATIONS_HANDLER"] = "Prune" } } }),
        "function-role" => ConfigureAsync(account, new JsonObject { ["Role"] = "arn:aws:iam::123456789012:role/other" }),
        "function-code" => account.RestAsync(
            HttpMethod.Put, "lambda", $"/2015-03-31/functions/{account.Physical("FunctionsPrune", "AWS::Lambda::Function")}/code",
            new JsonObject { ["ZipFile"] = Zip("bootstrap", "#!/bin/true") }),
        "retries-none" => account.RestAsync(
            HttpMethod.Post, "lambda", $"/2019-09-25/functions/{account.Physical("FunctionsReconcile", "AWS::Lambda::Function")}/event-invoke-config",
            new JsonObject { ["MaximumRetryAttempts"] = 0 }),
        "rule-pattern" => account.JsonAsync(
            "events", "AWSEvents.PutRule",
            new JsonObject
            {
                ["Name"] = account.Physical("ImagePushed", "AWS::Events::Rule"),
                ["EventPattern"] = """{"source":["aws.ecr"],"detail":{"repository-name":["other"]}}"""
            }),
        "rule-target" => account.JsonAsync("events", "AWSEvents.PutTargets", new JsonObject
        {
            ["Rule"] = account.Physical("ImagePushed", "AWS::Events::Rule"),
            ["Targets"] = new JsonArray(new JsonObject { ["Id"] = "Target0", ["Arn"] = "arn:aws:lambda:us-east-1:123456789012:function:other" }),
        }),
        "machine-changed" => account.JsonAsync("states", "AWSStepFunctions.UpdateStateMachine", new JsonObject
        {
            ["stateMachineArn"] = account.Physical("WorkflowImageLifecycle", "AWS::StepFunctions::StateMachine"),
            ["definition"] = """{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}""",
        }),
        "queue-short" => account.JsonAsync("sqs", "AmazonSQS.SetQueueAttributes", new JsonObject
        {
            ["QueueUrl"] = account.Physical("DeadLetters", "AWS::SQS::Queue"),
            ["Attributes"] = new JsonObject { ["MessageRetentionPeriod"] = "60" },
        }),
        "subscription-filter" => account.QueryAsync(
            "sns", "2010-03-31", "SetSubscriptionAttributes", ("SubscriptionArn", account.Physical("FunctionsBuildNotification", "AWS::SNS::Subscription")),
            ("AttributeName", "FilterPolicy"), ("AttributeValue", """{"kind":["build"]}""")),
        "policy-gone" => ChangePolicyAsync(account, "DeleteRolePolicy"),
        "policy-changed" =>
            ChangePolicyAsync(account, "PutRolePolicy",
                ("PolicyDocument", """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:DescribeImages","Resource":"*"}]}""")),
        "infrastructure-changed" => UpdateInfrastructureAsync(account, infrastructure => infrastructure["instanceProfileName"] = "theirs"),
        "infrastructure-placed" => UpdateInfrastructureAsync(account, infrastructure => infrastructure["subnetId"] = "subnet-0123456789abcdef0"),
        "infrastructure-types" => UpdateInfrastructureAsync(account, infrastructure => infrastructure["instanceTypes"] = new JsonArray("m7i.large")),
        "distribution-elsewhere" => MoveDistributionAsync(account),
        "pipeline-untested" =>
            UpdatePipelineAsync(
                account, pipeline => pipeline["imageTestsConfiguration"] = new JsonObject { ["imageTestsEnabled"] = false, ["timeoutMinutes"] = 60 }),
        "queue-policy" => account.JsonAsync("sqs", "AmazonSQS.SetQueueAttributes", new JsonObject
        {
            ["QueueUrl"] = account.Physical("DeadLetters", "AWS::SQS::Queue"),
            ["Attributes"] = new JsonObject { ["Policy"] = "" },
        }),
        "topic-plain" => SetTopicAsync(account, "KmsMasterKeyId", ""),
        "role-more" => account.QueryAsync(
            "iam", "2010-05-08", "PutRolePolicy", ("RoleName", account.Physical("FunctionsPruneServiceRole", "AWS::IAM::Role")), ("PolicyName", "more"),
            ("PolicyDocument", """{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ecr:PutImage","Resource":"*"}]}""")),
        "repository-mutable" => Ecr(account, "PutImageTagMutability", "images/app", ("imageTagMutability", "MUTABLE")),
        "pipeline-recipe" => AdoptRecipeAsync(account),
        "security-group-gone" => PlaceAsync(account, _ => Task.FromResult("sg-0123456789abcdef0")),
        "security-group-elsewhere" => PlaceAsync(account, async vpc => Element(
            await account.QueryAsync("ec2", "2016-11-15", "CreateSecurityGroup", ("GroupName", "builds"), ("GroupDescription", "of builds"), ("VpcId", vpc)),
            "groupId")),
        "reconcile-fails" => Task.Run(() => account.Reconciled(failed: true)),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    private static Task Ecr(DeployedAccount account, string operation, string repository, (string Name, JsonNode Value) member) => account.JsonAsync(
        "ecr", $"AmazonEC2ContainerRegistry_V20150921.{operation}", new JsonObject { ["repositoryName"] = repository, [member.Name] = member.Value });

    private static string Lifecycle(string status) =>
        $$$"""{"rules":[{"rulePriority":1,"selection":{"tagStatus":"{{{status}}}","countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}""";

    private static async Task DeleteDefaultVpcAsync(DeployedAccount account)
    {
        var vpcs = await account.QueryAsync("ec2", "2016-11-15", "DescribeVpcs");
        var id = vpcs[(vpcs.IndexOf("<vpcId>", StringComparison.Ordinal) + 7)..].Split('<')[0];
        await account.QueryAsync("ec2", "2016-11-15", "DeleteVpc", ("VpcId", id));
    }

    private static async Task SilenceAsync(DeployedAccount account)
    {
        await SwitchOffAsync(account);
        await account.Host.Cloud.AdvanceAsync(TimeSpan.FromHours(5), TestContext.Current.CancellationToken);
    }

    private static Task SwitchOffAsync(DeployedAccount account) => UpdateScheduleAsync(account, schedule => schedule["State"] = "DISABLED");

    private static string SchedulePath(DeployedAccount account) => $"/schedules/{account.Physical("ReconcileAll", "AWS::Scheduler::Schedule")}";

    private static async Task UpdateScheduleAsync(DeployedAccount account, Action<JsonObject> change)
    {
        var schedule = await account.RestAsync(HttpMethod.Get, "scheduler", SchedulePath(account));
        var update = new JsonObject
        {
            ["State"] = "ENABLED",
            ["ScheduleExpression"] = schedule["ScheduleExpression"]!.ToString(),
            ["FlexibleTimeWindow"] = new JsonObject { ["Mode"] = "OFF" },
            ["Target"] = schedule["Target"]!.DeepClone(),
        };
        change(update);
        await account.RestAsync(HttpMethod.Put, "scheduler", SchedulePath(account), update);
    }

    private static Task Lambda(DeployedAccount account, HttpMethod method, string version, string function, string rest) =>
        account.RestAsync(method, "lambda", $"/{version}/functions/{account.Physical(function, "AWS::Lambda::Function")}{rest}");

    private static async Task DeleteRuleAsync(DeployedAccount account, string last)
    {
        var rule = account.Physical("ImagePushed", "AWS::Events::Rule");
        var targets = (await account.JsonAsync("events", "AWSEvents.ListTargetsByRule", new JsonObject { ["Rule"] = rule }))["Targets"]!.AsArray();
        await account.JsonAsync("events", "AWSEvents.RemoveTargets",
            new JsonObject { ["Rule"] = rule, ["Ids"] = new JsonArray([.. targets.Select(target => target!["Id"]!.DeepClone())]) });
        if (last == "DeleteRule")
        {
            await account.JsonAsync("events", "AWSEvents.DeleteRule", new JsonObject { ["Name"] = rule });
        }
    }

    private static Task QuotasAsync(DeployedAccount account, ImageBuilderQuotas quotas) =>
        Task.Run(() => account.Host.Cloud.Run(() => account.Host.Cloud.ImageBuilder.Quotas = quotas));

    private static async Task FillAsync(DeployedAccount account, int images, int quota)
    {
        account.Host.Cloud.Run(() => account.Host.Cloud.Ecr.ImagesPerRepository = quota);
        for (var i = 0; i < images; i++)
        {
            await account.PushAsync("images/app", $"x{i}", $"release {i}");
        }
    }

    private static Task DeleteImageAsync(DeployedAccount account, string repository, string tag) =>
        Ecr(account, "BatchDeleteImage", repository, ("imageIds", new JsonArray(new JsonObject { ["imageTag"] = tag })));

    private static Task ScanningAsync(DeployedAccount account, string type, string frequency, string filter) => account.JsonAsync(
        "ecr", "AmazonEC2ContainerRegistry_V20150921.PutRegistryScanningConfiguration", new JsonObject
        {
            ["scanType"] = type,
            ["rules"] = new JsonArray(new JsonObject
            {
                ["scanFrequency"] = frequency,
                ["repositoryFilters"] = new JsonArray(new JsonObject { ["filter"] = filter, ["filterType"] = "WILDCARD" }),
            }),
        });

    private static async Task ReplicateAsync(DeployedAccount account)
    {
        await account.ChangeCatalogAsync(catalog => catalog["images"]![1]!["regions"] = new JsonArray("us-east-1", "eu-west-1"));
        await account.JsonAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.PutReplicationConfiguration", new JsonObject
        {
            ["replicationConfiguration"] = new JsonObject
            {
                ["rules"] = new JsonArray(new JsonObject
                {
                    ["destinations"] = new JsonArray(new JsonObject { ["region"] = "eu-west-1", ["registryId"] = "123456789012" }),
                    ["repositoryFilters"] = new JsonArray(new JsonObject { ["filter"] = "images/", ["filterType"] = "PREFIX_MATCH" }),
                }),
            },
        });
    }

    private static async Task CacheAsync(DeployedAccount account)
    {
        await account.JsonAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.CreatePullThroughCacheRule", new JsonObject
        {
            ["ecrRepositoryPrefix"] = "golden",
            ["upstreamRegistryUrl"] = "public.ecr.aws",
        });
        await Ecr(account, "PutImageTagMutability", "golden/base", ("imageTagMutability", "IMMUTABLE"));
    }

    private static async Task ParameterAsync(DeployedAccount account, string? type)
    {
        await account.ChangeCatalogAsync(catalog => catalog["images"]![1]!["from"] = "ssm:/imagebuilder/base");
        if (type is not null)
        {
            await account.PutParameterAsync("/imagebuilder/base", "public.ecr.aws/docker/library/debian:12", type);
        }
    }

    /// <summary>Lets another team's pipeline build the image app. It is correct except for the given deviation.</summary>
    private static async Task AdoptAsync(
        DeployedAccount account, Action<JsonObject>? catalog = null, JsonObject? pipeline = null, string[]? tags = null, string repository = "images/app",
        string parent = "public.ecr.aws/docker/library/debian:12")
    {
        await account.AdoptAsync("theirs", catalog);
        var recipe = await CreateAsync(account, "ContainerRecipe", Recipe(repository, parent));
        var distribution = await CreateAsync(account, "DistributionConfiguration", new JsonObject
        {
            ["name"] = "theirs",
            ["distributions"] = new JsonArray(new JsonObject
            {
                ["region"] = "us-east-1",
                ["containerDistributionConfiguration"] = new JsonObject
                {
                    ["containerTags"] = new JsonArray([.. (tags ?? ["nightly"]).Select(tag => JsonValue.Create(tag))]),
                    ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = repository },
                },
            }),
        });
        var infrastructure =
            await CreateAsync(account, "InfrastructureConfiguration", new JsonObject { ["name"] = "theirs", ["instanceProfileName"] = "theirs" });
        var body = new JsonObject
        {
            ["name"] = "theirs",
            ["containerRecipeArn"] = recipe,
            ["distributionConfigurationArn"] = distribution,
            ["infrastructureConfigurationArn"] = infrastructure,
        };
        foreach (var (key, value) in pipeline ?? [])
        {
            body[key] = value?.DeepClone();
        }

        await CreateAsync(account, "ImagePipeline", body);
    }

    private static JsonObject Recipe(string repository, string parent) => new()
    {
        ["name"] = "theirs",
        ["semanticVersion"] = "1.0.0",
        ["containerType"] = "DOCKER",
        ["parentImage"] = parent,
        ["platformOverride"] = "Linux",
        ["dockerfileTemplateData"] = "FROM {{{ imagebuilder:parentImage }}}\n",
        ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = repository },
    };

    // {"containerRecipeArn":"arn:…"}: the member is named after the created resource.
    private static async Task<string> CreateAsync(DeployedAccount account, string kind, JsonObject body)
    {
        body["clientToken"] = Guid.Empty.ToString();
        var answer = await account.RestAsync(HttpMethod.Put, "imagebuilder", $"/Create{kind}", body);
        return answer[$"{char.ToLowerInvariant(kind[0])}{kind[1..]}Arn"]!.ToString();
    }

    private static async Task UpdatePipelineAsync(DeployedAccount account, Action<JsonObject> change)
    {
        var arn = account.Physical("ImagesPipelineapp", "AWS::ImageBuilder::ImagePipeline");
        var pipeline =
            (await account.RestAsync(HttpMethod.Get, "imagebuilder", $"/GetImagePipeline?imagePipelineArn={Uri.EscapeDataString(arn)}"))["imagePipeline"]!;
        var update = new JsonObject { ["imagePipelineArn"] = arn, ["clientToken"] = Guid.Empty.ToString() };
        foreach (var member in (string[])["containerRecipeArn", "infrastructureConfigurationArn", "distributionConfigurationArn"])
        {
            update[member] = pipeline[member]!.DeepClone();
        }

        change(update);
        await account.RestAsync(HttpMethod.Put, "imagebuilder", "/UpdateImagePipeline", update);
    }

    private static async Task SilencePipelineAsync(DeployedAccount account)
    {
        var silent = await CreateAsync(account, "InfrastructureConfiguration", new JsonObject { ["name"] = "silent", ["instanceProfileName"] = "silent" });
        await UpdatePipelineAsync(account, pipeline => pipeline["infrastructureConfigurationArn"] = silent);
    }

    private static async Task DeleteSubnetsAsync(DeployedAccount account)
    {
        var subnets = await account.QueryAsync("ec2", "2016-11-15", "DescribeSubnets");
        foreach (var id in subnets.Split("<subnetId>").Skip(1).Select(rest => rest.Split('<')[0]))
        {
            await account.QueryAsync("ec2", "2016-11-15", "DeleteSubnet", ("SubnetId", id));
        }
    }

    private static async Task DenyWithKeyAsync(DeployedAccount account)
    {
        var key = new JsonObject { ["KeyId"] = account.Physical("Key", "AWS::KMS::Key"), ["PolicyName"] = "default" };
        var policy = JsonNode.Parse((await account.JsonAsync("kms", "TrentService.GetKeyPolicy", key.DeepClone().AsObject()))["Policy"]!.ToString())!;
        policy["Statement"]!.AsArray().Add(JsonNode.Parse("""{"Effect":"Deny","Principal":"*","Action":"kms:GenerateDataKey*","Resource":"*"}"""));
        key["Policy"] = policy.ToJsonString();
        await account.JsonAsync("kms", "TrentService.PutKeyPolicy", key);
    }

    private static Task SetTopicAsync(DeployedAccount account, string name, string value) => account.QueryAsync(
        "sns", "2010-03-31", "SetTopicAttributes", ("TopicArn", account.Physical("Notifications", "AWS::SNS::Topic")), ("AttributeName", name),
        ("AttributeValue", value));

    private static async Task MoveTagsAsync(DeployedAccount account)
    {
        var moving = await CreateAsync(account, "DistributionConfiguration", new JsonObject
        {
            ["name"] = "moving",
            ["distributions"] = new JsonArray(new JsonObject
            {
                ["region"] = "us-east-1",
                ["containerDistributionConfiguration"] = new JsonObject
                {
                    ["containerTags"] = new JsonArray("latest"),
                    ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = "images/app" },
                },
            }),
        });
        await UpdatePipelineAsync(account, pipeline => pipeline["distributionConfigurationArn"] = moving);
    }

    private static Task ConfigureAsync(DeployedAccount account, JsonObject change) =>
        account.RestAsync(
            HttpMethod.Put, "lambda", $"/2015-03-31/functions/{account.Physical("FunctionsPrune", "AWS::Lambda::Function")}/configuration", change);

    private static string Zip(string name, string content)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(Encoding.UTF8.GetBytes(content));
        }

        return Convert.ToBase64String(stream.ToArray());
    }

    private static async Task ChangePolicyAsync(DeployedAccount account, string operation, params (string Name, string Value)[] more)
    {
        var role = account.Physical("FunctionsPruneServiceRole", "AWS::IAM::Role");
        var names = await account.QueryAsync("iam", "2010-05-08", "ListRolePolicies", ("RoleName", role));
        await account.QueryAsync("iam", "2010-05-08", operation, [("RoleName", role), ("PolicyName", Element(names, "member")), .. more]);
    }

    private static async Task UpdateInfrastructureAsync(DeployedAccount account, Action<JsonObject> change)
    {
        var arn = account.Physical("ImagesInfrastructure", "AWS::ImageBuilder::InfrastructureConfiguration");
        var infrastructure =
            (await account.RestAsync(
                HttpMethod.Get, "imagebuilder",
                $"/GetInfrastructureConfiguration?infrastructureConfigurationArn={Uri.EscapeDataString(arn)}"))["infrastructureConfiguration"]!;
        var update = new JsonObject { ["infrastructureConfigurationArn"] = arn, ["clientToken"] = Guid.Empty.ToString() };
        foreach (var member in (string[])["instanceProfileName", "snsTopicArn", "terminateInstanceOnFailure", "instanceMetadataOptions"])
        {
            update[member] = infrastructure[member]!.DeepClone();
        }

        change(update);
        await account.RestAsync(HttpMethod.Put, "imagebuilder", "/UpdateInfrastructureConfiguration", update);
    }

    private static async Task MoveDistributionAsync(DeployedAccount account)
    {
        var arn = account.Physical("ImagesDistributionapp", "AWS::ImageBuilder::DistributionConfiguration");
        var distribution =
            (await account.RestAsync(
                HttpMethod.Get, "imagebuilder",
                $"/GetDistributionConfiguration?distributionConfigurationArn={Uri.EscapeDataString(arn)}"))["distributionConfiguration"]!;
        var distributions = distribution["distributions"]!.DeepClone();
        distributions[0]!["containerDistributionConfiguration"]!["targetRepository"]!["repositoryName"] = "images/runtime";
        await account.RestAsync(HttpMethod.Put, "imagebuilder", "/UpdateDistributionConfiguration", new JsonObject
        {
            ["distributionConfigurationArn"] = arn,
            ["clientToken"] = Guid.Empty.ToString(),
            ["distributions"] = distributions,
        });
    }

    private static async Task AdoptRecipeAsync(DeployedAccount account)
    {
        var recipe = await CreateAsync(account, "ContainerRecipe", Recipe("images/app", "public.ecr.aws/docker/library/debian:12"));
        await UpdatePipelineAsync(account, pipeline => pipeline["containerRecipeArn"] = recipe);
    }

    /// <summary>The image app builds in the default VPC's subnet, with a group made in another VPC.</summary>
    private static async Task PlaceAsync(DeployedAccount account, Func<string, Task<string>> group)
    {
        var subnet = Element(await account.QueryAsync("ec2", "2016-11-15", "DescribeSubnets"), "subnetId");
        var other = Element(await account.QueryAsync("ec2", "2016-11-15", "CreateVpc", ("CidrBlock", "10.0.0.0/16")), "vpcId");
        var id = await group(other);
        await account.ChangeCatalogAsync(
            catalog => catalog["images"]![1]!["pipeline"] = new JsonObject { ["subnet"] = subnet, ["securityGroups"] = new JsonArray(id) });
    }

    // <groupId>sg-0123</groupId>
    private static string Element(string xml, string name) => xml[(xml.IndexOf($"<{name}>", StringComparison.Ordinal) + name.Length + 2)..].Split('<')[0];
}
