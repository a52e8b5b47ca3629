using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.Imagebuilder;

namespace Automation.Cli.Doctor;

/// <summary>A resource in CloudFormation's list.</summary>
internal sealed record StackResource(string LogicalId, string PhysicalId, string Type)
{
    /// <summary>All resources of a stack.</summary>
    /// <exception cref="CallException">There is no such stack, or it cannot be read.</exception>
    public static async Task<IReadOnlyList<StackResource>> ReadAsync(SignedCalls calls, string region, string stack, CancellationToken cancellationToken)
    {
        var resources = new List<StackResource>();
        string? next = null;
        do
        {
            (string, string)[] parameters = next is null ? [("StackName", stack)] : [("StackName", stack), ("NextToken", next)];
            var answer = await calls.QueryAsync(region, AwsApi.CloudFormation, "ListStackResources", parameters, cancellationToken);
            resources.AddRange(answer.Members("StackResourceSummaries").Select(member =>
                new StackResource(member.Value("LogicalResourceId")!, member.Value("PhysicalResourceId") ?? "", member.Value("ResourceType")!)));
            next = answer.Value("NextToken");
        }
        while (!string.IsNullOrEmpty(next));
        return resources;
    }
}

/// <summary>Reads the resources of the stack from each service, to find those that were deleted, disabled or changed by hand.</summary>
internal sealed class ResourceReader(SignedCalls calls, Func<string, IAmazonImagebuilder> imageBuilder, DoctorScope scope)
{
    private DeployedTemplate? _template;

    /// <param name="template">Null if it cannot be read; then nothing is compared.</param>
    public async Task<IReadOnlyList<ResourceFacts>> ReadAsync(
        IReadOnlyList<StackResource> resources, DeployedTemplate? template, CancellationToken cancellationToken)
    {
        _template = template;
        var factory = new FactoryReader(imageBuilder, scope, template);
        var functions = new FunctionReader(calls, scope, resources, template);
        var roles = new RoleReader(calls, scope, resources, template);
        var watch = new WatchReader(calls, scope, resources, template);
        var found = new List<ResourceFacts>();
        foreach (var resource in resources)
        {
            (string Kind, Func<Task<ResourceState>> Read)? probe = resource.Type switch
            {
                "AWS::Lambda::Function" => ("function", () => functions.FunctionAsync(resource, cancellationToken)),
                "AWS::Lambda::EventInvokeConfig" => ("failure destination", () => functions.EventInvokeAsync(resource, cancellationToken)),
                "AWS::StepFunctions::StateMachine" => ("state machine", () => MachineAsync(resource, cancellationToken)),
                "AWS::Events::Rule" => ("rule", () => RuleAsync(resource, cancellationToken)),
                "AWS::Scheduler::Schedule" => ("schedule", () => ScheduleAsync(resource, cancellationToken)),
                "AWS::SNS::Topic" => ("topic", () => TopicAsync(resource, cancellationToken)),
                "AWS::SNS::Subscription" => ("subscription", () => SubscriptionAsync(resource, cancellationToken)),
                "AWS::SQS::Queue" => ("queue", () => QueueAsync(resource, cancellationToken)),
                "AWS::SQS::QueuePolicy" => ("queue policy", () => QueuePolicyAsync(resource, cancellationToken)),
                "AWS::ECR::Repository" => ("repository", () => RepositoryAsync(resource, cancellationToken)),
                "AWS::IAM::Role" => ("role", () => roles.RoleAsync(resource, cancellationToken)),
                "AWS::IAM::Policy" => ("policy", () => roles.PolicyAsync(resource, cancellationToken)),
                "AWS::IAM::ManagedPolicy" => ("managed policy", () => roles.ManagedPolicyAsync(resource, cancellationToken)),
                "AWS::CloudWatch::Alarm" => ("alarm", () => watch.AlarmAsync(resource, cancellationToken)),
                "AWS::Logs::LogGroup" => ("log group", () => watch.LogGroupAsync(resource, cancellationToken)),
                "AWS::KMS::Key" => ("key", () => KeyAsync(resource, cancellationToken)),
                "AWS::ImageBuilder::ContainerRecipe" => ("container recipe", () => factory.RecipeAsync(resource, cancellationToken)),
                "AWS::ImageBuilder::DistributionConfiguration" => ("distribution configuration", () => factory.DistributionAsync(resource, cancellationToken)),
                "AWS::ImageBuilder::InfrastructureConfiguration" =>
                    ("infrastructure configuration", () => factory.InfrastructureAsync(resource, cancellationToken)),
                "AWS::ImageBuilder::ImagePipeline" => ("pipeline", () => factory.PipelineAsync(resource, cancellationToken)),
                _ => null,
            };
            if (probe is { } one)
            {
                found.Add(new ResourceFacts(one.Kind, resource.LogicalId, await Reading<ResourceState?>.OfAsync(() => OrMissingAsync(one.Read))));
            }
        }

        return found;
    }

    private static async Task<ResourceState?> OrMissingAsync(Func<Task<ResourceState>> read)
    {
        try
        {
            return await read();
        }
        catch (CallException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private Drift DriftOf(StackResource resource) => new(_template, resource.LogicalId);

    // {"definition":"{\"StartAt\":…}","loggingConfiguration":{"level":"ERROR"},"tracingConfiguration":{"enabled":true}}
    private async Task<ResourceState> MachineAsync(StackResource machine, CancellationToken cancellationToken)
    {
        var answer = await calls.JsonAsync(
            scope.Region, AwsApi.States, "DescribeStateMachine", new JsonObject { ["stateMachineArn"] = machine.PhysicalId }, cancellationToken);
        return new ResourceState
        {
            Defect = DriftOf(machine)
                .CompareDocument("definition", "DefinitionString", answer["definition"]?.ToString())
                .Compare("role", "RoleArn", answer["roleArn"])
                .Compare("log level", "LoggingConfiguration.Level", answer["loggingConfiguration"]?["level"])
                .Compare("tracing", "TracingConfiguration.Enabled", answer["tracingConfiguration"]?["enabled"])
                .Defect,
        };
    }

    // {"Attributes":{"MessageRetentionPeriod":"1209600","SqsManagedSseEnabled":"true"}}
    private async Task<ResourceState> QueueAsync(StackResource queue, CancellationToken cancellationToken)
    {
        var input = new JsonObject { ["QueueUrl"] = queue.PhysicalId, ["AttributeNames"] = new JsonArray("All") };
        var attributes = (await calls.JsonAsync(scope.Region, AwsApi.Sqs, "GetQueueAttributes", input, cancellationToken))["Attributes"];
        var drift = DriftOf(queue);
        foreach (var (what, name) in ((string, string)[])[("retention in seconds", "MessageRetentionPeriod"), ("encryption", "SqsManagedSseEnabled"),
            ("key", "KmsMasterKeyId")])
        {
            drift.Compare(what, name, attributes?[name]);
        }

        return new ResourceState { Defect = drift.Defect };
    }

    // <Attributes><entry><key>FilterPolicy</key><value>{"x":["y"]}</value></entry></Attributes>
    private async Task<ResourceState> SubscriptionAsync(StackResource subscription, CancellationToken cancellationToken)
    {
        var answer =
            await calls.QueryAsync(scope.Region, AwsApi.Sns, "GetSubscriptionAttributes", [("SubscriptionArn", subscription.PhysicalId)], cancellationToken);
        var attributes = answer.Members("Attributes").ToDictionary(entry => entry.Value("key") ?? "", entry => entry.Value("value"), StringComparer.Ordinal);
        return new ResourceState
        {
            Defect = DriftOf(subscription)
                .ComparePresence("filter policy", "FilterPolicy", attributes.GetValueOrDefault("FilterPolicy") is { Length: > 0 })
                .CompareDocument("filter policy", "FilterPolicy", attributes.GetValueOrDefault("FilterPolicy"))
                .ComparePresence("dead-letter queue", "RedrivePolicy", attributes.GetValueOrDefault("RedrivePolicy") is { Length: > 0 })
                .CompareDocument("dead-letter queue", "RedrivePolicy", attributes.GetValueOrDefault("RedrivePolicy"))
                .Defect,
        };
    }

    private async Task<ResourceState> QueuePolicyAsync(StackResource policy, CancellationToken cancellationToken)
    {
        foreach (var queue in _template?.Property(policy.LogicalId, "Queues") as JsonArray ?? [])
        {
            var input = new JsonObject { ["QueueUrl"] = queue!.ToString(), ["AttributeNames"] = new JsonArray("Policy") };
            var attributes = (await calls.JsonAsync(scope.Region, AwsApi.Sqs, "GetQueueAttributes", input, cancellationToken))["Attributes"];
            if (DriftOf(policy).CompareDocument("document", "PolicyDocument", attributes?["Policy"]?.ToString() ?? "").Defect is { } defect)
            {
                return new ResourceState { Defect = defect };
            }
        }

        return new ResourceState();
    }

    // {"repositories":[{"imageTagMutability":"IMMUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"latest"}]}]}
    private async Task<ResourceState> RepositoryAsync(StackResource repository, CancellationToken cancellationToken)
    {
        try
        {
            var input = new JsonObject { ["repositoryNames"] = new JsonArray(repository.PhysicalId) };
            var answer = (await calls.JsonAsync(scope.Region, AwsApi.Ecr, "DescribeRepositories", input, cancellationToken))["repositories"]?[0];
            var filters = (answer?["imageTagMutabilityExclusionFilters"] as JsonArray ?? []).Select(filter => (JsonNode)new JsonObject
            {
                ["ImageTagMutabilityExclusionFilterType"] = filter?["filterType"]?.ToString(),
                ["ImageTagMutabilityExclusionFilterValue"] = filter?["filter"]?.ToString(),
            });
            return new ResourceState
            {
                Defect = DriftOf(repository)
                    .Compare("tag mutability", "ImageTagMutability", answer?["imageTagMutability"])
                    .Compare("exclusions from its tag mutability", "ImageTagMutabilityExclusionFilters", new JsonArray([.. filters]))
                    .Defect,
            };
        }
        catch (CallException e) when (e.Code == "RepositoryNotFoundException")
        {
            // The checks of repositories report it.
            return new ResourceState();
        }
    }

    private async Task<ResourceState> RuleAsync(StackResource rule, CancellationToken cancellationToken)
    {
        var name = rule.PhysicalId[(rule.PhysicalId.LastIndexOf('|') + 1)..];
        var answer = await calls.JsonAsync(scope.Region, AwsApi.Events, "DescribeRule", new JsonObject { ["Name"] = name }, cancellationToken);
        var targets = await calls.JsonAsync(scope.Region, AwsApi.Events, "ListTargetsByRule", new JsonObject { ["Rule"] = name }, cancellationToken);
        return new ResourceState(answer["State"]?.ToString() != "DISABLED")
        {
            Defect = targets["Targets"] is JsonArray { Count: > 0 } list
                ? DriftOf(rule).CompareDocument("event pattern", "EventPattern", answer["EventPattern"]?.ToString()).Compare("targets", "Targets", list).Defect
                : "has no target, so its events go nowhere",
        };
    }

    // {"State":"ENABLED","ScheduleExpression":"rate(1 hour)","EndDate":1767225600}
    private async Task<ResourceState> ScheduleAsync(StackResource schedule, CancellationToken cancellationToken)
    {
        var answer = await calls.RestAsync(scope.Region, AwsApi.Scheduler, $"/schedules/{Uri.EscapeDataString(schedule.PhysicalId)}", cancellationToken);
        var end = Time(answer["EndDate"]);
        var start = Time(answer["StartDate"]);
        return new ResourceState(answer["State"]?.ToString() != "DISABLED")
        {
            Expression = answer["ScheduleExpression"]?.ToString(),
            Defect = end <= scope.Now ? $"ended at {end:u}"
                : start > scope.Now.AddDays(1) ? $"begins only at {start:u}"
                : DriftOf(schedule)
                    .Compare("expression", "ScheduleExpression", answer["ScheduleExpression"])
                    .Compare("time zone", "ScheduleExpressionTimezone", answer["ScheduleExpressionTimezone"])
                    .Compare("target", "Target.Arn", answer["Target"]?["Arn"])
                    .Compare("role", "Target.RoleArn", answer["Target"]?["RoleArn"])
                    .CompareDocument("input", "Target.Input", answer["Target"]?["Input"]?.ToString())
                    .ComparePresence("dead-letter queue", "Target.DeadLetterConfig.Arn", answer["Target"]?["DeadLetterConfig"]?["Arn"] is not null)
                    .Compare("dead-letter queue", "Target.DeadLetterConfig.Arn", answer["Target"]?["DeadLetterConfig"]?["Arn"])
                    .Defect,
        };

        static DateTimeOffset? Time(JsonNode? value) => value is null ? null
            : double.TryParse(value.ToString(), CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : DateTimeOffset.TryParse(value.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : null;
    }

    // <Attributes><entry><key>KmsMasterKeyId</key><value>arn:…</value></entry></Attributes>
    private async Task<ResourceState> TopicAsync(StackResource topic, CancellationToken cancellationToken)
    {
        var answer = await calls.QueryAsync(scope.Region, AwsApi.Sns, "GetTopicAttributes", [("TopicArn", topic.PhysicalId)], cancellationToken);
        var key = answer.Members("Attributes").FirstOrDefault(entry => entry.Value("key") == "KmsMasterKeyId")?.Value("value");
        return new ResourceState
        {
            Defect = DriftOf(topic).ComparePresence("key", "KmsMasterKeyId", !string.IsNullOrEmpty(key))
                .Compare("key", "KmsMasterKeyId", string.IsNullOrEmpty(key) ? null : key).Defect
        };
    }

    // {"KeyMetadata":{"KeyState":"PendingDeletion","Enabled":false}}
    private async Task<ResourceState> KeyAsync(StackResource key, CancellationToken cancellationToken)
    {
        var answer = await calls.JsonAsync(scope.Region, AwsApi.Kms, "DescribeKey", new JsonObject { ["KeyId"] = key.PhysicalId }, cancellationToken);
        var state = answer["KeyMetadata"]?["KeyState"]?.ToString();
        return new ResourceState(state != "Disabled") { Defect = state is null or "Enabled" or "Disabled" ? null : $"is in state {state}" };
    }
}
