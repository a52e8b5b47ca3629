using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;
using static Automation.Cli.Tests.Doctor.AccountChanges;

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
}
