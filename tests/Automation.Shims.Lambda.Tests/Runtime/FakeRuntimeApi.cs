using System.Net;
using System.Text;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>A request of the runtime client.</summary>
internal sealed record Sent(string Method, string Url, string Body, string? ContentType, long? ContentLength, IReadOnlyDictionary<string, string> Headers);

/// <summary>
/// The Lambda Runtime API in memory: it returns scripted responses to <c>next</c>, records every post, and responds to it as scripted.
/// When the script is at its end, a poll waits until it is cancelled and <see cref="Drained"/> completes.
/// </summary>
internal sealed class FakeRuntimeApi : HttpMessageHandler
{
    private readonly Queue<Func<CancellationToken, Task<HttpResponseMessage>>> _script = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<Sent> Posts { get; } = [];

    public List<Sent> Polls { get; } = [];

    /// <summary>Completes when every scripted event was taken and answered, and the client polls again.</summary>
    public Task Drained => _drained.Task;

    /// <summary>The response to a post; by default it accepts like the service.</summary>
    public Func<Sent, HttpResponseMessage> Answer { get; set; } = _ => Json(HttpStatusCode.Accepted, """{"status":"OK"}""");

    public FakeRuntimeApi Event(string body, params (string Name, string Value)[] headers) =>
        Next(() => Invocation(body, headers));

    public FakeRuntimeApi Next(Func<HttpResponseMessage> answer)
    {
        _script.Enqueue(_ => Task.FromResult(answer()));
        return this;
    }

    public FakeRuntimeApi NextFails(Exception failure)
    {
        _script.Enqueue(_ => Task.FromException<HttpResponseMessage>(failure));
        return this;
    }

    public static HttpResponseMessage Invocation(string body, params (string Name, string Value)[] headers)
    {
        var response = Json(HttpStatusCode.OK, body);
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        if (!headers.Any(header => header.Name.Equals("Lambda-Runtime-Aws-Request-Id", StringComparison.OrdinalIgnoreCase)))
        {
            response.Headers.TryAddWithoutValidation("Lambda-Runtime-Aws-Request-Id", "request-1");
        }

        return response;
    }

    public static HttpResponseMessage Json(HttpStatusCode status, string body) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken);
        var sent = new Sent(
            request.Method.Method,
            request.RequestUri!.ToString(),
            body,
            request.Content?.Headers.ContentType?.ToString(),
            request.Content?.Headers.ContentLength,
            request.Headers.ToDictionary(pair => pair.Key, pair => string.Join(',', pair.Value), StringComparer.OrdinalIgnoreCase));
        if (request.Method == HttpMethod.Post)
        {
            Posts.Add(sent);
            return Answer(sent);
        }

        Polls.Add(sent);
        if (_script.TryDequeue(out var answer))
        {
            return await answer(cancellationToken);
        }

        _drained.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        throw new InvalidOperationException("unreachable");
    }
}
