using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Workloads;

/// <summary>Something outside the automation that runs an image, or would start from it.</summary>
/// <param name="Name">Completes "in …": <c>service web of cluster prod</c>.</param>
/// <param name="Runs">False if the workload only would start the image.</param>
/// <param name="Since">The earliest time that is known.</param>
/// <param name="Count">The number of tasks, pods or versions.</param>
public sealed record Workload(UsageKind Kind, string Account, string Region, string Name, bool Runs, DateTimeOffset? Since = null, int Count = 1)
{
    /// <summary><c>service web of cluster prod, account 123456789012, eu-west-1, since 2026-01-05T08:00:00Z (3)</c>.</summary>
    public string Where => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}, account {Account}, {Region}{(Since is { } since ? $", since {BuildTags.Format(since)}" : "")}{(Count > 1 ? $" ({Count})" : "")}");
}
