using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The events that the service publishes: state changes to EventBridge, and AVAILABLE and FAILED to the SNS topic of the
/// infrastructure configuration. https://docs.aws.amazon.com/imagebuilder/latest/userguide/integ-eventbridge.html and integ-sns.html
/// </summary>
internal sealed class Announcements(ImageBuilderState state)
{
    private const string Source = "aws.imagebuilder";
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true };

    public void StateChanged(ImageBuild build, string previous)
    {
        Record(build);

        // PENDING and CREATING are not announced.
        if (build.Status is ImageStatus.Building or ImageStatus.Testing or ImageStatus.Distributing or ImageStatus.Integrating
            or ImageStatus.Available or ImageStatus.Cancelled or ImageStatus.Failed)
        {
            state.Engine.Events.Publish(build.Region, Source, "EC2 Image Builder Image State Change", [build.Arn], new JsonObject
            {
                ["previous-state"] = new JsonObject { ["status"] = previous },
                ["state"] = new JsonObject { ["status"] = build.Status },
            });
        }

        if (build.Status is ImageStatus.Available or ImageStatus.Failed && build.InfrastructureConfiguration.SnsTopicArn is { } topic)
        {
            try
            {
                var role = Caller.ImageBuilderRole(state.Engine.Options.AccountId);
                state.Engine.Access.RequirePermission(Caller.Role(role, "Ec2ImageBuilderIntegrationService"), "sns:Publish", topic);
                state.Engine.Topics.Publish(topic, null, Message(build));
            }
            catch (AwsException e)
            {
                // If a topic is missing or may not be used, the service does not report it; the notification is not sent.
                state.Engine.Journal.Write("imagebuilder", "notification-lost", $"{topic}: {e.Message}", ("arn", build.Arn), ("topic", topic));
            }
        }
    }

    /// <summary>
    /// A step that waits: "This step publishes an EventBridge event to your default EventBridge event bus"; it can also send a message to a topic or
    /// invoke a function. What these contain besides the step's own payload is on no page; here it is the event's detail.
    /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/wfdoc-step-actions.html
    /// </summary>
    public void StepWaits(ImageBuild build, WorkflowRun run, StepRun step)
    {
        var detail = new JsonObject
        {
            ["workflow-execution-id"] = run.Id,
            ["workflow-step-execution-id"] = step.Id,
            ["workflow-step-name"] = step.Step.Name,
        };
        state.Engine.Journal.Write(
            "imagebuilder", "step-waiting", $"{build.Name} {build.Version}/{build.Build} waits in {step.Step.Name}",
            ("image", build.Name), ("arn", build.Arn), ("step", step.Id));
        state.Engine.Events.Publish(
            build.Region, Source, "EC2 Image Builder Workflow Step Waiting", [build.Arn, run.WorkflowArn], detail.DeepClone().AsObject());
        detail["imageBuildVersionArn"] = build.Arn;
        if (step.Step.Inputs?["payload"] is { } payload)
        {
            detail["payload"] = payload.DeepClone();
        }

        var role = build.ExecutionRole ?? Caller.ImageBuilderRole(state.Engine.Options.AccountId);
        try
        {
            if (step.Step.Inputs?["snsTopicArn"]?.ToString() is { } topic)
            {
                state.Engine.Access.RequirePermission(Caller.Role(role, "Ec2ImageBuilderIntegrationService"), "sns:Publish", topic);
                state.Engine.Topics.Publish(topic, null, detail.ToJsonString(Pretty));
            }

            if (step.Step.Inputs?["lambdaFunctionName"]?.ToString() is { } function)
            {
                state.Engine.Functions.InvokeEvent(function, build.Region, Encoding.UTF8.GetBytes(detail.ToJsonString()));
            }
        }
        catch (AwsException e)
        {
            state.Engine.Journal.Write("imagebuilder", "notification-lost", $"{step.Step.Name}: {e.Message}", ("arn", build.Arn));
        }
    }

    /// <summary>For the journal only: the service does not publish events about a finished image (DEPRECATED, DISABLED, DELETED).</summary>
    public void Record(ImageBuild build) =>
        state.Engine.Journal.Write(
            "imagebuilder",
            "build-state",
            $"{build.Name} {build.Version}/{build.Build}: {build.Status}{(build.Reason is null ? "" : $", {build.Reason}")}",
            ("image", build.Name),
            ("pipeline", build.SourcePipelineName),
            ("arn", build.Arn),
            ("status", build.Status),
            ("reason", build.Reason));

    public void PipelineDisabled(ImagePipeline pipeline)
    {
        state.Engine.Journal.Write(
            "imagebuilder",
            "pipeline-disabled",
            $"{pipeline.Name} was disabled after {pipeline.ConsecutiveFailures} failed scheduled builds",
            ("pipeline", pipeline.Name),
            ("arn", pipeline.Arn));
        state.Engine.Events.Publish(
            ResourceArn.TryParse(pipeline.Arn)!.Region,
            Source,
            "EC2 Image Builder Image Pipeline Automatically Disabled",
            [pipeline.Arn],
            new JsonObject { ["consecutive-failures"] = pipeline.ConsecutiveFailures.ToString(CultureInfo.InvariantCulture) });
    }

    /// <summary>The SNS message. Its structure differs from GetImage; see the page. The container form follows the page's AMI form.</summary>
    public string Message(ImageBuild build)
    {
        var arn = ResourceArn.TryParse(build.Arn)!;
        var message = new JsonObject
        {
            ["versionlessArn"] = (arn with { Version = null, Build = null }).ToString(),
            ["semver"] = JsonNode.Parse(SemanticVersion(build).ToString(CultureInfo.InvariantCulture)),
            ["arn"] = build.Arn,
            ["name"] = build.Name,
            ["version"] = build.Version,
            ["type"] = "DOCKER",
            ["buildVersion"] = build.Build,
            ["state"] = new JsonObject { ["status"] = build.Status },
            ["platform"] = build.ContainerRecipe.Platform,
            ["containerRecipe"] = Configuration(build.ContainerRecipe, build.ContainerRecipe.Arn),
        };
        if (build.Reason is not null)
        {
            message["state"]!["reason"] = build.Reason;
        }

        if (build.SourcePipelineArn is not null)
        {
            message["sourcePipelineArn"] = build.SourcePipelineArn;
        }

        message["infrastructureConfiguration"] = Configuration(build.InfrastructureConfiguration, build.InfrastructureConfiguration.Arn);
        message["imageTestsConfigurationDocument"] = new JsonObject
        {
            ["imageTestsEnabled"] = build.TestsEnabled,
            ["timeoutMinutes"] = build.TestTimeoutMinutes,
        };
        if (build.DistributionConfiguration is { } distribution)
        {
            message["distributionConfiguration"] = Configuration(distribution, distribution.Arn);
        }

        message["dateCreated"] = Date(build.Created);
        message["outputResources"] = new JsonObject { ["containers"] = ImageBuilderState.Write(build.Containers) };
        if (build.Status == ImageStatus.Available)
        {
            message["buildExecutionId"] = Ids.From(build.Arn + "#build").ToString();
            if (build.TestsEnabled)
            {
                message["testExecutionId"] = Ids.From(build.Arn + "#test").ToString();
            }

            message["distributionJobId"] = Ids.From(build.Arn + "#distribution").ToString();
            message["integrationJobId"] = Ids.From(build.Arn + "#integration").ToString();
        }

        message["accountId"] = arn.Account;
        message["enhancedImageMetadataEnabled"] = build.EnhancedImageMetadataEnabled;
        message["buildType"] = build.BuildType;
        message["tags"] = Tags(build.Arn);
        return message.ToJsonString(Pretty);
    }

    /// <summary>major·2⁹⁰ + minor·2⁶⁰ + patch·2³⁰ + build: more than 64 bits.</summary>
    public static UInt128 SemanticVersion(ImageBuild build)
    {
        var version = VersionPattern.TryParse(build.Version)!;
        return ((UInt128)version.Major!.Value << 90) + ((UInt128)version.Minor!.Value << 60) + ((UInt128)version.Patch!.Value << 30) + (UInt128)build.Build;
    }

    /// <summary>Such as <c>Jul 28, 2022 1:13:45 AM</c>.</summary>
    public static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("MMM d, yyyy h:mm:ss tt", CultureInfo.InvariantCulture);

    private JsonObject Configuration<T>(T record, string arn)
        where T : class
    {
        var node = ImageBuilderState.Write(record).AsObject();
        string[] dates = ["dateCreated", "dateUpdated"];
        foreach (var member in dates)
        {
            if (node[member] is { } date)
            {
                node[member] = Date(DateTimeOffset.Parse(date.GetValue<string>(), CultureInfo.InvariantCulture));
            }
        }

        node["tags"] = Tags(arn);
        node["accountId"] = ResourceArn.TryParse(arn)!.Account;
        return node;
    }

    private JsonObject Tags(string arn)
    {
        var tags = new JsonObject { ["internalId"] = Ids.From(arn).ToString(), ["resourceArn"] = arn };
        foreach (var (key, value) in state.TagsOf(arn))
        {
            tags[key] = value;
        }

        return tags;
    }
}
