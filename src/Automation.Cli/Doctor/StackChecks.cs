using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.Core.Schedules;

namespace Automation.Cli.Doctor;

/// <summary>The requirements on a deployed stack: it runs, receives events, and its alerts arrive.</summary>
internal static class StackChecks
{
    public const string Stack = "stack";
    public const string Topics = "topics";
    public const string Key = "key policy";
    public const string Functions = "functions";
    public const string Reconcile = "reconcile";
    public const string DeadLetters = "dead letters";

    private const string ReconcileAlarm = "ReconcileSilent";

    public static IEnumerable<Diagnosis> Check(DoctorScope scope, AccountFacts facts) => facts.Stack.Judge(Stack, stack => stack is null
        ? [Diagnosis.Ok(Stack, $"{scope.Stack} is not deployed yet in {scope.Region}; what a running stack needs was not checked")]
        : [.. CheckStack(scope, stack), .. CheckTemplate(stack), .. CheckTopics(stack), .. ResourceChecks.Check(scope, stack.Resources),
            .. CheckFunctions(stack), .. CheckReconcile(scope, stack), .. CheckDeadLetters(stack)]);

    private static IEnumerable<Diagnosis> CheckStack(DoctorScope scope, StackFacts stack)
    {
        var text = $"{scope.Stack} is in state {stack.Status}{(stack.StatusReason is { Length: > 0 } why ? $": {why}" : "")}";
        yield return stack.Status switch
        {
            "ROLLBACK_COMPLETE" =>
                Diagnosis.Fault(Stack, text,
                    $"The first deployment failed. Delete the stack (aws cloudformation delete-stack --stack-name {scope.Stack}), fix the cause and deploy again."),
            _ when stack.Status.EndsWith("_FAILED", StringComparison.Ordinal) =>
                Diagnosis.Fault(Stack, text, "Read the stack's events, fix the cause and deploy again."),
            "UPDATE_ROLLBACK_COMPLETE" =>
                Diagnosis.Warning(Stack, text, "The last deployment failed and was undone: read the stack's events and deploy again."),
            _ when stack.Status.EndsWith("_IN_PROGRESS", StringComparison.Ordinal) =>
                Diagnosis.Warning(Stack, text, "Wait until the deployment has ended, then run this again."),
            _ => Diagnosis.Ok(Stack, text),
        };
    }

    private static IEnumerable<Diagnosis> CheckTemplate(StackFacts stack) => stack.Template is { } failure ? [Diagnosis.Unreadable(Stack, failure)] : [];

    private static IEnumerable<Diagnosis> CheckTopics(StackFacts stack)
    {
        foreach (var topic in stack.Topics)
        {
            var name = topic.IsAlerts ? "the topic of alerts" : "the topic of Image Builder's notifications";
            foreach (var line in topic.Subscriptions.Judge(Topics, subscriptions => CheckSubscriptions(topic, name, subscriptions))
                .Concat(CheckPolicy(topic, name)).Concat(topic.KeyPolicy.Judge(Key, policy => CheckKey(topic, name, policy))))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<Diagnosis> CheckSubscriptions(TopicFacts topic, string name, IReadOnlyList<Subscription> subscriptions)
    {
        foreach (var pending in subscriptions.Where(subscription => subscription.IsPending))
        {
            yield return Diagnosis.Fault(Topics, $"{pending.Endpoint} has not confirmed its subscription to {name}, and receives nothing",
                "Open the confirmation mail, or subscribe again.");
        }

        var confirmed = subscriptions.Count(subscription => !subscription.IsPending);
        if (confirmed > 0)
        {
            yield return Diagnosis.Ok(Topics, $"{AccountChecks.Count(confirmed, "confirmed subscription")} to {name}");
        }
        else if (topic.IsAlerts && subscriptions.Count == 0)
        {
            yield return Diagnosis.Warning(
                Topics, $"{name} has no subscriber", "Set alarmEmails in cdk.json, or subscribe to the stack's output AlertsTopicArn.");
        }
        else if (!topic.IsAlerts)
        {
            yield return Diagnosis.Fault(
                Topics, $"the function BuildNotification is not subscribed to {name}: only the reconcile finds completed builds", "Deploy the stack again.");
        }
    }

    // Image Builder publishes with its service-linked role, which may publish to any topic of the account. CloudWatch needs permission from the topic.
    private static IEnumerable<Diagnosis> CheckPolicy(TopicFacts topic, string name)
    {
        var who = topic.IsAlerts ? "cloudwatch.amazonaws.com" : "AWSServiceRoleForImageBuilder";
        if (Policies.Deny(topic.Policy, who, "sns:Publish", "sns:*") || (topic.IsAlerts && !Policies.Allow(topic.Policy, who, "sns:Publish", "sns:*")))
        {
            yield return Diagnosis.Fault(Topics, $"the policy of {name} does not let {who} publish", "Restore the topic's policy as the stack writes it.");
        }
    }

    // The statements that the stack writes into the key that it creates, identified by their Sid or by the principal that they allow.
    // https://docs.aws.amazon.com/imagebuilder/latest/userguide/integ-sns.html
    private static IEnumerable<Diagnosis> CheckKey(TopicFacts topic, string name, JsonObject? policy)
    {
        if (policy is null)
        {
            yield break;
        }

        var who = topic.IsAlerts ? "cloudwatch.amazonaws.com" : "AWSServiceRoleForImageBuilder";
        if (!Policies.Allow(policy, who, "kms:GenerateDataKey", "kms:*") || Policies.Deny(policy, who, "kms:GenerateDataKey", "kms:Decrypt", "kms:*"))
        {
            yield return Diagnosis.Fault(
                Key, $"the key of {name} does not let {who} encrypt: {(topic.IsAlerts ? "alarms" : "notifications of builds")} are lost without an error",
                $"Add the statement {(topic.IsAlerts ? "Alarms" : "ImageBuilderNotifications")} to the key's policy, as the stack does for its own key (kms:GenerateDataKey*, kms:Decrypt).");
        }
        else
        {
            yield return Diagnosis.Ok(Key, $"the key of {name} lets {who} encrypt");
        }
    }

    private static IEnumerable<Diagnosis> CheckFunctions(StackFacts stack) => stack.Functions.Judge(Functions, functions =>
    {
        var failing = functions.Where(function => function.Value.Errors > 0)
            .Select(function => Diagnosis.Warning(
                Functions, $"{function.Key} failed {function.Value.Errors} of {function.Value.Runs} times within a day",
                "Read its log; `automation status` shows the incidents that follow from it."))
            .ToList();
        return failing.Count > 0 ? failing : [Diagnosis.Ok(Functions, "no function failed within a day")];
    });

    internal static IEnumerable<Diagnosis> CheckReconcile(DoctorScope scope, StackFacts stack) => stack.Reconcile.Judge(Reconcile, runs =>
    {
        var now = scope.Now;
        var (schedule, _) = ScheduleExpression.Read(scope.Reconcile);
        var expected = schedule?.LastAtOrBefore(now.AddMinutes(-30), TimeZoneInfo.Utc);

        // A rate counts from the creation of the schedule, so one more period may pass than the expression says.
        var previous = expected is { } slot ? schedule!.LastAtOrBefore(slot.AddMinutes(-1), TimeZoneInfo.Utc) : null;
        return runs switch
        {
            { Last: null } when stack.CreatedAt is { } created && schedule is not null && (previous is null || previous < created) => [Diagnosis.Warning(
                Reconcile, $"the reconcile ({scope.Reconcile}) has not run yet; the stack was created at {BuildTags.Format(created)}",
                "Run this again after the schedule was due.")],
            { Last: null } => [Diagnosis.Fault(
                Reconcile, $"the reconcile ({scope.Reconcile}) did not run within the last two days{AboutItsAlarm(stack)}",
                "Look at the schedule ReconcileAll and at the log of the function Reconcile.")],
            { Last: { } last } when last < previous => [Diagnosis.Fault(
                Reconcile, $"the reconcile ({scope.Reconcile}) ran last at {BuildTags.Format(last)}",
                "Look at the schedule ReconcileAll and at the log of the function Reconcile.")],
            { Last: { } last, Errors: 0 } => [Diagnosis.Ok(Reconcile, $"ran last at {BuildTags.Format(last)}, without an error in a day")],
            { Last: { } last } => [Diagnosis.Warning(
                Reconcile, $"ran last at {BuildTags.Format(last)}, and failed {runs.Errors} of {runs.Runs} times within a day",
                "Read the log of the function Reconcile; each failed image is named there.")],
        };
    });

    // INSUFFICIENT_DATA is the first state of an alarm, and an alarm acts only when its state changes.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
    private static string AboutItsAlarm(StackFacts stack) =>
        stack.Resources.FirstOrDefault(
            resource => resource.LogicalId.Contains(ReconcileAlarm, StringComparison.Ordinal)
                && resource.State.Value?.Alarm?.Value == "INSUFFICIENT_DATA") is { } alarm
            ? $"; its alarm {alarm.LogicalId} is in state INSUFFICIENT_DATA, and sends mail only when its state changes"
            : "";

    private static IEnumerable<Diagnosis> CheckDeadLetters(StackFacts stack) => stack.DeadLetters.Judge(DeadLetters, count => [count == 0
        ? Diagnosis.Ok(DeadLetters, "none")
        : Diagnosis.Fault(DeadLetters, $"{AccountChecks.Count(count, "message")} could not be processed", "automation redrive")]);
}
