using Microsoft.Extensions.Logging;

namespace Automation.Functions;

/// <summary>All log messages, with stable ids. They contain names, whole digests, decisions and reasons, never payloads.
/// In the JSON format each value has its own member, so that one query follows an execution or a digest through all functions.</summary>
internal static partial class Log
{
    /// <summary>Replaces a missing value, because the runtime would write the name of a null value.</summary>
    public const string None = "-";

    [LoggerMessage(1, LogLevel.Information, "{Subject} {Digest}: {Decision} {Execution} because {Code}: {Reason}")]
    public static partial void Decided(ILogger logger, string subject, string digest, string decision, string execution, string code, string reason);

    [LoggerMessage(2, LogLevel.Error, "Record {Record} of {Count} could not be processed: {Reason}")]
    public static partial void BadRecord(ILogger logger, int record, int count, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Image} could not be processed: {Reason}")]
    public static partial void ImageFailed(ILogger logger, string image, string reason);

    [LoggerMessage(4, LogLevel.Information, "{Execution} {Step}: {Image} {Digest}: {Decision} because {Code}: {Reason}")]
    public static partial void Step(ILogger logger, string execution, string step, string image, string digest, string decision, string code, string reason);

    [LoggerMessage(5, LogLevel.Information, "{Execution}: {Image} tag {Tag} in {Region}: {Decision} {From} -> {Digest} because {Code}: {Reason}")]
    public static partial void Tag(
        ILogger logger, string execution, string image, string tag, string region, string decision, string from, string digest, string code, string reason);

    [LoggerMessage(6, LogLevel.Information, "{Execution}: {Image} in {Region}: {Decision} {Count}, applied: {Applied}, because {Code}: {Reason}: {Targets}")]
    public static partial void Pruned(
        ILogger logger, string execution, string image, string region, string decision, int count, bool applied, string code, string reason, string targets);

    [LoggerMessage(7, LogLevel.Information,
        "{Execution}: {Image} prune, done: {Done}, mode {Mode}: {Images} images and {Records} records deleted, {Superseded} superseded, {ImagesKept} images kept; kept by reason: {Kept}; calls: {Calls}")]
    public static partial void PruneEnded(
        ILogger logger, string execution, string image, bool done, string mode, int images, int records, int superseded, int imagesKept, string kept,
        string calls);

    [LoggerMessage(18, LogLevel.Information, "Received {Event}: {DetailType} of {Subject}")]
    public static partial void Received(ILogger logger, string @event, string detailType, string subject);

    [LoggerMessage(9, LogLevel.Information, "{Image} incident {Kind}: {Decision} {Incident} because {Code}: {Reason}")]
    public static partial void Incident(ILogger logger, string image, string kind, string decision, string incident, string code, string reason);

    [LoggerMessage(10, LogLevel.Warning, "{Image} incident {Kind} is open since {Since}")]
    public static partial void OpenIncident(ILogger logger, string image, string kind, string since);

    [LoggerMessage(11, LogLevel.Error, "{Image}: the incident could not be recorded, so it is mailed without a record: {Reason}")]
    public static partial void IncidentNotKept(ILogger logger, string image, string reason);

    [LoggerMessage(8, LogLevel.Warning, "{Image} is overdue because {Code}: {Reason}")]
    public static partial void Overdue(ILogger logger, string image, string code, string reason);

    [LoggerMessage(17, LogLevel.Warning, "{Image}: the findings of the promoted image cannot be read: {Reason}")]
    public static partial void FindingsUnreadable(ILogger logger, string image, string reason);

    [LoggerMessage(16, LogLevel.Information, "{Image}: requested a scan of the promoted build {Build}: {Result}")]
    public static partial void ScanRenewed(ILogger logger, string image, string build, string result);
}
