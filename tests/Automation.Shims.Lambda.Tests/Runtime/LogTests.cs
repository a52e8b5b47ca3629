using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport.Helpers;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

public sealed class LogTests : IDisposable
{
    private const string Prefix = "2024-01-02T03:04:05.678Z\trequest-1\t";

    private readonly RuntimeHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Warning, "warn")]
    [InlineData(LogLevel.Error, "fail")]
    [InlineData(LogLevel.Critical, "crit")]
    public async Task Text_HasTimeRequestIdAndLevel(LogLevel level, string label)
    {
        Assert.Equal($"{Prefix}{label}\tbuilt app in 3 s\n", await LogAsync(logger => logger.Log(level, "built {image} in {seconds} s", "app", 3)));
    }

    [Theory]
    [InlineData(null, null, "iwec")]
    [InlineData("TRACE", null, "tdiwec")]
    [InlineData("debug", null, "diwec")]
    [InlineData("INFO", null, "iwec")]
    [InlineData("Information", null, "iwec")]
    [InlineData("WARN", null, "wec")]
    [InlineData("ERROR", null, "ec")]
    [InlineData("FATAL", null, "c")]
    [InlineData("ERROR", "TRACE", "tdiwec")]
    [InlineData("ERROR", "loud", "ec")]
    public async Task Level_ComesFromTheHandlersVariableThenTheFunctions(string? function, string? handler, string written)
    {
        _host.Environment["AWS_LAMBDA_LOG_LEVEL"] = function;
        _host.Environment["AWS_LAMBDA_HANDLER_LOG_LEVEL"] = handler;
        _host.Environment["AWS_LAMBDA_LOG_FORMAT"] = "Unformatted";

        var log = await LogAsync(logger =>
        {
            logger.LogTrace("t");
            logger.LogDebug("d");
            logger.LogInformation("i");
            logger.LogWarning("w");
            logger.LogError("e");
            logger.LogCritical("c");
        });

        Assert.Equal(written, log.Replace("\n", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Text_ExceptionFollowsOnItsOwnLine()
    {
        var log = await LogAsync(logger => logger.LogError(new FormatException("bad"), "failed {what}", "build"));

        Assert.Equal($"{Prefix}fail\tfailed build\nSystem.FormatException: bad\n", log);
    }

    [Fact]
    public async Task Text_RawLogHasNeitherPrefixNorLineEnd()
    {
        Assert.Equal("raw", await LogAsync(logger => logger.Log("raw")));
    }

    [Fact]
    public async Task Text_UnknownLevel_IsAlwaysWrittenAndNotShown()
    {
        _host.Environment["AWS_LAMBDA_LOG_LEVEL"] = "FATAL";

        Assert.Equal($"{Prefix}said\n", await LogAsync(logger => logger.Log("Audit", "said")));
    }

    [Fact]
    public async Task Json_HasTheServicesKeysThenOnePerPlaceholder()
    {
        _host.Environment["AWS_LAMBDA_LOG_FORMAT"] = "JSON";

        var log = await LogAsync(
            logger =>
                logger.LogWarning("promoted {image} {digest} {count} {late} {none} {tags}", "app", new byte[] { 1, 171 }, 3, true, null!, new[] { "a", "b" }),
            ("Lambda-Runtime-Trace-Id", "Root=1"),
            ("Lambda-Runtime-Aws-Tenant-Id", "t"));

        Assert.Equal(
            """{"timestamp":"2024-01-02T03:04:05.678Z","level":"Warning","requestId":"request-1","tenantId":"t","traceId":"Root=1","message":"promoted app 01AB 3 True {none} {tags}","image":"app","digest":"01AB","count":3,"late":true,"tags":["a","b"]}""" + "\n",
            log);
    }

    [Fact]
    public async Task Json_Exception_IsThreeKeys()
    {
        _host.Environment["AWS_LAMBDA_LOG_FORMAT"] = "Text";
        _host.Environment["AWS_LAMBDA_HANDLER_LOG_FORMAT"] = "json";

        using var entry = JsonDocument.Parse(await LogAsync(logger => logger.LogError(new FormatException("bad"), "failed")));

        Assert.Equal("failed", entry.RootElement.GetProperty("message").GetString());
        Assert.Equal("System.FormatException", entry.RootElement.GetProperty("errorType").GetString());
        Assert.Equal("bad", entry.RootElement.GetProperty("errorMessage").GetString());
        Assert.Equal("System.FormatException: bad", entry.RootElement.GetProperty("stackTrace")[0].GetString());
    }

    // The official client writes its given message and never the exception's own, so a query finds the same lines with either.
    [Fact]
    public async Task Json_HandlersException_HasAnEmptyMessage()
    {
        _host.Environment["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
        _host.Api.Event("{}");
        await _host.RunAsync(_ => throw new FormatException("bad"));

        Assert.StartsWith(
            """{"timestamp":"2024-01-02T03:04:05.678Z","level":"Error","requestId":"request-1","message":"","errorType":"System.FormatException","errorMessage":"bad","stackTrace":["System.FormatException: bad",""",
            _host.Log,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{a} and {b}", "1 and {b}", new object[] { 1 })]
    [InlineData("{1} then {0}", "b then a", new object[] { "a", "b" })]
    [InlineData("{0} and {0}", "a and a", new object[] { "a" })]
    [InlineData("{1} alone", "a alone", new object[] { "a" })]
    [InlineData("{n:0.00}", "1.50", new object[] { 1.5 })]
    [InlineData("{n:Q}", "1", new object[] { 1 })]
    [InlineData("{@item}", "7", new object[] { 7 })]
    [InlineData("{{literal}} {a}", "{{literal}} 1", new object[] { 1 })]
    [InlineData("open { only {a}", "open { only {a}", new object[0])]
    [InlineData("{} {a", "{} {a", new object[] { 1 })]
    public async Task Template_IsFilled(string template, string text, object[] arguments)
    {
        Assert.Equal($"{Prefix}info\t{text}\n", await LogAsync(logger => logger.LogInformation(template, arguments)));
    }

    [Fact]
    public async Task Json_AtSign_WritesTheArgumentAsJson()
    {
        _host.Environment["AWS_LAMBDA_LOG_FORMAT"] = "JSON";

        using var entry = JsonDocument.Parse(await LogAsync(logger => logger.LogInformation("plan {@plan}", new { Steps = 2 })));

        Assert.Equal(2, entry.RootElement.GetProperty("plan").GetProperty("Steps").GetInt32());
    }

    [Fact]
    public void Console_LinesAreEntriesAndWritesPassThrough()
    {
        using var raw = new StringWriter();
        var log = new LogLevelLoggerWriter(raw, _ => null, _host.Time);
        log.SetInvocation("request-1", null, null);
        using var console = log.ConsoleWriter(LogLevel.Error, raw);

        console.Write("a");
        console.Write('b');
        console.WriteLine();
        console.WriteLine("line");
        console.WriteLine(1);
        console.WriteLine(1.5);
        console.WriteLine(true);
        console.WriteLine((object)"object");
        console.WriteLine("{0}-{1}", 1, 2);
        console.WriteLine(new StringBuilder("builder"));
        console.WriteLine(['c', 'd']);

        var expected = new[] { string.Empty, "line", "1", "1.5", "True", "object", "1-2", "builder", "cd" }.Select(text => $"{Prefix}fail\t{text}\n");
        Assert.Equal("ab" + string.Concat(expected), raw.ToString().ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(true, 0xa55a0002)]
    [InlineData(false, 0xa55a0003)]
    public void Telemetry_FramesEachMessage(bool isJson, uint type)
    {
        using var stream = new MemoryStream();
        using var writer = new TelemetryLogWriter(stream, isJson, _host.Time);

        writer.WriteLine("é\nb");

        var frame = stream.ToArray();
        Assert.Equal(type, BinaryPrimitives.ReadUInt32BigEndian(frame));
        Assert.Equal(4, BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4)));
        Assert.Equal(RuntimeHost.Now.ToUnixTimeMilliseconds() * 1000, BinaryPrimitives.ReadInt64BigEndian(frame.AsSpan(8)));
        Assert.Equal("é\nb", Encoding.UTF8.GetString(frame.AsSpan(16)));
    }

    private async Task<string> LogAsync(Action<ILambdaLogger> log, params (string Name, string Value)[] headers)
    {
        _host.Api.Event("{}", headers);
        await _host.RunAsync(invocation =>
        {
            log(invocation.LambdaContext.Logger);
            return BootstrapTests.Echo(invocation);
        });
        return _host.Log;
    }
}
