using Microsoft.Extensions.Logging;

namespace Automation.Functions;

/// <summary>All log messages, with stable ids. Payloads are never logged, only names, digests, decisions and reasons.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Subject}: {Decision} {Execution} because {Code}: {Reason}")]
    public static partial void Decided(ILogger logger, string subject, string decision, string execution, string code, string reason);

    [LoggerMessage(2, LogLevel.Error, "Record {Record} of {Count} could not be processed: {Reason}")]
    public static partial void BadRecord(ILogger logger, int record, int count, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Image}: could not be looked at: {Reason}")]
    public static partial void ImageFailed(ILogger logger, string image, string reason);

    [LoggerMessage(4, LogLevel.Information, "{Image} {Step}: {Decision} because {Code}: {Reason}")]
    public static partial void Step(ILogger logger, string image, string step, string decision, string code, string reason);

    [LoggerMessage(5, LogLevel.Information, "{Image} tag {Tag} in {Region}: {Action} {From} -> {To} because {Code}: {Reason}")]
    public static partial void Tag(ILogger logger, string image, string tag, string region, string action, string? from, string to, string code, string reason);

    [LoggerMessage(6, LogLevel.Information, "{Image} {Target} in {Region}: {Action}, applied: {Applied}, because {Code}: {Reason}")]
    public static partial void Pruned(ILogger logger, string image, string target, string region, string action, bool applied, string code, string reason);

    [LoggerMessage(7, LogLevel.Information, "{Image} prune, done: {Done}, mode {Mode}: {Images} images and {Records} records deleted, {Superseded} superseded, {Kept} images kept; calls: {Calls}")]
    public static partial void PruneEnded(ILogger logger, string image, bool done, string mode, int images, int records, int superseded, int kept, string calls);

    [LoggerMessage(8, LogLevel.Warning, "{Image} is overdue because {Code}: {Reason}")]
    public static partial void Overdue(ILogger logger, string image, string code, string reason);
}
