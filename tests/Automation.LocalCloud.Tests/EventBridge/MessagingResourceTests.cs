using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.EventBridge;

public sealed class MessagingResourceTests
{
    [Fact]
    public async Task Stack_OfRuleTopicQueueAndSchedule_Works()
    {
        using var cloud = new MessagingFixture();
        var dead = Create(cloud, "AWS::SQS::Queue", "Dead", """{"MessageRetentionPeriod":"1209600"}""");
        var queue = Create(cloud, "AWS::SQS::Queue", "Work",
            $$$"""{"VisibilityTimeout":90,"RedrivePolicy":{"deadLetterTargetArn":"{{{dead.Attributes["Arn"]}}}","maxReceiveCount":3}}""");
        var topic = Create(cloud, "AWS::SNS::Topic", "News", """{"DisplayName":"News"}""");
        Create(cloud, "AWS::SNS::Subscription", "Sub",
            $$$"""{"TopicArn":"{{{topic.PhysicalId}}}","Protocol":"sqs","Endpoint":"{{{queue.Attributes["Arn"]}}}","RawMessageDelivery":true}""");
        Create(cloud, "AWS::SNS::TopicPolicy", "TP", $$$"""{"Topics":["{{{topic.PhysicalId}}}"],"PolicyDocument":{{{MessagingFixture.OpenPolicy}}}}""");
        Create(cloud, "AWS::SQS::QueuePolicy", "QP", $$$"""{"Queues":["{{{queue.PhysicalId}}}"],"PolicyDocument":{{{MessagingFixture.OpenPolicy}}}}""");
        var rule = Create(cloud, "AWS::Events::Rule", "Rule", $$$"""
            {"EventPattern":{"source":["app"]},"Targets":[{"Id":"Target0","Arn":"{{{topic.PhysicalId}}}","InputPath":"$.detail",
             "RetryPolicy":{"MaximumRetryAttempts":"2"},"DeadLetterConfig":{"Arn":"{{{dead.Attributes["Arn"]}}}"}}]}
            """);
        var schedule = Create(cloud, "AWS::Scheduler::Schedule", "Nightly", $$$"""
            {"ScheduleExpression":"cron(0 3 * * ? *)","FlexibleTimeWindow":{"Mode":"OFF"},"StartDate":"2026-01-06T00:00:00Z",
             "Target":{"Arn":"{{{queue.Attributes["Arn"]}}}","RoleArn":"arn:aws:iam::123456789012:role/r","Input":"nightly"}}
            """);
        cloud.PutEvent("app", """{"a":1}""");
        await cloud.Advance(TimeSpan.FromHours(20));
        Assert.Equal(["""{"a":1}""", "nightly"], cloud.Receive(queue.PhysicalId).Select(message => (string?)message["Body"]));
        Assert.Equal($"arn:aws:events:us-east-1:123456789012:rule/{rule.PhysicalId}", rule.Attributes["Arn"]);
        Assert.Equal($"arn:aws:scheduler:us-east-1:123456789012:schedule/default/{schedule.PhysicalId}", schedule.Attributes["Arn"]);
        Assert.StartsWith("https://sqs.us-east-1.amazonaws.com/123456789012/shop-Work-", queue.PhysicalId, StringComparison.Ordinal);
        foreach (var (type, resource) in new[] { ("AWS::Events::Rule", rule), ("AWS::Scheduler::Schedule", schedule), ("AWS::SNS::Topic", topic),
            ("AWS::SQS::Queue", queue) })
        {
            cloud.Cloud.Run(() => Type(cloud, type).Delete(resource.PhysicalId, MessagingFixture.Region));
        }

        Assert.Empty(cloud.Json("events", "ListRules", [])["Rules"]!.AsArray());
        Assert.Equal(404, cloud.Rest("GET", "/schedules/" + schedule.PhysicalId).Status);
        Assert.Single(cloud.Json("sqs", "ListQueues", [])["QueueUrls"]!.AsArray());
    }

    [Fact]
    public void Rule_OnACustomBus_IsNamedWithIt()
    {
        using var cloud = new MessagingFixture();
        var bus = Create(cloud, "AWS::Events::EventBus", "Bus", """{"Name":"shop"}""");
        var rule = Create(cloud, "AWS::Events::Rule", "Rule", $$$"""{"Name":"r","EventBusName":"{{{bus.PhysicalId}}}","EventPattern":{"source":["a"]}}""");
        Assert.Equal("shop|r", rule.PhysicalId);
        Assert.Equal("arn:aws:events:us-east-1:123456789012:rule/shop/r", rule.Attributes["Arn"]);
        cloud.Cloud.Run(() => Type(cloud, "AWS::Events::Rule").Delete(rule.PhysicalId, MessagingFixture.Region));
        cloud.Cloud.Run(() => Type(cloud, "AWS::Events::EventBus").Delete(bus.PhysicalId, MessagingFixture.Region));
        Assert.Single(cloud.Json("events", "ListEventBuses", [])["EventBuses"]!.AsArray());
    }

    [Theory]
    [InlineData("AWS::Events::Rule", """{"Targets":[]}""")]
    [InlineData("AWS::Events::Rule", """{"EventPattern":{"source":["a"]},"Targets":[{"Id":"x","Arn":"arn:aws:logs:us-east-1:1:log-group:g"}]}""")]
    [InlineData("AWS::SNS::Topic", """{"FifoTopic":true}""")]
    [InlineData("AWS::SNS::Subscription", """{"Protocol":"sqs"}""")]
    [InlineData("AWS::SQS::Queue", """{"VisibilityTimeout":"soon"}""")]
    [InlineData("AWS::SQS::QueuePolicy", """{"Queues":["https://sqs.us-east-1.amazonaws.com/123456789012/none"],"PolicyDocument":{}}""")]
    [InlineData("AWS::Scheduler::Schedule", """{"ScheduleExpression":"rate(1 day)"}""")]
    public void Create_InvalidProperties_AreRefused(string type, string properties)
    {
        using var cloud = new MessagingFixture();
        Assert.Throws<AwsException>(() => Create(cloud, type, "X", properties));
    }

    [Theory]
    [InlineData("shop", "Queue", 80, 23)]
    [InlineData("a-stack-with-a-very-long-name-that-goes-on-and-on", "AnotherLogicalIdThatIsLong", 64, 64)]
    [InlineData("s", "AnotherLogicalIdThatIsLongAnotherLogicalIdThatIsLongAnotherLogicalId", 32, 32)]
    public void PhysicalName_OfAResource_FitsAndIsAlwaysTheSame(string stack, string logicalId, int most, int length)
    {
        var request = new ResourceRequest(stack, logicalId, "us-east-1", "123456789012", [], new Dictionary<string, string>());
        var name = PhysicalName.For(request, most);
        Assert.Equal(length, name.Length);
        Assert.Equal(name, PhysicalName.For(request, most));
        Assert.NotEqual(name, PhysicalName.For(request with { Region = "eu-west-1" }, most));
    }

    private static Resource Create(MessagingFixture cloud, string type, string logicalId, string properties) => cloud.Cloud.Run(() => Type(cloud, type).Create(
        new ResourceRequest("shop", logicalId, MessagingFixture.Region, "123456789012", JsonNode.Parse(properties)!.AsObject(),
            new Dictionary<string, string>())));

    private static IResourceType Type(MessagingFixture cloud, string name) =>
        new[] { cloud.Cloud.EventBridge.ResourceTypes, cloud.Cloud.Scheduler.ResourceTypes, cloud.Cloud.Sns.ResourceTypes, cloud.Cloud.Sqs.ResourceTypes }
            .SelectMany(types => types).Single(type => type.Name == name);
}
