using System.Globalization;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport.Helpers.Logging;

namespace Amazon.Lambda.RuntimeSupport.Helpers;

/// <summary>
/// The function's log. It puts time, request id and level before each line (or writes the line as JSON) and drops lines below the
/// level. It redirects the console, so that <c>Console.WriteLine</c> is an Information line (standard error: Error).
/// </summary>
/// <remarks>
/// Level: <c>AWS_LAMBDA_HANDLER_LOG_LEVEL</c>, then <c>AWS_LAMBDA_LOG_LEVEL</c>, else Information. Format:
/// <c>AWS_LAMBDA_HANDLER_LOG_FORMAT</c>, then <c>AWS_LAMBDA_LOG_FORMAT</c>: <c>Json</c>, <c>Unformatted</c>, else text.
/// </remarks>
internal sealed class LogLevelLoggerWriter
{
    private const string TelemetryVariable = "_LAMBDA_TELEMETRY_LOG_FD";

    private static readonly Lazy<LogLevelLoggerWriter> Process = new(TakeOverConsole);

    private readonly TextWriter _output;
    private readonly ILogFormat _format;
    private readonly LogLevel _minimum;
    private readonly TimeProvider _time;
    private string _requestId = string.Empty;
    private string _traceId;
    private string _tenantId;

    public LogLevelLoggerWriter(TextWriter output, Func<string, string> environment, TimeProvider time)
    {
        _output = output;
        _minimum = Level(environment("AWS_LAMBDA_HANDLER_LOG_LEVEL")) ?? Level(environment("AWS_LAMBDA_LOG_LEVEL")) ?? LogLevel.Information;
        _format = Format(environment) switch
        {
            "JSON" => new JsonLogFormat(() => LambdaLogger.StructuredLogging),
            "UNFORMATTED" => new TextLogFormat(withPrefix: false),
            _ => new TextLogFormat(withPrefix: true),
        };
        _time = time;
    }

    /// <summary>The log of this process. The console is redirected once, however many clients are created.</summary>
    public static LogLevelLoggerWriter OfProcess() => Process.Value;

    /// <summary>The level for a name as Lambda or .NET writes it; null for any other name.</summary>
    public static LogLevel? Level(string name) => name?.ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFO" or "INFORMATION" => LogLevel.Information,
        "WARN" or "WARNING" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "FATAL" or "CRITICAL" => LogLevel.Critical,
        _ => null,
    };

    public void SetInvocation(string requestId, string traceId, string tenantId)
    {
        _requestId = requestId;
        _traceId = traceId;
        _tenantId = tenantId;
    }

    /// <summary>Writes text unchanged.</summary>
    public void WriteRaw(string text) => _output.Write(text);

    /// <summary>Writes one line. A line with an unknown level is never dropped, and the level is not shown.</summary>
    public void Write(string level, Exception exception, string message, object[] arguments) =>
        WriteTo(_output, level, exception, message, arguments);

    /// <summary>A writer that logs each line with the given level and passes other output through.</summary>
    public TextWriter ConsoleWriter(LogLevel level, TextWriter raw) =>
        new ConsoleLineWriter(raw, line => WriteTo(raw, level.ToString(), null, line, []));

    private void WriteTo(TextWriter target, string level, Exception exception, string message, object[] arguments)
    {
        var severity = Level(level);
        if (severity < _minimum)
        {
            return;
        }

        var entry = new LogEntry(
            _time.GetUtcNow(), _requestId, _traceId, _tenantId, severity, LogMessage.Fill(message, arguments ?? []), exception);
        target.WriteLine(_format.Format(entry));
    }

    private static string Format(Func<string, string> environment)
    {
        var format = environment("AWS_LAMBDA_HANDLER_LOG_FORMAT");
        return (string.IsNullOrEmpty(format) ? environment("AWS_LAMBDA_LOG_FORMAT") : format)?.ToUpperInvariant();
    }

    private static LogLevelLoggerWriter TakeOverConsole()
    {
        var descriptor = Environment.GetEnvironmentVariable(TelemetryVariable);
        var isJson = Format(Environment.GetEnvironmentVariable) == "JSON";
        var telemetry = int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out var handle)
            ? TelemetryLogWriter.TryOpen(handle, isJson, TimeProvider.System)
            : null;

        // Both streams go to one log, as in Lambda; without a telemetry pipe errors stay on standard error.
#pragma warning disable CA2000 // open until the process ends
        var output = telemetry ?? (TextWriter)new StandardOutputWriter(Console.OpenStandardOutput());
        var errors = telemetry ?? (TextWriter)new StandardOutputWriter(Console.OpenStandardError());
#pragma warning restore CA2000
        var log = new LogLevelLoggerWriter(output, Environment.GetEnvironmentVariable, TimeProvider.System);
#pragma warning disable CA2000 // the console keeps them until the process ends
        Console.SetOut(log.ConsoleWriter(LogLevel.Information, output));
        Console.SetError(log.ConsoleWriter(LogLevel.Error, errors));
#pragma warning restore CA2000
        LambdaLogger.Redirect(
            message => log.Write(null, null, message, []),
            (level, message, arguments) => log.Write(level, null, message, arguments),
            log.Write);
        return log;
    }
}
