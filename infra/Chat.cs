using Amazon.CDK;
using Amazon.CDK.AWS.Chatbot;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.SNS;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// Alerts in Slack and Microsoft Teams through Amazon Q Developer in chat applications. It shows CloudWatch alarms unchanged, and everything else
/// only in its own schema, so a rule turns the alert of each event into a custom notification.
/// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
/// </summary>
internal sealed class Chat : Construct
{
    /// <param name="alerts">The topic of the mails, which also has the alarms. The service drops what it cannot show.</param>
    public Chat(Construct scope, string id, Topic alerts, StackOptions options)
        : base(scope, id)
    {
        // Not encrypted with the key of the other topics: EventBridge needs the key without any condition on who publishes. It carries what the
        // events on the default bus carry.
        var topic = new Topic(this, "Alerts", new TopicProps { EnforceSSL = true });
        _ = new Rule(this, "Alert", new RuleProps
        {
            Description = "An event of the automation that people receive",
            EventPattern = new EventPattern
            {
                Source = ["automation.images"],
                Detail = new Dictionary<string, object> { ["alert"] = new Dictionary<string, object> { ["title"] = Match.Exists() } },
            },
            Targets = [new SnsTopic(topic, new SnsTopicProps { Message = RuleTargetInput.FromObject(Notification()) })],
        });
        var role = new Role(this, "Channel", new RoleProps
        {
            AssumedBy = new ServicePrincipal("chatbot.amazonaws.com"),
            Description = "What Amazon Q Developer may do for the channel: show the graphs of alarms",
            InlinePolicies = new Dictionary<string, PolicyDocument>
            {
                ["Alarms"] = new(new PolicyDocumentProps
                {
                    // "*" because these actions have no resource type.
                    Statements = [new PolicyStatement(
                        new PolicyStatementProps { Actions = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"], Resources = ["*"] })],
                }),
            },
        });
        string[] topics = [topic.TopicArn, alerts.TopicArn];
        string[] guardrails = [$"arn:{Aws.PARTITION}:iam::aws:policy/CloudWatchReadOnlyAccess"];
        if (options.SlackChannel is [var workspace, var channel])
        {
            _ = new CfnSlackChannelConfiguration(this, "Slack", new CfnSlackChannelConfigurationProps
            {
                ConfigurationName = $"{options.FullStackName}-slack",
                IamRoleArn = role.RoleArn,
                SlackWorkspaceId = workspace,
                SlackChannelId = channel,
                SnsTopicArns = topics,
                GuardrailPolicies = guardrails,
            });
        }

        if (options.TeamsChannel is [var tenant, var team, var conversation])
        {
            _ = new CfnMicrosoftTeamsChannelConfiguration(this, "Teams", new CfnMicrosoftTeamsChannelConfigurationProps
            {
                ConfigurationName = $"{options.FullStackName}-teams",
                IamRoleArn = role.RoleArn,
                TeamsTenantId = tenant,
                TeamId = team,
                TeamsChannelId = conversation,
                SnsTopicArns = topics,
                GuardrailPolicies = guardrails,
            });
        }
    }

    // {"version":"1.0","source":"custom","content":{"textType":"client-markdown","title":"blocked: app 1.0.0/3","description":"- …","nextSteps":["…"]}, …}
    private static Dictionary<string, object> Notification() => new()
    {
        ["version"] = "1.0",
        ["source"] = "custom",
        ["id"] = EventField.EventId,
        ["content"] = new Dictionary<string, object>
        {
            ["textType"] = "client-markdown",
            ["title"] = EventField.FromPath("$.detail.alert.title"),
            ["description"] = EventField.FromPath("$.detail.alert.text"),
            ["nextSteps"] = EventField.FromPath("$.detail.alert.nextSteps"),
        },
        ["metadata"] = new Dictionary<string, object>
        {
            // All alerts about an image are one thread of the channel.
            ["threadId"] = EventField.FromPath("$.detail.image"),
            ["summary"] = EventField.FromPath("$.detail.alert.title"),
            ["eventType"] = EventField.DetailType,
        },
    };
}
