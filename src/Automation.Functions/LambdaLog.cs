using Amazon.Lambda.Core;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Automation.Functions;

/// <summary>
/// Writes <see cref="ILogger"/> messages through the Lambda logger with template and arguments separate, so that the JSON log format
/// has one key per named value.
/// </summary>
internal sealed class LambdaLog : ILogger
{
    private readonly LogLevel _minimum;

    /// <param name="variable">Reads an environment variable. The handler's level takes precedence, as in the runtime.</param>
    internal LambdaLog(Func<string, string?> variable) =>
        _minimum = Level(variable("AWS_LAMBDA_HANDLER_LOG_LEVEL") is { Length: > 0 } own ? own : variable("AWS_LAMBDA_LOG_LEVEL"));

    public static LambdaLog Instance { get; } = new(Environment.GetEnvironmentVariable);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    // The Lambda runtime would drop the line later, with all that was made for it.
    public bool IsEnabled(LogLevel logLevel) => logLevel >= _minimum && logLevel != LogLevel.None;

    /// <summary>The levels that Lambda's settings offer. For any other text all lines are made, and the runtime decides.
    /// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html</summary>
    private static LogLevel Level(string? name) => name switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFO" => LogLevel.Information,
        "WARN" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "FATAL" => LogLevel.Critical,
        _ => LogLevel.Trace,
    };

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string template;
        object?[] arguments = [];
        if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } values && values[^1].Key == "{OriginalFormat}")
        {
            template = (string)values[^1].Value!;
            arguments = new object?[values.Count - 1];
            for (var i = 0; i < arguments.Length; i++)
            {
                arguments[i] = values[i].Value;
            }
        }
        else
        {
            template = formatter(state, exception);
        }

        var level = (Amazon.Lambda.Core.LogLevel)(int)logLevel;
        if (exception is null)
        {
            LambdaLogger.Log(level, template, arguments!);
        }
        else
        {
            LambdaLogger.Log(level, exception, template, arguments!);
        }
    }
}
