using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.StepFunctions;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Scenarios;

/// <summary>
/// A cloud with the automation's stack in it, as the world outside sees it: AWS clients, time, and orders for what goes wrong. The
/// scenarios are written against this alone, so that the same bodies can run in process, and over sockets with real processes.
/// </summary>
public interface IScenarioCloud : IAsyncDisposable
{
    /// <summary>The Region of the stack.</summary>
    string Region { get; }

    string StateMachineArn { get; }

    /// <summary>The topic that Image Builder notifies.</summary>
    string NotificationsTopicArn { get; }

    IAmazonImagebuilder ImageBuilder { get; }

    IAmazonStepFunctions StepFunctions { get; }

    IAmazonECR Ecr(string region);

    /// <summary>
    /// A call for which there is no SDK client here, in the stack's Region unless told otherwise: AWS JSON 1.0 for a target such as
    /// <c>AmazonSQS.ReceiveMessage</c>.
    /// </summary>
    Task<JsonObject> CallAsync(string service, string target, JsonObject input, string? region = null);

    /// <summary>Hands an event to a function asynchronously, as EventBridge and SNS do: retries and dead letters included.</summary>
    /// <param name="function">Its name in the stack, such as <c>BuildNotification</c>.</param>
    Task InvokeEventAsync(string function, JsonNode payload);

    /// <summary>An event of an AWS service on the default bus of the stack's Region, as EventBridge samples show it.</summary>
    Task PublishAsync(string source, string detailType, JsonObject detail);

    /// <summary>Publishes to the topic that Image Builder notifies.</summary>
    Task NotifyAsync(string message);

    /// <summary>Virtual time.</summary>
    Task<DateTimeOffset> NowAsync();

    /// <summary>Until nothing goes on any more; time jumps to what is going to happen, schedules do not count.</summary>
    Task SettleAsync();

    /// <summary>Lets time pass, schedules included.</summary>
    Task AdvanceAsync(TimeSpan time);

    Task InjectAsync(FaultRule fault);

    /// <summary>Orders that have not been met yet.</summary>
    Task<int> OpenOrdersAsync();

    /// <summary>Takes back all orders of faults.</summary>
    Task ClearOrdersAsync();

    Task InjectAsync(BuildOutcome outcome);

    /// <summary>What scans find from now on; nothing at all when empty.</summary>
    Task InjectAsync(IReadOnlyList<FindingsRule> findings);

    /// <summary>How long builds take from now on.</summary>
    Task InjectAsync(BuildTimings timings);

    /// <summary>The Region's quotas from now on.</summary>
    Task InjectAsync(ImageBuilderQuotas quotas);

    /// <summary>Everything that happened, in order.</summary>
    Task<IReadOnlyList<JournalEntry>> JournalAsync();
}
