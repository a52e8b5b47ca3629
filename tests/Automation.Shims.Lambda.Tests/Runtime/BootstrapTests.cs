using System.Net;
using System.Text;
using System.Text.Json;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>The main loop: it polls, calls the handler and responds.</summary>
public sealed class BootstrapTests : IDisposable
{
    private const string Base = "http://127.0.0.1:9001/2018-06-01/runtime";

    private readonly RuntimeHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Invocation_RespondsUnderItsIdWithExactlyTheHandlersBytes()
    {
        _host.Api.Event("""{"a":1}""", ("lambda-runtime-aws-request-id", "8476a536-e9f4"));

        await _host.RunAsync(Echo);

        var response = Assert.Single(_host.Api.Posts);
        Assert.Equal($"{Base}/invocation/8476a536-e9f4/response", response.Url);
        Assert.Equal("""{"a":1}""", response.Body);
        Assert.Equal("application/json", response.ContentType);
        Assert.Equal(7, response.ContentLength);
        Assert.All(_host.Api.Polls, poll => Assert.Equal($"{Base}/invocation/next", poll.Url));
        Assert.All(_host.Api.Polls, poll => Assert.Equal("application/json", poll.Headers["Accept"]));
    }

    [Fact]
    public async Task Endpoint_MayCarryAPath()
    {
        _host.Environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:4566/_runtime/w1";
        _host.Api.Event("{}");

        await _host.RunAsync(Echo);

        Assert.Equal("http://127.0.0.1:4566/_runtime/w1/2018-06-01/runtime/invocation/request-1/response", _host.Api.Posts[0].Url);
    }

    [Fact]
    public async Task Endpoint_OfTheOptions_TakesPrecedence()
    {
        _host.Api.Event("{}");

        using var invocation = await _host.Client("localhost:7").GetNextInvocationAsync(TestContext.Current.CancellationToken);

        Assert.Equal("http://localhost:7/2018-06-01/runtime/invocation/next", _host.Api.Polls[0].Url);
    }

    [Fact]
    public async Task Endpoint_Missing_IsNamed()
    {
        _host.Environment.Remove("AWS_LAMBDA_RUNTIME_API");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => _host.RunAsync(Echo));

        Assert.Contains("AWS_LAMBDA_RUNTIME_API", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Context_HasHeadersAndEnvironment()
    {
        _host.Environment["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
        _host.Environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "256";
        _host.Environment["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/reconcile";
        _host.Environment["AWS_LAMBDA_LOG_STREAM_NAME"] = "stream";
        var deadline = RuntimeHost.Now.AddSeconds(30).ToUnixTimeMilliseconds();
        _host.Api.Event(
            "{}",
            ("Lambda-Runtime-Deadline-Ms", $"{deadline}"),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:111122223333:function:reconcile:live"),
            ("Lambda-Runtime-Trace-Id", "Root=1-5bef;Parent=9a;Sampled=1"),
            ("Lambda-Runtime-Aws-Tenant-Id", "tenant"),
            ("Lambda-Runtime-Client-Context", """{"client":{"app_title":"App"},"custom":{"k":"v"},"env":{"locale":"en"}}"""),
            ("Lambda-Runtime-Cognito-Identity", """{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}"""));
        ILambdaContext? seen = null;

        await _host.RunAsync(invocation =>
        {
            seen = invocation.LambdaContext;
            Assert.Equal("Root=1-5bef;Parent=9a;Sampled=1", _host.Environment["_X_AMZN_TRACE_ID"]);
            return Echo(invocation);
        });

        Assert.NotNull(seen);
        Assert.Equal("request-1", seen.AwsRequestId);
        Assert.Equal(TimeSpan.FromSeconds(30), seen.RemainingTime);
        Assert.Equal("arn:aws:lambda:eu-west-1:111122223333:function:reconcile:live", seen.InvokedFunctionArn);
        Assert.Equal("Root=1-5bef;Parent=9a;Sampled=1", seen.TraceId);
        Assert.Equal("tenant", seen.TenantId);
        Assert.Equal("reconcile", seen.FunctionName);
        Assert.Equal("$LATEST", seen.FunctionVersion);
        Assert.Equal(256, seen.MemoryLimitInMB);
        Assert.Equal("/aws/lambda/reconcile", seen.LogGroupName);
        Assert.Equal("stream", seen.LogStreamName);
        Assert.Equal("App", seen.ClientContext.Client.AppTitle);
        Assert.Equal("v", seen.ClientContext.Custom["k"]);
        Assert.Equal("en", seen.ClientContext.Environment["locale"]);
        Assert.Equal("i", seen.Identity.IdentityId);
        Assert.Equal("p", seen.Identity.IdentityPoolId);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("soon")]
    public async Task Deadline_MissingOrMalformed_GivesNegativeTime(string? deadline)
    {
        _host.Api.Event("{}", deadline is null ? [] : [("Lambda-Runtime-Deadline-Ms", deadline)]);
        var remaining = TimeSpan.Zero;

        await _host.RunAsync(invocation =>
        {
            remaining = invocation.LambdaContext.RemainingTime;
            return Echo(invocation);
        });

        Assert.True(remaining < TimeSpan.Zero);
    }

    [Fact]
    public async Task TraceId_OfThePreviousInvocation_IsRemoved()
    {
        _host.Api.Event("{}", ("Lambda-Runtime-Trace-Id", "Root=1")).Event("{}");
        var seen = new List<string?>();

        await _host.RunAsync(invocation =>
        {
            seen.Add(_host.Environment["_X_AMZN_TRACE_ID"]);
            return Echo(invocation);
        });

        Assert.Equal(["Root=1", null], seen);
    }

    [Fact]
    public async Task HandlerError_IsReportedLoggedAndDoesNotEndTheLoop()
    {
        _host.Api.Event("1").Event("2");

        await _host.RunAsync(invocation => Read(invocation) == "1" ? throw new InvalidOperationException("not today ✗") : Echo(invocation));

        Assert.Equal(2, _host.Api.Posts.Count);
        var error = _host.Api.Posts[0];
        Assert.Equal($"{Base}/invocation/request-1/error", error.Url);
        Assert.Equal("application/vnd.aws.lambda.error+json", error.ContentType);
        Assert.Equal("InvalidOperationException", error.Headers["Lambda-Runtime-Function-Error-Type"]);
        using var body = JsonDocument.Parse(error.Body);
        Assert.Equal(["errorType", "errorMessage", "stackTrace"], body.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("not today ✗", body.RootElement.GetProperty("errorMessage").GetString());
        Assert.StartsWith("at Automation.", body.RootElement.GetProperty("stackTrace")[0].GetString(), StringComparison.Ordinal);
        using var cause = JsonDocument.Parse(error.Headers["Lambda-Runtime-Function-XRay-Error-Cause"]);
        Assert.Equal("not today ✗", cause.RootElement.GetProperty("exceptions")[0].GetProperty("message").GetString());
        Assert.EndsWith("/response", _host.Api.Posts[1].Url, StringComparison.Ordinal);
        Assert.Contains("\trequest-1\tfail\tSystem.InvalidOperationException: not today ✗", _host.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventOfTheWrongType_IsAnInvocationError()
    {
        _host.Api.Event("not json");
        using var wrapper = HandlerWrapper.GetHandlerWrapper((Dictionary<string, int> _) => { }, new DefaultLambdaJsonSerializer());

        await _host.RunAsync(wrapper);

        var error = Assert.Single(_host.Api.Posts);
        Assert.Equal("JsonSerializerException", error.Headers["Lambda-Runtime-Function-Error-Type"]);
        Assert.Contains("\"cause\": {", error.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InitializerError_IsReportedAndEndsTheProcessWithoutPolling()
    {
        var failure = await Assert.ThrowsAsync<FormatException>(() => _host.RunAsync(Echo, () => throw new FormatException("bad catalog")));

        Assert.Equal("bad catalog", failure.Message);
        var report = Assert.Single(_host.Api.Posts);
        Assert.Equal($"{Base}/init/error", report.Url);
        Assert.False(report.Headers.ContainsKey("Lambda-Runtime-Function-Error-Type"));
        Assert.Contains("\"errorType\": \"FormatException\"", report.Body, StringComparison.Ordinal);
        Assert.Empty(_host.Api.Polls);
        Assert.Contains("bad catalog", _host.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Initializer_ReturnsFalse_EndsWithoutPolling()
    {
        await _host.RunAsync(Echo, () => Task.FromResult(false));

        Assert.Empty(_host.Api.Polls);
    }

    [Fact]
    public async Task Response_TooLarge_EndsTheProcessWithTheServicesText()
    {
        _host.Api.Event("{}");
        _host.Api.Answer = _ => FakeRuntimeApi.Json(
            HttpStatusCode.RequestEntityTooLarge, """{"errorMessage":"Exceeded maximum allowed payload size","errorType":"RequestEntityTooLarge"}""");

        var failure = await Assert.ThrowsAsync<RuntimeApiClientException<ErrorResponse>>(() => _host.RunAsync(Echo));

        Assert.Equal(413, failure.StatusCode);
        Assert.Equal("RequestEntityTooLarge", failure.Result.ErrorType);
        Assert.Single(_host.Api.Posts);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, """{"errorMessage":"m","errorType":"InvalidRequestID"}""", typeof(RuntimeApiClientException<ErrorResponse>))]
    [InlineData(HttpStatusCode.Forbidden, """{"errorMessage":"m","errorType":"t"}""", typeof(RuntimeApiClientException<ErrorResponse>))]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, "<html>", typeof(RuntimeApiClientException))]
    [InlineData(HttpStatusCode.InternalServerError, "", typeof(RuntimeApiClientException))]
    [InlineData(HttpStatusCode.BadGateway, "", typeof(RuntimeApiClientException))]
    public async Task Response_Refused_EndsTheProcess(HttpStatusCode status, string body, Type expected)
    {
        _host.Api.Event("{}");
        _host.Api.Answer = _ => FakeRuntimeApi.Json(status, body);

        var failure = await Assert.ThrowsAnyAsync<RuntimeApiClientException>(() => _host.RunAsync(Echo));

        Assert.Equal(expected, failure.GetType());
        Assert.Equal((int)status, failure.StatusCode);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.NoContent)]
    public async Task Response_AcceptedWithAnotherSuccessStatus_Continues(HttpStatusCode status)
    {
        _host.Api.Event("1").Event("2");
        _host.Api.Answer = _ => new HttpResponseMessage(status);

        await _host.RunAsync(Echo);

        Assert.Equal(2, _host.Api.Posts.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("OK")]
    public async Task ErrorReport_AcceptedWithoutJson_EndsTheProcess(string body)
    {
        _host.Api.Event("{}");
        _host.Api.Answer = _ => FakeRuntimeApi.Json(HttpStatusCode.Accepted, body);

        var failure = await Assert.ThrowsAsync<RuntimeApiClientException>(() => _host.RunAsync(_ => throw new InvalidOperationException()));

        Assert.Equal(202, failure.StatusCode);
    }

    [Fact]
    public async Task Next_WithoutRequestId_EndsTheProcess()
    {
        _host.Api.Next(() => FakeRuntimeApi.Json(HttpStatusCode.OK, "{}"));

        await Assert.ThrowsAsync<KeyNotFoundException>(() => _host.RunAsync(Echo));
        Assert.Empty(_host.Api.Posts);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task Next_Refused_EndsTheProcess(HttpStatusCode status)
    {
        _host.Api.Next(() => FakeRuntimeApi.Json(status, """{"errorMessage":"m","errorType":"t"}"""));

        var failure = await Assert.ThrowsAnyAsync<RuntimeApiClientException>(() => _host.RunAsync(Echo));

        Assert.Equal((int)status, failure.StatusCode);
    }

    [Fact]
    public async Task Next_ConnectionLost_EndsTheProcess()
    {
        _host.Api.NextFails(new HttpRequestException("refused"));

        await Assert.ThrowsAsync<HttpRequestException>(() => _host.RunAsync(Echo));
    }

    [Fact]
    public async Task Next_TimedOutInAFrozenEnvironment_PollsAgain()
    {
        _host.Api.NextFails(new TaskCanceledException("timeout")).Event("{}");

        await _host.RunAsync(Echo);

        Assert.Single(_host.Api.Posts);
    }

    [Fact]
    public async Task Stop_DuringAnInvocation_LetsItFinishAndRespond()
    {
        _host.Api.Event("1").Event("2");
        using var stop = new CancellationTokenSource();
        using var bootstrap = _host.Bootstrap(async invocation =>
        {
            await stop.CancelAsync();
            return await Echo(invocation);
        });

        await bootstrap.RunAsync(stop.Token);

        Assert.Equal("1", Assert.Single(_host.Api.Posts).Body);
        Assert.Single(_host.Api.Polls);
    }

    [Fact]
    public async Task RunOnce_ReturnsAfterOneEvent()
    {
        _host.Environment["AWS_LAMBDA_DOTNET_DEBUG_RUN_ONCE"] = "TRUE";
        _host.Api.Event("1").Event("2");
        using var bootstrap = _host.Bootstrap(Echo);

        await bootstrap.RunAsync(TestContext.Current.CancellationToken);

        Assert.Single(_host.Api.Posts);
    }

    [Fact]
    public async Task EventOfSixMegabytes_ArrivesComplete()
    {
        var big = new string('x', 6 * 1024 * 1024);
        _host.Api.Event(big);

        await _host.RunAsync(Echo);

        Assert.Equal(big, _host.Api.Posts[0].Body);
    }

    [Theory]
    [InlineData("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start", "SnapStart")]
    [InlineData("AWS_LAMBDA_MAX_CONCURRENCY", "4", "AWS_LAMBDA_MAX_CONCURRENCY")]
    public async Task UnsupportedFeature_IsRefusedByName(string variable, string value, string name)
    {
        _host.Environment[variable] = value;

        var failure = await Assert.ThrowsAsync<NotSupportedException>(() => _host.RunAsync(Echo));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }

    internal static Task<InvocationResponse> Echo(InvocationRequest invocation) =>
        Task.FromResult(new InvocationResponse(new MemoryStream(Encoding.UTF8.GetBytes(Read(invocation)))));

    private static string Read(InvocationRequest invocation)
    {
        using var reader = new StreamReader(invocation.InputStream, leaveOpen: true);
        return reader.ReadToEnd();
    }
}
