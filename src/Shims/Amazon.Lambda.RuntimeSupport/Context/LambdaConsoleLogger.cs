using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport.Helpers;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The context's logger. <see cref="Log(string)"/> writes text unchanged; all other methods write formatted lines.</summary>
internal sealed class LambdaConsoleLogger(LogLevelLoggerWriter log) : ILambdaLogger
{
    public void Log(string message) => log.WriteRaw(message);

    public void LogLine(string message) => log.Write("Information", null, message, []);

    public void Log(string level, string message) => log.Write(level, null, message, []);

    public void Log(string level, string message, params object[] args) => log.Write(level, null, message, args);

    public void Log(string level, Exception exception, string message, params object[] args) =>
        log.Write(level, exception, message, args);
}
