using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

/// <summary>The error documents that Lambda itself writes, and a reader for those of runtimes.</summary>
public static class FunctionErrors
{
    /// <summary>Such as <c>2026-…Z 61fa… Task timed out after 3.00 seconds</c>, in the form of the newer runtimes.</summary>
    public static FunctionOutcome TimedOut(string requestId, TimeSpan timeout) => Failure(
        "Sandbox.Timedout",
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"RequestId: {requestId} Error: Task timed out after {timeout.TotalSeconds:0.00} seconds"));

    public static FunctionOutcome Exited(string requestId, int exitCode) => Failure(
        "Runtime.ExitError",
        $"RequestId: {requestId} Error: Runtime exited with error: {(exitCode == 137 ? "signal: killed" : $"exit status {exitCode}")}");

    public static FunctionOutcome Failure(string errorType, string errorMessage) => new(
        Failed: true,
        Encoding.UTF8.GetBytes(new JsonObject { ["errorType"] = errorType, ["errorMessage"] = errorMessage }.ToJsonString(WireJson.Compact)));

    /// <summary>Reads <c>{"errorType":"…","errorMessage":"…"}</c>. Any other text gives the type <c>Unknown</c> and the text itself.</summary>
    public static (string Type, string Message) Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            if (ClientJson.Parse(payload.Span) is JsonObject error)
            {
                return (error["errorType"]?.ToString() ?? "Unknown", error["errorMessage"]?.ToString() ?? "");
            }
        }
        catch (JsonException)
        {
            // A runtime may send anything. The text below is all that can be reported.
        }

        return ("Unknown", Encoding.UTF8.GetString(payload.Span));
    }
}
