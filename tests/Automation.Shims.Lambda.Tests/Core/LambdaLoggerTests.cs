using Amazon.Lambda.Core;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Core;

public sealed class LambdaLoggerTests
{
    private readonly RecordingLogger _recorder = new();

    private ILambdaLogger Logger => _recorder;

    public static TheoryData<string> Levels() => new("Trace", "Debug", "Information", "Warning", "Error", "Critical");

    [Theory]
    [MemberData(nameof(Levels))]
    public void LevelMethods_PassTheNameOfTheirLevel(string level)
    {
        Invoke(level, "plain");
        Logger.Log(Enum.Parse<LogLevel>(level), "by level");
        Logger.Log(Enum.Parse<LogLevel>(level), "with {argument}", 1);

        Assert.Equal([$"{level}|plain", $"{level}|by level", $"{level}|with {{argument}}|1"], _recorder.Lines);
    }

    [Fact]
    public void ExceptionMethods_PassExceptionAndArguments()
    {
        Logger.LogError(new InvalidOperationException("no"), "failed {what}", "build");

        Assert.Equal(["Error|InvalidOperationException|failed {what}|build"], _recorder.Lines);
    }

    [Fact]
    public void LineWithLevel_LoggerWithTwoMembers_DropsTheLevel()
    {
        var minimal = new MinimalLogger();

        ((ILambdaLogger)minimal).LogWarning("careful");

        Assert.Equal(["careful"], minimal.Lines);
    }

    [Fact]
    public void Context_DefaultMembers_AreEmptyAndNull()
    {
        ILambdaContext context = new MinimalContext();

        Assert.Equal(string.Empty, context.TenantId);
        Assert.Equal(string.Empty, context.TraceId);
        Assert.Null(context.Serializer);
    }

    private void Invoke(string level, string message)
    {
        switch (level)
        {
            case "Trace":
                Logger.LogTrace(message);
                break;
            case "Debug":
                Logger.LogDebug(message);
                break;
            case "Information":
                Logger.LogInformation(message);
                break;
            case "Warning":
                Logger.LogWarning(message);
                break;
            case "Error":
                Logger.LogError(message);
                break;
            default:
                Logger.LogCritical(message);
                break;
        }
    }

    private sealed class RecordingLogger : ILambdaLogger
    {
        public List<string> Lines { get; } = [];

        public void Log(string message) => Lines.Add(message);

        public void LogLine(string message) => Lines.Add(message);

        public void Log(string level, string message) => Lines.Add($"{level}|{message}");

        public void Log(string level, string message, params object[] args) =>
            Lines.Add($"{level}|{message}|{string.Join(',', args)}");

        public void Log(string level, Exception exception, string message, params object[] args) =>
            Lines.Add($"{level}|{exception.GetType().Name}|{message}|{string.Join(',', args)}");
    }

    private sealed class MinimalLogger : ILambdaLogger
    {
        public List<string> Lines { get; } = [];

        public void Log(string message) => Lines.Add(message);

        public void LogLine(string message) => Lines.Add(message);
    }

    private sealed class MinimalContext : ILambdaContext
    {
        public string AwsRequestId => "id";

        public IClientContext? ClientContext => null;

        public string FunctionName => "f";

        public string FunctionVersion => "1";

        public ICognitoIdentity? Identity => null;

        public string InvokedFunctionArn => "arn";

        public ILambdaLogger Logger => new MinimalLogger();

        public string LogGroupName => "g";

        public string LogStreamName => "s";

        public int MemoryLimitInMB => 1;

        public TimeSpan RemainingTime => TimeSpan.Zero;
    }
}
