using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Cli.Deployment;

namespace Automation.Cli.EmbeddedCloud;

/// <summary>The control endpoint of an embedded cloud: its clock and its journal.</summary>
internal sealed class CloudControl(Uri endpoint) : IDisposable
{
    /// <summary>The time limit of a request, because time that passes may start many builds.</summary>
    private readonly HttpClient _http = new() { BaseAddress = endpoint, Timeout = TimeSpan.FromMinutes(10) };

    public async Task<CloudClock> ClockAsync(CancellationToken cancellationToken) => Read(await CallAsync(HttpMethod.Get, "clock", null, cancellationToken));

    /// <summary>Sends a request to the clock, such as <c>{"advance":"PT36H"}</c>; returns when the clock has arrived.</summary>
    public async Task<CloudClock> SetClockAsync(string member, string value, CancellationToken cancellationToken) =>
        Read(await CallAsync(HttpMethod.Post, "clock", new JsonObject { [member] = value }, cancellationToken));

    /// <returns>The number of the last entry.</returns>
    public async Task<long> LastEntryAsync(CancellationToken cancellationToken) =>
        (await CallAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"journal?after={long.MaxValue}"), null,
            cancellationToken))["last"]!.GetValue<long>();

    /// <summary>The later entries.</summary>
    public async Task<IReadOnlyList<CloudEvent>> EntriesAsync(long after, CancellationToken cancellationToken)
    {
        var journal = await CallAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"journal?after={after}"), null, cancellationToken);
        return
        [
            .. journal["entries"]!.AsArray().OfType<JsonObject>()
                .Select(entry => new CloudEvent(
                    Instant(entry["time"]), entry["source"]?.ToString() ?? "", entry["kind"]?.ToString() ?? "", entry["text"]?.ToString() ?? "",
                    (entry["data"] as JsonObject ?? []).ToDictionary(fact => fact.Key, fact => fact.Value?.ToString() ?? "", StringComparer.Ordinal))),
        ];
    }

    public void Dispose() => _http.Dispose();

    internal static string Text(DateTimeOffset time) => time.ToString("ddd yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private async Task<JsonObject> CallAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        var url = Endpoints.Text(endpoint);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri($"/_automation/{path}", UriKind.Relative));
            request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await _http.SendAsync(request, cancellationToken);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken)) as JsonObject ?? throw NotACloud(url);
            return response.IsSuccessStatusCode
                ? answer
                : throw new CommandException(answer["error"]?.ToString() ?? $"{url} refused: {(int)response.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            throw Endpoints.Unreachable(endpoint, e);
        }
        catch (JsonException)
        {
            throw NotACloud(url);
        }
    }

    private static CommandException NotACloud(string url) => new($"{url} answers, but is not an embedded cloud.");

    private static CloudClock Read(JsonObject clock) => new(
        Instant(clock["now"]),
        clock["mode"]?.ToString() == "held",
        [.. (clock["timers"] as JsonArray ?? []).OfType<JsonObject>().Select(timer => new DueTimer(Instant(timer["due"]), timer["what"]?.ToString() ?? ""))]);

    private static DateTimeOffset Instant(JsonNode? node) =>
        DateTimeOffset.Parse(node!.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}

/// <summary>The clock of an embedded cloud.</summary>
/// <param name="IsHeld">Whether time passes only on request.</param>
/// <param name="Timers">The pending timers, the next one first.</param>
internal sealed record CloudClock(DateTimeOffset Now, bool IsHeld, IReadOnlyList<DueTimer> Timers);

/// <summary>A timer of the clock.</summary>
internal sealed record DueTimer(DateTimeOffset Due, string What);
