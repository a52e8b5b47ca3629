using System.Text;
using System.Text.Json;
using Amazon.Lambda.RuntimeSupport.ExceptionHandling;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

public sealed class ExceptionJsonTests
{
    [Fact]
    public void Write_ExceptionNeverThrown_HasNoStackTrace()
    {
        Assert.Equal(
            """
            {
              "errorType": "InvalidOperationException",
              "errorMessage": "It's <so> é"
            }
            """,
            ExceptionJson.Write(new InvalidOperationException("It's <so> é")).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Write_Aggregate_HasCauseAndCauses()
    {
        using var json = JsonDocument.Parse(
            ExceptionJson.Write(new AggregateException(new FormatException("a"), new TimeoutException("b", new IOException("c")))));

        Assert.Equal("FormatException", json.RootElement.GetProperty("cause").GetProperty("errorType").GetString());
        var causes = json.RootElement.GetProperty("causes").EnumerateArray().ToList();
        Assert.Equal(["FormatException", "TimeoutException"], causes.Select(cause => cause.GetProperty("errorType").GetString()));
        Assert.Equal("c", causes[1].GetProperty("cause").GetProperty("errorMessage").GetString());
    }

    [Fact]
    public void Write_NestedTypeAndGenericType_AreShortNames()
    {
        Assert.Contains("\"errorType\": \"InnerException\"", ExceptionJson.Write(new InnerException()), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MessageBeyondTheLimit_IsReplacedByANote()
    {
        var json = ExceptionJson.Write(new InvalidOperationException(new string('x', 300_000)));

        using var document = JsonDocument.Parse(json);
        Assert.Equal(["errorMessage"], document.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Contains("256KB", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_CauseBeyondTheLimit_KeepsTheOuterException()
    {
        var json = ExceptionJson.Write(new InvalidOperationException("outer", new FormatException(new string('x', 300_000))));

        using var document = JsonDocument.Parse(json);
        Assert.Equal("outer", document.RootElement.GetProperty("errorMessage").GetString());
        Assert.False(document.RootElement.GetProperty("cause").TryGetProperty("errorType", out _));
    }

    [Theory]
    [InlineData(2_000, 200)]
    [InlineData(50_000, 1)]
    [InlineData(10, 60_000)]
    public void Write_ManyCauses_StaysBelowTheLimit(int count, int length)
    {
        var json = ExceptionJson.Write(new AggregateException(Enumerable.Range(0, count).Select(_ => new FormatException(new string('"', length)))));

        Assert.InRange(Encoding.UTF8.GetByteCount(json), 1, ExceptionJson.Limit);
        JsonDocument.Parse(json).Dispose();
    }

    [Fact]
    public void Write_DeepChain_EndsWithANote()
    {
        Exception chain = new FormatException("last");
        for (var i = 0; i < 5_000; i++)
        {
            chain = new InvalidOperationException("link", chain);
        }

        var json = ExceptionJson.Write(chain);

        Assert.InRange(Encoding.UTF8.GetByteCount(json), 1, ExceptionJson.Limit);
        Assert.Contains("256KB", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_HalfASurrogatePair_IsReplaced()
    {
        Assert.Contains("\uFFFD!", ExceptionJson.Write(new FormatException("\uD800!")), StringComparison.Ordinal);
        Assert.Contains("\\uFFFD!", XRayCause.Write(new FormatException("\uD800!")), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void XRayCause_IsOneAsciiLineWithFramesAndDistinctPaths()
    {
        var text = XRayCause.Write(Thrown());

        Assert.DoesNotContain('\n', text);
        Assert.All(text, character => Assert.InRange(character, ' ', '~'));
        using var json = JsonDocument.Parse(text);
        Assert.Equal(["working_directory", "exceptions", "paths"], json.RootElement.EnumerateObject().Select(member => member.Name));
        var exception = json.RootElement.GetProperty("exceptions")[0];
        Assert.Equal(["type", "message", "stack"], exception.EnumerateObject().Select(member => member.Name));
        var frame = exception.GetProperty("stack")[0];
        Assert.EndsWith("ExceptionJsonTests.Thrown", frame.GetProperty("label").GetString(), StringComparison.Ordinal);
        Assert.Equal(json.RootElement.GetProperty("paths")[0].GetString(), frame.GetProperty("path").GetString());
        Assert.True(frame.GetProperty("line").GetInt32() > 0);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static FormatException Thrown()
    {
        try
        {
            throw new FormatException("é\n");
        }
        catch (FormatException failure)
        {
            return failure;
        }
    }

    private sealed class InnerException : Exception;
}
