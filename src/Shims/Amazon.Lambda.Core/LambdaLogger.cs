using System.Runtime.Versioning;
using System.Text;

namespace Amazon.Lambda.Core;

/// <summary>
/// Static access to the function's log, for code without an <see cref="ILambdaContext"/>. Outside the Lambda
/// runtime it writes to the console.
/// </summary>
public static class LambdaLogger
{
    private static Action<string> _loggingAction = LogToConsole;
    private static Action<string, string, object[]> _loggingWithLevelAction = LogWithLevelToConsole;
    private static Action<string, Exception, string, object[]> _loggingWithLevelAndExceptionAction = LogWithLevelAndExceptionToConsole;

    internal static StructuredLoggingOptions StructuredLogging { get; private set; }

    public static void Log(string message) => _loggingAction(message);

    public static void Log(string level, string message, params object[] args) => _loggingWithLevelAction(level, message, args);

    public static void Log(LogLevel level, string message, params object[] args) =>
        _loggingWithLevelAction(level.ToString(), message, args);

    public static void Log(string level, Exception exception, string message, params object[] args) =>
        _loggingWithLevelAndExceptionAction(level, exception, message, args);

    public static void Log(LogLevel level, Exception exception, string message, params object[] args) =>
        _loggingWithLevelAndExceptionAction(level.ToString(), exception, message, args);

    /// <summary>Sets how <c>{@value}</c> arguments are written in JSON logs.</summary>
    [RequiresPreviewFeatures]
    public static void ConfigureStructuredLogging(StructuredLoggingOptions options) => StructuredLogging = options;

    /// <summary>Called by the runtime client, which replaces the console with the function's log.</summary>
    internal static void Redirect(
        Action<string> plain,
        Action<string, string, object[]> withLevel,
        Action<string, Exception, string, object[]> withException)
    {
        _loggingAction = plain;
        _loggingWithLevelAction = withLevel;
        _loggingWithLevelAndExceptionAction = withException;
    }

    private static void LogToConsole(string message) => Console.WriteLine(message);

    private static void LogWithLevelToConsole(string level, string message, params object[] args) =>
        Console.WriteLine(ConsoleLine(level, message, args));

    private static void LogWithLevelAndExceptionToConsole(string level, Exception exception, string message, params object[] args)
    {
        Console.WriteLine(ConsoleLine(level, message, args));
        Console.WriteLine(exception);
    }

    private static string ConsoleLine(string level, string message, object[] args)
    {
        var line = new StringBuilder().Append(level).Append(": ").Append(message);
        if (args is { Length: > 0 })
        {
            line.Append(" Arguments:");
            foreach (var argument in args)
            {
                line.Append(" \"").Append(argument).Append('"');
            }
        }

        return line.ToString();
    }
}
