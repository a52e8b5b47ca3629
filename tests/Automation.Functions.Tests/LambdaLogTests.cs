using Microsoft.Extensions.Logging;

namespace Automation.Functions.Tests;

public sealed class LambdaLogTests
{
    [Theory]
    [InlineData(null, "ERROR", LogLevel.Error)]
    [InlineData(null, "INFO", LogLevel.Information)]
    [InlineData(null, "TRACE", LogLevel.Trace)]
    [InlineData("DEBUG", "FATAL", LogLevel.Debug)]
    [InlineData("FATAL", "INFO", LogLevel.Critical)]
    [InlineData(null, null, LogLevel.Trace)]
    [InlineData(null, "anything", LogLevel.Trace)]
    [InlineData("Information", "ERROR", LogLevel.Trace)]
    public void IsEnabled_LevelOfTheFunction_IsTheLowestThatIsMade(string? handler, string? function, LogLevel lowest)
    {
        var log = new LambdaLog(name => name switch
        {
            "AWS_LAMBDA_HANDLER_LOG_LEVEL" => handler,
            "AWS_LAMBDA_LOG_LEVEL" => function,
            _ => null,
        });

        Assert.True(log.IsEnabled(lowest));
        Assert.False(log.IsEnabled(lowest - 1));
        Assert.False(log.IsEnabled(LogLevel.None));
    }
}
