using System.Net;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>
/// The differences between Lambda and the Runtime API of AWS's Lambda test tool (Amazon.Lambda.TestTool, version 2). The first segment of the
/// path identifies the function, there is no deadline, the trace id is a bare GUID, and an event without text has no content. The tool requires
/// the body of an initialisation error to be a JSON string and refuses it with 400 and no text.
/// https://github.com/aws/aws-lambda-dotnet/tree/master/Tools/LambdaTestTool-v2
/// </summary>
public sealed class TestToolTests : IDisposable
{
    private const string Base = "http://localhost:5050/Reconcile/2018-06-01/runtime";

    private static readonly (string Name, string Value)[] Headers =
    [
        ("Lambda-Runtime-Aws-Request-Id", "000000000001"),
        ("Lambda-Runtime-Trace-Id", "1b2d5f0e-8c2f-4a53-9f1b-5d7d4f6f0c11"),
        ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-west-2:123412341234:function:Function"),
    ];

    private readonly RuntimeHost _host = new();

    public TestToolTests()
    {
        _host.Environment["AWS_LAMBDA_RUNTIME_API"] = "localhost:5050/Reconcile";
        _host.Api.Answer = sent => sent.Url.EndsWith("/init/error", StringComparison.Ordinal) || !Accepts(sent)
            ? new HttpResponseMessage(HttpStatusCode.BadRequest)
            : FakeRuntimeApi.Json(HttpStatusCode.Accepted, """{"status":"success"}""");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Event_IsAnsweredUnderTheFunctionsPath()
    {
        _host.Api.Event("""{"time":"2026-01-05T08:00:00Z"}""", Headers);
        ILambdaContext? seen = null;

        await _host.RunAsync(invocation =>
        {
            seen = invocation.LambdaContext;
            return Task.FromResult(new InvocationResponse(invocation.InputStream, disposeOutputStream: false));
        });

        Assert.All(_host.Api.Polls, poll => Assert.Equal($"{Base}/invocation/next", poll.Url));
        Assert.Equal(($"{Base}/invocation/000000000001/response", """{"time":"2026-01-05T08:00:00Z"}"""), (_host.Api.Posts[0].Url, _host.Api.Posts[0].Body));
        Assert.Equal(RuntimeHost.Now - DateTimeOffset.UnixEpoch, -seen!.RemainingTime);
        Assert.Equal(Headers[1].Value, seen.TraceId);
        Assert.Equal(Headers[1].Value, _host.Environment["_X_AMZN_TRACE_ID"]);
    }

    // It returns an unanswered event again when a process that was being debugged is gone.
    [Fact]
    public async Task Event_ReturnedTwice_IsAnsweredTwice()
    {
        _host.Api.Event("1", Headers).Event("1", Headers);

        await _host.RunAsync(invocation => Task.FromResult(new InvocationResponse(invocation.InputStream, disposeOutputStream: false)));

        Assert.Equal(2, _host.Api.Posts.Count(post => post.Url == $"{Base}/invocation/000000000001/response"));
    }

    [Fact]
    public async Task Event_WithoutText_IsAnErrorAndTheNextIsServed()
    {
        _host.Api.Next(NoContent).Event("2", Headers);
        using var wrapper = HandlerWrapper.GetHandlerWrapper((int number) => number, new DefaultLambdaJsonSerializer());

        await _host.RunAsync(wrapper);

        Assert.Equal([$"{Base}/invocation/000000000001/error", $"{Base}/invocation/000000000001/response"], _host.Api.Posts.Select(post => post.Url));
        Assert.Equal("JsonSerializerException", _host.Api.Posts[0].Headers["Lambda-Runtime-Function-Error-Type"]);
    }

    [Fact]
    public async Task InitializerError_RefusedByTheTool_IsInTheLog()
    {
        var failure = await Assert.ThrowsAsync<RuntimeApiClientException>(
            () => _host.RunAsync(_ => throw new InvalidOperationException("not reached"), () => throw new FormatException("bad catalog")));

        Assert.Equal(400, failure.StatusCode);
        Assert.Contains("bad catalog", _host.Log, StringComparison.Ordinal);
        Assert.Empty(_host.Api.Polls);
    }

    // The tool's endpoint for errors requires the header and responds with 400 without it.
    private static bool Accepts(Sent sent) =>
        !sent.Url.EndsWith("/error", StringComparison.Ordinal) || sent.Headers.ContainsKey("Lambda-Runtime-Function-Error-Type");

    private static HttpResponseMessage NoContent()
    {
        var answer = FakeRuntimeApi.Invocation("", Headers);
        answer.Content = new ByteArrayContent([]);
        return answer;
    }
}
