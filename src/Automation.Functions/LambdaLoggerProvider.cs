using Amazon.Lambda.Core;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Automation.Functions;

/// <summary>
/// Writes <see cref="ILogger"/> messages through the Lambda logger with template and arguments separate, so that the JSON log format
/// has one key per named value.
/// </summary>
internal sealed class LambdaLoggerProvider : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger();

    public void Dispose()
    {
    }

    private sealed class Logger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // The Lambda runtime filters by AWS_LAMBDA_HANDLER_LOG_LEVEL.
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var template = formatter(state, exception);
            object?[] arguments = [];
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values && values.Count > 0 && values[^1].Key == "{OriginalFormat}")
            {
                template = (string)values[^1].Value!;
                arguments = [.. values.Take(values.Count - 1).Select(pair => pair.Value)];
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
}
