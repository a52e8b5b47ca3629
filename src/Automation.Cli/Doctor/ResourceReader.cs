using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;

namespace Automation.Cli.Doctor;

/// <summary>A resource in CloudFormation's list.</summary>
internal sealed record StackResource(string LogicalId, string PhysicalId, string Type);

/// <summary>Reads the resources of the stack from each service, to find those that were deleted, disabled or changed by hand.</summary>
internal sealed class ResourceReader(SignedCalls calls, Func<string, IAmazonImagebuilder> imageBuilder, DoctorScope scope)
{
    public async Task<IReadOnlyList<ResourceFacts>> ReadAsync(IReadOnlyList<StackResource> resources, CancellationToken cancellationToken)
    {
        var found = new List<ResourceFacts>();
        foreach (var resource in resources)
        {
            (string Kind, Func<Task<ResourceState>> Read)? probe = resource.Type switch
            {
                "AWS::Lambda::Function" => ("function", () => FunctionAsync(resource, resources, cancellationToken)),
                "AWS::Lambda::EventInvokeConfig" => ("failure destination", () => EventInvokeAsync(resource, resources, cancellationToken)),
                "AWS::StepFunctions::StateMachine" => ("state machine", () => JsonAsync(AwsApi.States, "DescribeStateMachine", "stateMachineArn", resource, cancellationToken)),
                "AWS::Events::Rule" => ("rule", () => RuleAsync(resource, cancellationToken)),
                "AWS::Scheduler::Schedule" => ("schedule", () => ScheduleAsync(resource, cancellationToken)),
                "AWS::SNS::Topic" => ("topic", () => TopicAsync(resource, cancellationToken)),
                "AWS::SQS::Queue" => ("queue", () => JsonAsync(AwsApi.Sqs, "GetQueueAttributes", "QueueUrl", resource, cancellationToken)),
                "AWS::KMS::Key" => ("key", () => KeyAsync(resource, cancellationToken)),
                "AWS::ImageBuilder::ImagePipeline" => ("pipeline", () => PipelineAsync(resource, cancellationToken)),
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

    private async Task<ResourceState> JsonAsync(AwsApi api, string operation, string member, StackResource resource, CancellationToken cancellationToken)
    {
        await calls.JsonAsync(scope.Region, api, operation, new JsonObject { [member] = resource.PhysicalId }, cancellationToken);
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
        return new ResourceState { Defect = missing.Count == 0 ? null : $"lacks in its policy {string.Join(", ", missing)}, so its sources may not invoke it" };
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
            Defect = answer["DestinationConfig"]?["OnFailure"]?["Destination"] is null ? "has no queue for failed events" : null,
        };
    }

    private async Task<ResourceState> RuleAsync(StackResource rule, CancellationToken cancellationToken)
    {
        var name = rule.PhysicalId[(rule.PhysicalId.LastIndexOf('|') + 1)..];
        var answer = await calls.JsonAsync(scope.Region, AwsApi.Events, "DescribeRule", new JsonObject { ["Name"] = name }, cancellationToken);
        var targets = await calls.JsonAsync(scope.Region, AwsApi.Events, "ListTargetsByRule", new JsonObject { ["Rule"] = name }, cancellationToken);
        return new ResourceState(answer["State"]?.ToString() != "DISABLED")
        {
            Defect = targets["Targets"] is JsonArray { Count: > 0 } ? null : "has no target, so its events go nowhere",
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
            Defect = end <= scope.Now ? $"ended at {end:u}" : start > scope.Now.AddDays(1) ? $"begins only at {start:u}" : null,
        };

        static DateTimeOffset? Time(JsonNode? value) => value is null ? null
            : double.TryParse(value.ToString(), CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : DateTimeOffset.TryParse(value.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : null;
    }

    private async Task<ResourceState> TopicAsync(StackResource topic, CancellationToken cancellationToken)
    {
        await calls.QueryAsync(scope.Region, AwsApi.Sns, "GetTopicAttributes", [("TopicArn", topic.PhysicalId)], cancellationToken);
        return new ResourceState();
    }

    // {"KeyMetadata":{"KeyState":"PendingDeletion","Enabled":false}}
    private async Task<ResourceState> KeyAsync(StackResource key, CancellationToken cancellationToken)
    {
        var answer = await calls.JsonAsync(scope.Region, AwsApi.Kms, "DescribeKey", new JsonObject { ["KeyId"] = key.PhysicalId }, cancellationToken);
        var state = answer["KeyMetadata"]?["KeyState"]?.ToString();
        return new ResourceState(state != "Disabled") { Defect = state is null or "Enabled" or "Disabled" ? null : $"is in state {state}" };
    }

    private async Task<ResourceState> PipelineAsync(StackResource pipeline, CancellationToken cancellationToken)
    {
        var client = imageBuilder(scope.Region);
        try
        {
            var answer = (await client.GetImagePipelineAsync(new GetImagePipelineRequest { ImagePipelineArn = pipeline.PhysicalId }, cancellationToken)).ImagePipeline;
            var infrastructure = (await client.GetInfrastructureConfigurationAsync(
                new GetInfrastructureConfigurationRequest { InfrastructureConfigurationArn = answer.InfrastructureConfigurationArn }, cancellationToken)).InfrastructureConfiguration;
            var distribution = answer.DistributionConfigurationArn is { } arn
                ? (await client.GetDistributionConfigurationAsync(new GetDistributionConfigurationRequest { DistributionConfigurationArn = arn }, cancellationToken)).DistributionConfiguration
                : null;
            var floating = scope.Defined.FirstOrDefault(image => image.PipelineName == answer.Name)?.Promote.FloatingTags ?? [];
            var moved = (distribution?.Distributions ?? []).SelectMany(each => each.ContainerDistributionConfiguration?.ContainerTags ?? [])
                .Where(tag => floating.Any(template => template.Matches(tag))).Distinct(StringComparer.Ordinal).ToList();
            return new ResourceState(answer.Status != PipelineStatus.DISABLED)
            {
                Defect = string.IsNullOrEmpty(infrastructure.SnsTopicArn) ? "notifies no topic when a build ends, so only the reconcile finds its builds"
                    : answer.Schedule?.ScheduleExpression is { } schedule ? $"has a schedule of its own ({schedule}): Image Builder starts builds that the automation did not decide"
                    : moved.Count > 0 ? $"moves {string.Join(", ", moved)} itself, before any gate"
                    : null,
            };
        }
        catch (Amazon.Runtime.AmazonServiceException e)
        {
            throw new CallException(e.ErrorCode ?? "NoAnswer", e.Message);
        }
    }

    // FunctionsReconcileA7FC4E8E: the CDK appends eight hexadecimal digits to the path.
    private static string Stem(string logicalId) => logicalId.Length > 8 ? logicalId[..^8] : logicalId;
}
