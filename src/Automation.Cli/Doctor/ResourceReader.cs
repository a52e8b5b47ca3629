using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.Imagebuilder;

namespace Automation.Cli.Doctor;

/// <summary>A resource in CloudFormation's list.</summary>
internal sealed record StackResource(string LogicalId, string PhysicalId, string Type);

/// <summary>Reads the resources of the stack from each service, to find those that were deleted, disabled or changed by hand.</summary>
internal sealed class ResourceReader(SignedCalls calls, Func<string, IAmazonImagebuilder> imageBuilder, DoctorScope scope)
{
    private DeployedTemplate? _template;

    /// <param name="template">Null if it cannot be read; then nothing is compared.</param>
    public async Task<IReadOnlyList<ResourceFacts>> ReadAsync(IReadOnlyList<StackResource> resources, DeployedTemplate? template, CancellationToken cancellationToken)
    {
        _template = template;
        var factory = new FactoryReader(imageBuilder, scope, template);
        var found = new List<ResourceFacts>();
        foreach (var resource in resources)
        {
            (string Kind, Func<Task<ResourceState>> Read)? probe = resource.Type switch
            {
                "AWS::Lambda::Function" => ("function", () => FunctionAsync(resource, resources, cancellationToken)),
                "AWS::Lambda::EventInvokeConfig" => ("failure destination", () => EventInvokeAsync(resource, resources, cancellationToken)),
                "AWS::StepFunctions::StateMachine" => ("state machine", () => MachineAsync(resource, cancellationToken)),
                "AWS::Events::Rule" => ("rule", () => RuleAsync(resource, cancellationToken)),
                "AWS::Scheduler::Schedule" => ("schedule", () => ScheduleAsync(resource, cancellationToken)),
                "AWS::SNS::Topic" => ("topic", () => TopicAsync(resource, cancellationToken)),
                "AWS::SNS::Subscription" => ("subscription", () => SubscriptionAsync(resource, cancellationToken)),
                "AWS::SQS::Queue" => ("queue", () => QueueAsync(resource, cancellationToken)),
                "AWS::SQS::QueuePolicy" => ("queue policy", () => QueuePolicyAsync(resource, cancellationToken)),
                "AWS::ECR::Repository" => ("repository", () => RepositoryAsync(resource, cancellationToken)),
                "AWS::IAM::Role" => ("role", () => RoleAsync(resource, resources, cancellationToken)),
                "AWS::IAM::Policy" => ("policy", () => PolicyAsync(resource, cancellationToken)),
                "AWS::KMS::Key" => ("key", () => KeyAsync(resource, cancellationToken)),
                "AWS::ImageBuilder::ContainerRecipe" => ("container recipe", () => factory.RecipeAsync(resource, cancellationToken)),
                "AWS::ImageBuilder::DistributionConfiguration" => ("distribution configuration", () => factory.DistributionAsync(resource, cancellationToken)),
                "AWS::ImageBuilder::InfrastructureConfiguration" => ("infrastructure configuration", () => factory.InfrastructureAsync(resource, cancellationToken)),
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
        var answer = await calls.JsonAsync(scope.Region, AwsApi.States, "DescribeStateMachine", new JsonObject { ["stateMachineArn"] = machine.PhysicalId }, cancellationToken);
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
        foreach (var (what, name) in ((string, string)[])[("retention in seconds", "MessageRetentionPeriod"), ("encryption", "SqsManagedSseEnabled"), ("key", "KmsMasterKeyId")])
        {
            drift.Compare(what, name, attributes?[name]);
        }

        return new ResourceState { Defect = drift.Defect };
    }

    // <Attributes><entry><key>FilterPolicy</key><value>{"x":["y"]}</value></entry></Attributes>
    private async Task<ResourceState> SubscriptionAsync(StackResource subscription, CancellationToken cancellationToken)
    {
        var answer = await calls.QueryAsync(scope.Region, AwsApi.Sns, "GetSubscriptionAttributes", [("SubscriptionArn", subscription.PhysicalId)], cancellationToken);
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

    // <PolicyNames><member>…</member></PolicyNames>
    private async Task<ResourceState> RoleAsync(StackResource role, IReadOnlyList<StackResource> resources, CancellationToken cancellationToken)
    {
        var answer = await calls.QueryAsync(scope.Region, AwsApi.Iam, "ListRolePolicies", [("RoleName", role.PhysicalId)], cancellationToken);
        if (_template is not { } template)
        {
            return new ResourceState();
        }

        var own = (template.Property(role.LogicalId, "Policies") as JsonArray ?? []).Select(policy => policy?["PolicyName"]?.ToString());
        var attached = resources.Where(resource => resource.Type == "AWS::IAM::Policy" && (template.Property(resource.LogicalId, "Roles") as JsonArray ?? []).Any(name => name?.ToString() == role.PhysicalId))
            .Select(resource => template.Property(resource.LogicalId, "PolicyName")?.ToString());
        var others = answer.Members("PolicyNames").Select(name => name.Value).Except([.. own.OfType<string>(), .. attached.OfType<string>()], StringComparer.Ordinal).ToList();
        return new ResourceState { Defect = others.Count == 0 ? null : $"was changed by hand: the template does not have its policy {string.Join(", ", others)}" };
    }

    // <PolicyDocument>%7B%22Version%22%3A%222012-10-17%22…</PolicyDocument>
    private async Task<ResourceState> PolicyAsync(StackResource policy, CancellationToken cancellationToken)
    {
        foreach (var role in _template?.Property(policy.LogicalId, "Roles") as JsonArray ?? [])
        {
            var answer = await calls.QueryAsync(
                scope.Region, AwsApi.Iam, "GetRolePolicy", [("RoleName", role!.ToString()), ("PolicyName", _template!.Property(policy.LogicalId, "PolicyName")!.ToString())], cancellationToken);
            if (DriftOf(policy).CompareDocument("document", "PolicyDocument", Uri.UnescapeDataString(answer.Value("PolicyDocument") ?? "")).Defect is { } defect)
            {
                return new ResourceState { Defect = defect };
            }
        }

        return new ResourceState();
    }

    // {"Configuration":{"State":"Active","LastUpdateStatus":"Successful"},"Concurrency":{"ReservedConcurrentExecutions":0}}
    private async Task<ResourceState> FunctionAsync(StackResource function, IReadOnlyList<StackResource> resources, CancellationToken cancellationToken)
    {
        var answer = await calls.RestAsync(scope.Region, AwsApi.Lambda, $"/2015-03-31/functions/{Uri.EscapeDataString(function.PhysicalId)}", cancellationToken);
        var configuration = answer["Configuration"];
        if (configuration?["State"]?.ToString() is "Failed" or "Inactive" || configuration?["LastUpdateStatus"]?.ToString() == "Failed")
        {
            return new ResourceState { Defect = $"is in state {configuration["State"]}, its last update {configuration["LastUpdateStatus"]}" };
        }

        if (answer["Concurrency"]?["ReservedConcurrentExecutions"]?.GetValue<int>() == 0)
        {
            return new ResourceState { Defect = "has a reserved concurrency of 0, so it never runs" };
        }

        // A permission's physical id is the Sid of its statement, or function|Sid. If it is neither, the number of statements decides.
        var expected = resources.Where(resource => resource.Type == "AWS::Lambda::Permission" && resource.LogicalId.Contains(Stem(function.LogicalId), StringComparison.Ordinal)).ToList();
        var statements = expected.Count == 0 ? [] : await StatementsAsync(function.PhysicalId, cancellationToken);
        var missing = statements.Count >= expected.Count ? [] : expected.Where(permission => !statements.Contains(permission.PhysicalId.Split('|')[^1])).Select(permission => permission.LogicalId).ToList();
        return new ResourceState
        {
            Defect = missing.Count > 0
                ? $"lacks in its policy {string.Join(", ", missing)}, so its sources may not invoke it"
                : DriftOf(function)
                    .Compare("timeout", "Timeout", configuration?["Timeout"]?.DeepClone())
                    .Compare("memory", "MemorySize", configuration?["MemorySize"]?.DeepClone())
                    .Compare("handler", "Handler", configuration?["Handler"]?.DeepClone())
                    .Compare("runtime", "Runtime", configuration?["Runtime"]?.DeepClone())
                    .Compare("architecture", "Architectures", configuration?["Architectures"]?.DeepClone())
                    .Compare("role", "Role", configuration?["Role"]?.DeepClone())
                    .Compare("environment", "Environment.Variables", configuration?["Environment"]?["Variables"]?.DeepClone() ?? new JsonObject())
                    .Compare("tracing", "TracingConfig.Mode", configuration?["TracingConfig"]?["Mode"]?.DeepClone())
                    .Compare("subnets", "VpcConfig.SubnetIds", configuration?["VpcConfig"]?["SubnetIds"]?.DeepClone())
                    .Compare("security groups", "VpcConfig.SecurityGroupIds", configuration?["VpcConfig"]?["SecurityGroupIds"]?.DeepClone())
                    .Defect,
            Code = configuration?["CodeSha256"]?.ToString(),
        };
    }

    // {"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"…\",…}]}"}
    private async Task<IReadOnlyList<string>> StatementsAsync(string function, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await calls.RestAsync(scope.Region, AwsApi.Lambda, $"/2015-03-31/functions/{Uri.EscapeDataString(function)}/policy", cancellationToken);
            var policy = JsonNode.Parse(answer["Policy"]?.ToString() ?? "{}");
            return [.. (policy?["Statement"] as JsonArray ?? []).Select(statement => statement?["Sid"]?.ToString() ?? "")];
        }
        catch (CallException e) when (e.IsNotFound)
        {
            return [];
        }
    }

    private async Task<ResourceState> EventInvokeAsync(StackResource config, IReadOnlyList<StackResource> resources, CancellationToken cancellationToken)
    {
        // FunctionsReconcileEventInvokeConfigFD1C99CF belongs to FunctionsReconcileA7FC4E8E.
        var stem = config.LogicalId[..config.LogicalId.IndexOf("EventInvokeConfig", StringComparison.Ordinal)];
        if (resources.FirstOrDefault(resource => resource.Type == "AWS::Lambda::Function" && Stem(resource.LogicalId) == stem) is not { } function)
        {
            return new ResourceState();
        }

        var answer = await calls.RestAsync(scope.Region, AwsApi.Lambda, $"/2019-09-25/functions/{Uri.EscapeDataString(function.PhysicalId)}/event-invoke-config", cancellationToken);
        return new ResourceState
        {
            Defect = answer["DestinationConfig"]?["OnFailure"]?["Destination"] is null ? "has no queue for failed events" : DriftOf(config)
                .Compare("queue", "DestinationConfig.OnFailure.Destination", answer["DestinationConfig"]!["OnFailure"]!["Destination"])
                .Compare("number of retries", "MaximumRetryAttempts", answer["MaximumRetryAttempts"])
                .Compare("age of events in seconds", "MaximumEventAgeInSeconds", answer["MaximumEventAgeInSeconds"])
                .Defect,
        };
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
        return new ResourceState { Defect = DriftOf(topic).ComparePresence("key", "KmsMasterKeyId", !string.IsNullOrEmpty(key)).Compare("key", "KmsMasterKeyId", string.IsNullOrEmpty(key) ? null : key).Defect };
    }

    // {"KeyMetadata":{"KeyState":"PendingDeletion","Enabled":false}}
    private async Task<ResourceState> KeyAsync(StackResource key, CancellationToken cancellationToken)
    {
        var answer = await calls.JsonAsync(scope.Region, AwsApi.Kms, "DescribeKey", new JsonObject { ["KeyId"] = key.PhysicalId }, cancellationToken);
        var state = answer["KeyMetadata"]?["KeyState"]?.ToString();
        return new ResourceState(state != "Disabled") { Defect = state is null or "Enabled" or "Disabled" ? null : $"is in state {state}" };
    }

    // FunctionsReconcileA7FC4E8E: the CDK appends eight hexadecimal digits to the path.
    private static string Stem(string logicalId) => logicalId.Length > 8 ? logicalId[..^8] : logicalId;
}
