using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport.Helpers.Logging;

/// <summary>One line of the log before it is written.</summary>
/// <param name="Level">Null if the line has no level or an unknown one.</param>
internal sealed record LogEntry(
    DateTimeOffset Time, string RequestId, string TraceId, string TenantId, LogLevel? Level, LogMessage Message, Exception Exception)
{
    public const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
}

internal interface ILogFormat
{
    string Format(LogEntry entry);
}
