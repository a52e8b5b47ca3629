using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Lambda;

public sealed class LambdaServiceTests : IDisposable
{
    private const string Region = "us-east-1";
    private const string Arn = "arn:aws:lambda:us-east-1:123456789012:function:echo";

    private readonly InProcessFunctionHost _functions = new();
    private readonly Cloud _cloud;
    private readonly List<JournalEntry> _journal = [];

    public LambdaServiceTests()
    {
        _functions.Add("echo", invocation => Task.FromResult(new FunctionOutcome(false, invocation.Payload)));
        _cloud = new Cloud(new CloudOptions(), _functions).Checked();
        _cloud.Journal.Written += _journal.Add;
        Put("echo");
    }

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("echo")]
    [InlineData(Arn)]
    [InlineData(Arn + ":$LATEST")]
    [InlineData("123456789012:function:echo")]
    [InlineData("echo:$LATEST")]
    public async Task Invoke_ByAnyName_GivesTheOutcome(string name)
    {
        FunctionOutcome? outcome = null;
        _cloud.Run(() => _cloud.Lambda.Invoke(name, Region, """{"a":1}"""u8.ToArray(), result => outcome = result));
        Assert.Null(outcome);
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("""{"a":1}""", Text(outcome!.Payload));
        Assert.Equal(["function-invoked", "function-returned"], _journal.Select(entry => entry.Kind));
    }

    [Theory]
    [InlineData("other", "ResourceNotFoundException")]
    [InlineData("echo:1", "ResourceNotFoundException")]
    [InlineData("echo:prod", "ResourceNotFoundException")]
    [InlineData("arn:aws:lambda:eu-west-1:123456789012:function:echo", "ResourceNotFoundException")]
    [InlineData("not a name", "ValidationException")]
    public void Invoke_UnknownFunction_IsRefused(string name, string code) => Assert.Equal(
        code,
        Assert.Throws<AwsException>(() => _cloud.Run(() => _cloud.Lambda.Invoke(name, Region, "{}"u8.ToArray(), _ => { }))).Code);

    [Fact]
    public void Invoke_PayloadTooLarge_IsRefused()
    {
        Assert.Equal("RequestTooLargeException",
            Assert.Throws<AwsException>(() => _cloud.Lambda.Invoke("echo", Region, new byte[LambdaService.MaximumPayload + 1], _ => { })).Code);
        Assert.Equal("RequestTooLargeException",
            Assert.Throws<AwsException>(() => _cloud.Lambda.InvokeEvent("echo", Region, new byte[LambdaService.MaximumEventPayload + 1])).Code);
    }

    [Fact]
    public async Task Invoke_FunctionThrows_ReportsItsTypeAndMessage()
    {
        _functions.Add("broken", _ => throw new TimeoutException("too slow"));
        Put("broken");
        FunctionOutcome? outcome = null;
        _cloud.Run(() => _cloud.Lambda.Invoke("broken", Region, default, result => outcome = result));
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(("TimeoutException", "too slow"), FunctionErrors.Read(outcome!.Payload));
        Assert.Equal("TimeoutException", _journal.Single(entry => entry.Kind == "function-failed").Data["errorType"]);
    }

    [Fact]
    public async Task InvokeEvent_FailsOnce_IsRetriedAfterAMinuteWithTheSameRequestId()
    {
        var attempts = new List<(DateTimeOffset Time, string RequestId)>();
        _functions.Add("flaky", invocation =>
        {
            attempts.Add((_cloud!.Clock.Now, invocation.RequestId));
            return Task.FromResult(attempts.Count == 1 ? FunctionErrors.Failure("Transient", "again") : new FunctionOutcome(false, "null"u8.ToArray()));
        });
        Put("flaky");
        _cloud.Run(() => _cloud.Lambda.InvokeEvent("flaky", Region, "{}"u8.ToArray()));
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(2, attempts.Count);
        Assert.Equal(TimeSpan.FromMinutes(1), attempts[1].Time - attempts[0].Time);
        Assert.Equal(attempts[0].RequestId, attempts[1].RequestId);
    }

    [Fact]
    public async Task InvokeEvent_FailsAlways_GoesToDeadLetterAndDestinationOfAnotherFunction()
    {
        var times = new List<DateTimeOffset>();
        var received = new List<string>();
        _functions.Add("broken", _ =>
        {
            times.Add(_cloud!.Clock.Now);
            return Task.FromResult(FunctionErrors.Failure("PermanentException", "never"));
        });
        _functions.Add("letters", invocation =>
        {
            received.Add(Text(invocation.Payload));
            return Task.FromResult(new FunctionOutcome(false, default));
        });
        Put("letters");
        Put("broken", "arn:aws:lambda:us-east-1:123456789012:function:letters");
        Assert.Equal(200,
            Send("PUT", "/2019-09-25/functions/broken/event-invoke-config",
                """{"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:lambda:us-east-1:123456789012:function:letters"}}}""").Status);
        _cloud.Run(() => _cloud.Lambda.InvokeEvent("broken", Region, """{"x":1}"""u8.ToArray()));
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3)], times.Select(time => time - times[0]));
        Assert.Equal("""{"x":1}""", received[0]);
        var record = JsonNode.Parse(received[1])!;
        Assert.Equal("1.0", record["version"]!.ToString());
        Assert.Equal("RetriesExhausted", record["requestContext"]!["condition"]!.ToString());
        Assert.Equal(3, (int)record["requestContext"]!["approximateInvokeCount"]!);
        Assert.Equal("arn:aws:lambda:us-east-1:123456789012:function:broken:$LATEST", record["requestContext"]!["functionArn"]!.ToString());
        Assert.Equal(1, (int)record["requestPayload"]!["x"]!);
        Assert.Equal("Unhandled", record["responseContext"]!["functionError"]!.ToString());
        Assert.Equal("PermanentException", record["responsePayload"]!["errorType"]!.ToString());
    }

    [Fact]
    public async Task InvokeEvent_NoRetriesConfigured_IsTriedOnce()
    {
        var attempts = 0;
        _functions.Add("broken", _ =>
        {
            attempts++;
            return Task.FromResult(FunctionErrors.Failure("X", "y"));
        });
        Put("broken");
        Send("PUT", "/2019-09-25/functions/broken/event-invoke-config", """{"MaximumRetryAttempts":0}""");
        _cloud.Run(() => _cloud.Lambda.InvokeEvent("broken", Region, default));
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(1, attempts);
        Assert.Contains(_journal, entry => entry.Kind == "event-failed");
    }

    [Fact]
    public async Task InvokeEvent_OlderThanItsMaximumAge_IsGivenUp()
    {
        _functions.Add("broken", _ => Task.FromResult(FunctionErrors.Failure("X", "y")));
        Put("broken");
        Send("PUT", "/2019-09-25/functions/broken/event-invoke-config", """{"MaximumEventAgeInSeconds":120}""");
        _cloud.Run(() => _cloud.Lambda.InvokeEvent("broken", Region, default));
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(2, _journal.Count(entry => entry.Kind == "function-invoked"));
        Assert.Equal("EventAgeExceeded", _journal.Single(entry => entry.Kind == "event-failed").Data["condition"]);
    }

    [Fact]
    public async Task InvokeEvent_DeadLetterTargetMissing_IsReportedInTheJournal()
    {
        _functions.Add("broken", _ => Task.FromResult(FunctionErrors.Failure("X", "y")));
        Put("broken", "arn:aws:lambda:us-east-1:123456789012:function:nobody");
        _cloud.Run(() => _cloud.Lambda.InvokeEvent("broken", Region, default));
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("ResourceNotFoundException", _journal.Single(entry => entry.Kind == "event-lost").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Api_Invoke_RespondsLaterWithErrorVersionAndLog()
    {
        _functions.Add("broken", invocation =>
        {
            invocation.Log("about to fail");
            return Task.FromResult(FunctionErrors.Failure("X", "y"));
        });
        Put("broken");
        var response = Send("POST", "/2015-03-31/functions/broken/invocations", "{}", ("x-amz-log-type", "Tail"));
        Assert.NotNull(response.Pending);
        await _cloud.RunUntilIdleAsync(cancellationToken: TestContext.Current.CancellationToken);
        var answer = await response.Pending;

        Assert.Equal(200, answer.Status);
        Assert.Equal("Unhandled", answer.Headers["X-Amz-Function-Error"]);
        Assert.Equal("$LATEST", answer.Headers["X-Amz-Executed-Version"]);
        Assert.Contains("about to fail\n", Encoding.UTF8.GetString(Convert.FromBase64String(answer.Headers["X-Amz-Log-Result"])), StringComparison.Ordinal);
        Assert.Equal("X", JsonNode.Parse(answer.Body.Span)!["errorType"]!.ToString());
        Assert.Equal("about to fail", _journal.Single(entry => entry.Kind == "function-log").Text);
    }

    [Theory]
    [InlineData("Event", 202)]
    [InlineData("DryRun", 204)]
    [InlineData("Whenever", 400)]
    public void Api_Invoke_OtherTypes_RespondAtOnce(string type, int status) =>
        Assert.Equal(status, Send("POST", "/2015-03-31/functions/echo/invocations", "{}", ("x-amz-invocation-type", type)).Status);

    [Fact]
    public void Api_Invoke_InvalidPayload_IsRefused()
    {
        var response = Send("POST", "/2015-03-31/functions/echo/invocations", "{nonsense");

        Assert.Equal(400, response.Status);
        Assert.Equal("InvalidRequestContentException", response.Headers["x-amzn-ErrorType"]);
    }

    [Fact]
    public void Api_CreateFunction_StoresItsInput()
    {
        var zip = Zip();
        var created = Send("POST", "/2015-03-31/functions", $$"""
            {"FunctionName":"made","Role":"arn:aws:iam::123456789012:role/x","Handler":"h","Runtime":"provided.al2023","Timeout":10,
             "MemorySize":512,"Environment":{"Variables":{"AB":"b"} },"Code":{"ZipFile":"{{zip}}"},"Tags":{"k":"v"} }
            """);
        Assert.Equal(201, created.Status);
        var shown = JsonNode.Parse(Send("GET", "/2015-03-31/functions/made").Body.Span)!;

        Assert.Equal(512, (int)shown["Configuration"]!["MemorySize"]!);
        Assert.Equal("b", shown["Configuration"]!["Environment"]!["Variables"]!["AB"]!.ToString());
        Assert.Equal("v", shown["Tags"]!["k"]!.ToString());
        Assert.Equal(409,
            Send("POST", "/2015-03-31/functions",
                $$"""{"FunctionName":"made","Role":"arn:aws:iam::123456789012:role/x","Code":{"ZipFile":"{{zip}}"} }""").Status);
        Assert.Equal(204, Send("DELETE", "/2015-03-31/functions/made").Status);
        Assert.Equal(404, Send("GET", "/2015-03-31/functions/made").Status);
    }

    [Theory]
    [InlineData("""{"Role":"r"}""", "ValidationException")]
    [InlineData("""{"FunctionName":"f"}""", "ValidationException")]
    [InlineData("""{"FunctionName":"f","Role":"r","Code":{}}""", "ValidationException")]
    [InlineData("""{"FunctionName":"f","Role":"arn:aws:iam::123456789012:role/x","Code":{"S3Bucket":"bucket","S3Key":"k"}}""",
        "InvalidParameterValueException")]
    [InlineData("""{"FunctionName":"f","Role":"arn:aws:iam::123456789012:role/x","Code":{"ZipFile":"bm8gemlw"}}""", "InvalidParameterValueException")]
    [InlineData("""{"FunctionName":"f","Role":"arn:aws:iam::123456789012:role/x","PackageType":"Image","Code":{}}""", "ValidationException")]
    [InlineData(
        """{"FunctionName":"f","Role":"arn:aws:iam::123456789012:role/x","PackageType":"Image","Code":{"ImageUri":"123456789012.dkr.ecr.us-east-1.amazonaws.com/none:1"}}""", "InvalidParameterValueException")]
    [InlineData("""{"FunctionName":"echo","Role":"arn:aws:iam::123456789012:role/x","Code":{}}""", "ResourceConflictException")]
    public void Api_CreateFunction_InvalidInput_IsRefused(string body, string code) =>
        Assert.Equal(code, Send("POST", "/2015-03-31/functions", body).Headers["x-amzn-ErrorType"]);

    [Theory]
    [InlineData("""{"Timeout":901}""")]
    [InlineData("""{"MemorySize":64}""")]
    [InlineData("""{"Environment":{"Variables":{"AWS_REGION":"x"}}}""")]
    public void Api_UpdateFunctionConfiguration_OutOfRange_IsRefused(string body) =>
        Assert.Equal(400, Send("PUT", "/2015-03-31/functions/echo/configuration", body).Status);

    [Fact]
    public void Api_Permissions_AreAddedShownAndRemoved()
    {
        const string Permission =
            """{"StatementId":"s","Action":"lambda:InvokeFunction","Principal":"events.amazonaws.com","SourceArn":"arn:aws:events:us-east-1:123456789012:rule/x"}""";
        Assert.Equal(404, Send("GET", "/2015-03-31/functions/echo/policy").Status);
        Assert.Equal(201, Send("POST", "/2015-03-31/functions/echo/policy", Permission).Status);
        Assert.Equal(409, Send("POST", "/2015-03-31/functions/echo/policy", Permission).Status);
        var policy = JsonNode.Parse(JsonNode.Parse(Send("GET", "/2015-03-31/functions/echo/policy").Body.Span)!["Policy"]!.ToString())!;
        Assert.Equal("events.amazonaws.com", policy["Statement"]![0]!["Principal"]!["Service"]!.ToString());
        Assert.Equal("arn:aws:events:us-east-1:123456789012:rule/x", policy["Statement"]![0]!["Condition"]!["ArnLike"]!["AWS:SourceArn"]!.ToString());
        Assert.Equal(204, Send("DELETE", "/2015-03-31/functions/echo/policy/s").Status);
        Assert.Equal(404, Send("DELETE", "/2015-03-31/functions/echo/policy/s").Status);
    }

    [Fact]
    public void Api_ListFunctions_PagesByMarker()
    {
        Put("zeta");
        var first = JsonNode.Parse(Send("GET", "/2015-03-31/functions/?MaxItems=1").Body.Span)!;
        Assert.Equal("echo", first["Functions"]![0]!["FunctionName"]!.ToString());
        var second = JsonNode.Parse(Send("GET", $"/2015-03-31/functions?Marker={first["NextMarker"]}").Body.Span)!;
        Assert.Equal("zeta", second["Functions"]![0]!["FunctionName"]!.ToString());
        Assert.Null(second["NextMarker"]);
    }

    [Fact]
    public void Api_UnknownPath_IsRefusedByName() =>
        Assert.Equal("UnknownOperationException", Send("GET", "/2020-04-22/code-signing-configs/").Headers["x-amzn-ErrorType"]);

    [Fact]
    public void AccessKey_IdentifiesTheFunction()
    {
        Assert.Equal("echo", _cloud.Lambda.FindByAccessKey(AccessKey.Of(Arn))?.Name);
        Assert.Null(_cloud.Lambda.FindByAccessKey("AKIASOMEBODY"));
    }

    private void Put(string name, string? deadLetter = null) => _cloud.Run(() => _cloud.Lambda.Put(new FunctionConfiguration(
        name,
        $"arn:aws:lambda:{Region}:123456789012:function:{name}",
        Region,
        null,
        "bootstrap",
        "provided.al2023",
        ["x86_64"],
        new Dictionary<string, string>(),
        TimeSpan.FromSeconds(3),
        128,
        "arn:aws:iam::123456789012:role/x",
        deadLetter)));

    private WireResponse Send(string method, string path, string body = "", params (string Name, string Value)[] headers)
    {
        var parts = path.Split('?');
        return _cloud.Handle(new WireRequest(method, parts[0], parts.Length > 1 ? parts[1] : "", headers.ToDictionary(), Encoding.UTF8.GetBytes(body))
        {
            Scope = new CredentialScope("AKID", Region, "lambda"),
        });
    }

    private static string Zip()
    {
        using var stream = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("bootstrap").Open();
            entry.Write("#!/bin/sh\n"u8);
        }

        return Convert.ToBase64String(stream.ToArray());
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
