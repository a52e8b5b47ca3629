using System.Text.RegularExpressions;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The supported integrations: <c>arn:aws:lambda:…:function:name</c>, <c>arn:aws:states:::service:action[.pattern]</c> and
/// <c>arn:aws:states:::aws-sdk:sqs:action</c>.
/// https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html, .../supported-services-awssdk.html
/// </summary>
internal static partial class TaskTargets
{
    private const string Served =
        "lambda:invoke, sns:publish, sqs:sendMessage, events:putEvents, states:startExecution (.sync, .sync:2), all with .waitForTaskToken, aws-sdk:sqs, and function ARNs";

    /// <summary>The parameters of each integration: required and optional ones.</summary>
    private static readonly Dictionary<TaskKind, (string[] Required, string[] Optional)> Parameters = new()
    {
        [TaskKind.LambdaInvoke] = (["FunctionName"], ["Payload", "InvocationType", "Qualifier", "LogType", "ClientContext"]),
        [TaskKind.SnsPublish] = (["Message"], ["TopicArn", "TargetArn", "Subject", "MessageAttributes"]),
        [TaskKind.SqsSendMessage] = (["QueueUrl", "MessageBody"], ["MessageAttributes"]),
        [TaskKind.EventsPutEvents] = (["Entries"], []),
        [TaskKind.StartExecution] = (["StateMachineArn"], ["Input", "Name", "TraceHeader"]),
    };

    /// <returns>Null, with a fault, for what the service or the embedded cloud does not support.</returns>
    public static TaskTarget? Read(string resource, DefinitionFaults faults, string location)
    {
        if (!resource.StartsWith("arn:", StringComparison.Ordinal))
        {
            faults.Schema("Value is not a valid resource ARN", location);
            return null;
        }

        if (FunctionArn().IsMatch(resource))
        {
            return new TaskTarget(TaskKind.Function, TaskPattern.RequestResponse, resource, "lambda", "");
        }

        if (SdkIntegration().Match(resource) is { Success: true } sdk)
        {
            return new TaskTarget(TaskKind.SqsSdk, TaskPattern.RequestResponse, resource, "aws-sdk:sqs", sdk.Groups["action"].Value);
        }

        var match = Integration().Match(resource);
        if (!match.Success)
        {
            // Also an ARN that a template has not completed yet, so it is not recorded as a limit.
            faults.Schema($"The embedded cloud does not support the resource '{resource}' (it supports {Served})", location);
            return null;
        }

        var (service, action, suffix) = (match.Groups["service"].Value, match.Groups["action"].Value, match.Groups["pattern"].Value);
        TaskKind? kind = (service, action) switch
        {
            ("lambda", "invoke") => TaskKind.LambdaInvoke,
            ("sns", "publish") => TaskKind.SnsPublish,
            ("sqs", "sendMessage") => TaskKind.SqsSendMessage,
            ("events", "putEvents") => TaskKind.EventsPutEvents,
            ("states", "startExecution") => TaskKind.StartExecution,
            _ => null,
        };
        TaskPattern? pattern = suffix switch
        {
            "" => TaskPattern.RequestResponse,
            ".waitForTaskToken" => TaskPattern.WaitForTaskToken,
            ".sync" when kind == TaskKind.StartExecution => TaskPattern.Sync,
            ".sync:2" when kind == TaskKind.StartExecution => TaskPattern.Sync2,
            _ => null,
        };
        if (kind is null)
        {
            faults.Unsupported($"the integration '{resource}' (it supports {Served})", location);
            return null;
        }

        if (pattern is null)
        {
            faults.Schema($"The resource provided {resource} is not recognized", location);
            return null;
        }

        return new TaskTarget(kind.Value, pattern.Value, resource, service, action + suffix);
    }

    public static void CheckParameters(TaskTarget target, FieldReader fields)
    {
        if (!Parameters.TryGetValue(target.Kind, out var known))
        {
            return;
        }

        var given = fields.Object("Parameters")?.Select(parameter => parameter.Key).ToArray() ?? [];
        var names = given.Select(name => name.EndsWith(".$", StringComparison.Ordinal) ? name[..^2] : name).ToArray();
        foreach (var missing in known.Required.Except(names))
        {
            fields.Faults.Schema($"The field \"{missing}\" is required but was missing", fields.At("Parameters"));
        }

        for (var i = 0; i < names.Length; i++)
        {
            if (!known.Required.Contains(names[i]) && !known.Optional.Contains(names[i]))
            {
                fields.Faults.Unsupported($"the parameter '{names[i]}' of {target.Service}:{target.Action}", $"{fields.At("Parameters")}/{given[i]}");
            }
        }

        if (target.Kind == TaskKind.SnsPublish && !names.Contains("TopicArn") && !names.Contains("TargetArn"))
        {
            fields.Faults.Schema("The field \"TopicArn\" is required but was missing", fields.At("Parameters"));
        }
    }

    [GeneratedRegex(@"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?$")]
    private static partial Regex FunctionArn();

    [GeneratedRegex(@"^arn:aws[a-z-]*:states:[a-z0-9-]*:\d*:aws-sdk:sqs:(?<action>[a-z][A-Za-z]+)$")]
    private static partial Regex SdkIntegration();

    [GeneratedRegex(@"^arn:aws[a-z-]*:states:[a-z0-9-]*:\d*:(?<service>[A-Za-z0-9-]+):(?<action>[A-Za-z0-9]+)(?<pattern>\.[A-Za-z]+(:2)?)?$")]
    private static partial Regex Integration();
}
