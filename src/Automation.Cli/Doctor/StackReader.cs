using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Automation.Cli.Doctor;

/// <summary>Reads a deployed stack: its state, topics and keys, dead letters, and the recent runs of its functions.</summary>
internal sealed class StackReader(SignedCalls calls, ResourceReader resourceReader, DoctorScope scope, string account)
{
    private const string ReconcileId = "FunctionsReconcile";

    public Task<Reading<StackFacts?>> ReadAsync(CancellationToken cancellationToken) => Reading<StackFacts?>.OfAsync(() => ReadStackAsync(cancellationToken));

    private async Task<StackFacts?> ReadStackAsync(CancellationToken cancellationToken)
    {
        XElement stack;
        try
        {
            stack = await calls.QueryAsync(scope.Region, AwsApi.CloudFormation, "DescribeStacks", [("StackName", scope.Stack)], cancellationToken);
        }
        catch (CallException e) when (e.Code == "ValidationError" && e.Message.Contains("does not exist", StringComparison.Ordinal))
        {
            return null;
        }

        var status = stack.Value("StackStatus")!;
        if (status is "REVIEW_IN_PROGRESS" or "DELETE_COMPLETE")
        {
            return null;
        }

        var resources = await ResourcesAsync(cancellationToken);
        var template = await Reading<DeployedTemplate>.OfAsync(() => TemplateAsync(resources, cancellationToken));
        var topics = new List<TopicFacts>();
        foreach (var topic in resources.Where(resource => resource.Type == "AWS::SNS::Topic"))
        {
            topics.Add(new TopicFacts(
                topic.LogicalId,
                topic.PhysicalId,
                await Reading<IReadOnlyList<Subscription>>.OfAsync(() => SubscriptionsAsync(topic.PhysicalId, cancellationToken)),
                await Reading<JsonObject?>.OfAsync(() => KeyPolicyAsync(topic.PhysicalId, cancellationToken)))
            {
                Policy = (await Reading<JsonObject?>.OfAsync(() => TopicPolicyAsync(topic.PhysicalId, cancellationToken))).Value,
            });
        }

        return new StackFacts(status, stack.Value("StackStatusReason"))
        {
            CreatedAt = DateTimeOffset.TryParse(stack.Value("CreationTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created)
                ? created
                : null,
            Topics = topics,
            DeadLetters = await Reading<int>.OfAsync(() => new DeadLetterReader(calls, scope.Region).CountAsync(stack, cancellationToken)),
            Reconcile = await Reading<InvocationFacts>.OfAsync(() => InvocationsAsync(resources, cancellationToken)),
            Functions = await Reading<IReadOnlyDictionary<string, InvocationFacts>>.OfAsync(() => FunctionsAsync(resources, cancellationToken)),
            Resources = await resourceReader.ReadAsync(resources, template.Value, cancellationToken),
            Template = template.Failure,
        };
    }

    private Task<IReadOnlyList<StackResource>> ResourcesAsync(CancellationToken cancellationToken) =>
        StackResource.ReadAsync(calls, scope.Region, scope.Stack, cancellationToken);

    // <TemplateBody>{"Resources":…}</TemplateBody>; the CDK deploys JSON.
    private async Task<DeployedTemplate> TemplateAsync(IReadOnlyList<StackResource> resources, CancellationToken cancellationToken)
    {
        var answer = await calls.QueryAsync(
            scope.Region, AwsApi.CloudFormation, "GetTemplate", [("StackName", scope.Stack), ("TemplateStage", "Processed")], cancellationToken);
        try
        {
            return JsonNode.Parse(answer.Value("TemplateBody") ?? "") is JsonObject template
                ? new DeployedTemplate(template, resources, scope.Stack, (account, scope.Region))
                : throw new CallException("InvalidTemplate", $"the template of {scope.Stack} is not a JSON object");
        }
        catch (JsonException)
        {
            throw new CallException("InvalidTemplate", $"the template of {scope.Stack} is not JSON, so what was changed by hand is not seen");
        }
    }

    private async Task<IReadOnlyList<Subscription>> SubscriptionsAsync(string topic, CancellationToken cancellationToken)
    {
        var answer = await calls.QueryAsync(scope.Region, AwsApi.Sns, "ListSubscriptionsByTopic", [("TopicArn", topic)], cancellationToken);
        return [.. answer.Members("Subscriptions").Select(member => new Subscription(
            member.Value("Protocol") ?? "", member.Value("Endpoint") ?? "", member.Value("SubscriptionArn") == "PendingConfirmation"))];
    }

    private async Task<JsonObject?> KeyPolicyAsync(string topic, CancellationToken cancellationToken)
    {
        var key = await AttributeAsync(topic, "KmsMasterKeyId", cancellationToken);
        if (string.IsNullOrEmpty(key))
        {
            return null;
        }

        if (key.Contains("alias/aws/", StringComparison.Ordinal))
        {
            // The AWS managed key of SNS allows no service to encrypt, and its policy cannot be changed.
            // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
            return [];
        }

        var policy =
            await calls.JsonAsync(scope.Region, AwsApi.Kms, "GetKeyPolicy", new JsonObject { ["KeyId"] = key, ["PolicyName"] = "default" }, cancellationToken);
        return JsonNode.Parse(policy["Policy"]?.ToString() ?? "null") as JsonObject;
    }

    private async Task<JsonObject?> TopicPolicyAsync(string topic, CancellationToken cancellationToken) =>
        JsonNode.Parse(await AttributeAsync(topic, "Policy", cancellationToken) ?? "null") as JsonObject;

    // <Attributes><entry><key>KmsMasterKeyId</key><value>…</value></entry></Attributes>
    private async Task<string?> AttributeAsync(string topic, string name, CancellationToken cancellationToken)
    {
        var answer = await calls.QueryAsync(scope.Region, AwsApi.Sns, "GetTopicAttributes", [("TopicArn", topic)], cancellationToken);
        return answer.Members("Attributes").FirstOrDefault(entry => entry.Value("key") == name)?.Value("value");
    }

    private async Task<InvocationFacts> InvocationsAsync(IReadOnlyList<StackResource> resources, CancellationToken cancellationToken)
    {
        var function =
            resources.FirstOrDefault(
                resource => resource.Type == "AWS::Lambda::Function" && resource.LogicalId.StartsWith(ReconcileId, StringComparison.Ordinal))?.PhysicalId
            ?? throw new CallException("NoFunction", $"{scope.Stack} has no function Reconcile");
        return await InvocationsAsync(function, cancellationToken);
    }

    private async Task<IReadOnlyDictionary<string, InvocationFacts>> FunctionsAsync(IReadOnlyList<StackResource> resources, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, InvocationFacts>(StringComparer.Ordinal);
        foreach (var function in resources.Where(
            resource => resource.Type == "AWS::Lambda::Function" && !resource.LogicalId.StartsWith(ReconcileId, StringComparison.Ordinal)))
        {
            found[function.LogicalId] = await InvocationsAsync(function.PhysicalId, cancellationToken);
        }

        return found;
    }

    private async Task<InvocationFacts> InvocationsAsync(string function, CancellationToken cancellationToken)
    {
        var runs = await SumsAsync(function, "Invocations", TimeSpan.FromDays(2), cancellationToken);
        var errors = await SumsAsync(function, "Errors", TimeSpan.FromDays(1), cancellationToken);
        var day = scope.Now.AddDays(-1);
        return new InvocationFacts(
            runs.Where(point => point.Sum > 0).Select(point => (DateTimeOffset?)point.At).Max(),
            (int)runs.Where(point => point.At >= day).Sum(point => point.Sum),
            (int)errors.Sum(point => point.Sum));
    }

    // At five minutes a datapoint, two days are 576; a response has at most 1,440.
    private async Task<IReadOnlyList<(DateTimeOffset At, double Sum)>> SumsAsync(
        string function, string metric, TimeSpan span, CancellationToken cancellationToken)
    {
        var answer = await calls.QueryAsync(
            scope.Region,
            AwsApi.CloudWatch,
            "GetMetricStatistics",
            [
                ("Namespace", "AWS/Lambda"), ("MetricName", metric), ("Dimensions.member.1.Name", "FunctionName"), ("Dimensions.member.1.Value", function),
                ("StartTime", Text(scope.Now - span)), ("EndTime", Text(scope.Now.AddMinutes(1))), ("Period", "300"), ("Statistics.member.1", "Sum"),
            ],
            cancellationToken);
        return [.. answer.Members("Datapoints").Select(member => (
            DateTimeOffset.Parse(member.Value("Timestamp")!, CultureInfo.InvariantCulture), double.Parse(member.Value("Sum")!, CultureInfo.InvariantCulture)))];
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
