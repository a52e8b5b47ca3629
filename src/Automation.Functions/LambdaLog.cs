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
    private LambdaLog()
    {
    }

    public static LambdaLog Instance { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    // The Lambda runtime filters by AWS_LAMBDA_HANDLER_LOG_LEVEL.
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

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
