using System.Globalization;
using System.Text;
using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport.Helpers.Logging;

/// <summary>
/// <c>2024-01-02T03:04:05.678Z⇥request-id⇥info⇥message</c>, followed by the exception on its own lines. Without the prefix, only
/// the message and the exception.
/// </summary>
internal sealed class TextLogFormat(bool withPrefix) : ILogFormat
{
    public string Format(LogEntry entry)
    {
        var line = new StringBuilder();
        if (withPrefix)
        {
            line.Append(entry.Time.UtcDateTime.ToString(LogEntry.TimeFormat, CultureInfo.InvariantCulture));
            line.Append('\t').Append(entry.RequestId).Append('\t');
            if (entry.Level is { } level)
            {
                line.Append(Label(level)).Append('\t');
            }
        }

        line.Append(entry.Message.Text);
        if (entry.Exception is not null)
        {
            line.Append(string.IsNullOrEmpty(entry.Message.Text) ? string.Empty : "\n").Append(entry.Exception);
        }

        return line.ToString();
    }

    private static string Label(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
