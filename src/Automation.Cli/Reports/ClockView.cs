using System.Text.Json.Serialization;
using Automation.Cli.EmbeddedCloud;

namespace Automation.Cli.Reports;

/// <summary>The clock of an embedded cloud as <c>--output json</c> shows it.</summary>
/// <param name="Mode"><c>held</c>: time passes only on request; <c>auto</c>: the clock runs.</param>
/// <param name="Happened">What happened while time passed; null if the command did not move the clock.</param>
/// <param name="Due">The pending timers, the next one first.</param>
internal sealed record ClockView(DateTimeOffset Now, string Mode, IReadOnlyList<ClockEntry>? Happened, IReadOnlyList<ClockEntry> Due)
{
    /// <summary>The whole journal of that time, for the story that people read; null if the command did not move the clock.</summary>
    [JsonIgnore]
    public IReadOnlyList<CloudEvent>? Events { get; init; }
}

/// <summary>Something that happened, or that is due.</summary>
internal sealed record ClockEntry(DateTimeOffset At, string? Source, string Text);
