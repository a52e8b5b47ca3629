using System.Text.Json.Nodes;

namespace Automation.Infra.Tests;

/// <summary>What must hold for every resource of a kind, whatever the catalog.</summary>
public sealed class ResourceTests
{
    public static TheoryData<string> Catalogs => Synthesis.Catalogs;

    /// <summary>
    /// Actions that cannot be limited to a resource, or whose caller cannot know it:
    /// imagebuilder:ListContainerRecipes lists what the account has; X-Ray has no resources; log delivery of a state machine is
    /// an account's setting. https://docs.aws.amazon.com/service-authorization/latest/reference/
    /// </summary>
    private static readonly string[] WithoutResource =
    [
        "imagebuilder:ListContainerRecipes",
        "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
        "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
        "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
    ];

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void Policies_NameTheirResources(string catalog)
    {
        foreach (var (id, statement) in Statements(catalog).Where(item => Template.Texts(item.Statement["Resource"]).Contains("*")))
        {
            var unlimited = Template.Texts(statement["Action"]).Except(WithoutResource).ToList();
            Assert.True(unlimited.Count == 0, $"{id} allows {string.Join(", ", unlimited)} on every resource.");
        }
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void Policies_NameTheirActions(string catalog) =>
        Assert.All(Statements(catalog), item => Assert.DoesNotContain(
            Template.Texts(item.Statement["Action"]),
            action => action == "*" || action.EndsWith(":*", StringComparison.Ordinal)));

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

        Assert.True(deliveries.Count >= 7, $"Only {deliveries.Count} deliveries: rules, schedules, subscription and asynchronous functions are looked at.");
        Assert.All(deliveries, delivery => Assert.True(
            Template.Target(delivery.DeadLetters) is { } queue && template.TypeOf(queue) == "AWS::SQS::Queue",
            $"{delivery.Id} has no dead letter queue of this stack."));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryTriggerFunction_IsRetried_ThenItsEventIsKept(string catalog)
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
    public void EveryLogGroup_ForgetsSomeDay_AndEveryFunctionHasOne(string catalog)
    {
        var template = Synthesis.Template(catalog);

        Assert.All(template.Of("AWS::Logs::LogGroup"), group => Assert.True(group.Properties["RetentionInDays"] is not null, $"{group.Id} keeps its logs for ever."));
        Assert.All(template.Of("AWS::Lambda::Function"), function => Assert.Equal(
            "AWS::Logs::LogGroup",
            template.TypeOf(Template.Target(function.Properties["LoggingConfig"]?["LogGroup"]) ?? "")));
    }

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryRepository_OutlivesTheStack(string catalog)
    {
        var resources = JsonNode.Parse(Synthesis.Text(catalog))!["Resources"]!.AsObject();
        foreach (var (id, resource) in resources.Where(resource => resource.Value!["Type"]!.ToString() == "AWS::ECR::Repository"))
        {
            Assert.True(resource!["DeletionPolicy"]?.ToString() == "Retain", $"{id} would take its images along.");
        }
    }

    private static IEnumerable<(string Id, JsonNode Statement)> Statements(string catalog) => Synthesis.Template(catalog)
        .Of("AWS::IAM::Policy")
        .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray(), (policy, statement) => (policy.Id, statement!));
}
