using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>Checks the event attributes of a function: their values, the signature that they require, and the package that they need.</summary>
internal static class EventReader
{
    private static readonly EventKind[] Kinds =
    [
        new(AttributeNames.SnsEvent, "SNSEvent", "Amazon.Lambda.SNSEvents", "Amazon.Lambda.SNSEvents.SNSEvent", null, CheckSns),
        new(
            AttributeNames.SqsEvent,
            "SQSEvent",
            "Amazon.Lambda.SQSEvents",
            "Amazon.Lambda.SQSEvents.SQSEvent",
            "global::Amazon.Lambda.SQSEvents.SQSBatchResponse",
            CheckSqs),
        new(
            AttributeNames.ScheduleEvent,
            "ScheduleEvent",
            "Amazon.Lambda.CloudWatchEvents",
            "Amazon.Lambda.CloudWatchEvents.ScheduledEvents.ScheduledEvent",
            null,
            CheckSchedule),
    ];

    private static readonly Regex ResourceName = new("^[a-zA-Z0-9]+$", RegexOptions.CultureInvariant);

    /// <summary>The metadata names of the event attributes.</summary>
    public static IEnumerable<string> AttributeTypes => Kinds.Select(kind => kind.Attribute);

    public static IEnumerable<string> Packages(IMethodSymbol method) => KindsOf(method).Select(kind => kind.Package);

    public static IEnumerable<DiagnosticModel> Check(IMethodSymbol method, FunctionModel model)
    {
        var kinds = KindsOf(method).ToList();
        if (kinds.Count > 1)
        {
            yield return DiagnosticModel.Of(Descriptors.SeveralEvents, model.Location, method.Name);
            yield break;
        }

        foreach (var kind in kinds)
        {
            foreach (var fault in CheckSignature(kind, method, model))
            {
                yield return fault;
            }

            foreach (var attribute in method.GetAttributes().Where(attribute => attribute.Is(kind.Attribute)))
            {
                foreach (var text in kind.Check(attribute))
                {
                    yield return DiagnosticModel.Of(kind.Descriptor, model.Location, text);
                }
            }
        }
    }

    private static IEnumerable<EventKind> KindsOf(IMethodSymbol method) =>
        Kinds.Where(kind => method.GetAttributes().Any(attribute => attribute.Is(kind.Attribute)));

    private static IEnumerable<DiagnosticModel> CheckSignature(EventKind kind, IMethodSymbol method, FunctionModel model)
    {
        var types = method.Parameters.Select(parameter => parameter.Type.ToDisplayString()).ToList();
        var isPlain = model.Parameters.All(parameter => parameter.Kind != ParameterKind.Service);
        if (!isPlain || types.Count is 0 or > 2 || types[0] != kind.EventType || (types.Count == 2 && !model.TakesContext))
        {
            yield return DiagnosticModel.Of(
                Descriptors.Signature,
                model.Location,
                method.Name,
                $"with [{kind.Name}] the parameters must be ({kind.EventType}[, ILambdaContext])");
        }

        if (model.ReturnType is not null && model.ReturnType != kind.ExtraReturnType)
        {
            yield return DiagnosticModel.Of(
                Descriptors.Signature, model.Location, method.Name, $"with [{kind.Name}] it must return void or Task");
        }
    }

    private static IEnumerable<string> CheckSns(AttributeData attribute)
    {
        var topic = attribute.First("Topic") ?? string.Empty;
        if (!IsReference(topic) && !IsArn(topic, "sns"))
        {
            yield return $"topic '{topic}' must be an SNS topic ARN or @Name";
        }

        foreach (var fault in CheckName(attribute))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> CheckSqs(AttributeData attribute)
    {
        var queue = attribute.First("Queue") ?? string.Empty;
        var isFifo = queue.EndsWith(".fifo", StringComparison.Ordinal);
        var batch = attribute.Number("BatchSize");
        var window = attribute.Number("MaximumBatchingWindowInSeconds");
        var concurrency = attribute.Number("MaximumConcurrency");

        if (!IsReference(queue) && !IsArn(queue, "sqs"))
        {
            yield return $"queue '{queue}' must be an SQS queue ARN or @Name";
        }

        if (batch is < 1 or > 10_000 || (isFifo && batch > 10))
        {
            yield return $"BatchSize {batch} must be 1 to 10000, for a FIFO queue 1 to 10";
        }

        if (window is > 300 || (isFifo && window > 0))
        {
            yield return $"MaximumBatchingWindowInSeconds {window} must be 0 to 300, for a FIFO queue 0";
        }

        if (!isFifo && batch > 10 && (window ?? 0) == 0)
        {
            yield return "MaximumBatchingWindowInSeconds must be at least 1 when BatchSize is above 10";
        }

        if (concurrency is < 2 or > 1000)
        {
            yield return $"MaximumConcurrency {concurrency} must be 2 to 1000";
        }

        foreach (var fault in CheckName(attribute))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> CheckSchedule(AttributeData attribute)
    {
        var schedule = attribute.First("Schedule") ?? string.Empty;
        var known = schedule.StartsWith("rate(", StringComparison.Ordinal) || schedule.StartsWith("cron(", StringComparison.Ordinal);
        if (!known || !schedule.EndsWith(")", StringComparison.Ordinal))
        {
            yield return $"schedule '{schedule}' must be rate(...) or cron(...)";
        }

        foreach (var fault in CheckName(attribute))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> CheckName(AttributeData attribute)
    {
        if (attribute.Text("ResourceName") is { } name && !ResourceName.IsMatch(name))
        {
            yield return $"ResourceName '{name}' may only contain letters and digits";
        }
    }

    private static bool IsReference(string value) => value.Length > 1 && value[0] == '@';

    private static bool IsArn(string value, string service)
    {
        var parts = value.Split(':');
        return parts.Length == 6 && parts[0] == "arn" && parts[2] == service && parts[5].Length > 0;
    }

    /// <param name="Attribute">The metadata name of the attribute.</param>
    /// <param name="Package">The package that has the event type.</param>
    /// <param name="ExtraReturnType">A return type that is allowed besides void and Task.</param>
    /// <param name="Check">Returns the faults in the attribute's values.</param>
    private sealed record EventKind(
        string Attribute, string Name, string Package, string EventType, string? ExtraReturnType, Func<AttributeData, IEnumerable<string>> Check)
    {
        public DiagnosticDescriptor Descriptor => Name switch
        {
            "SNSEvent" => Descriptors.SnsAttribute,
            "SQSEvent" => Descriptors.SqsAttribute,
            _ => Descriptors.ScheduleAttribute,
        };
    }
}
