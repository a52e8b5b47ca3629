using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Import;

/// <summary>The registry of a Region.</summary>
/// <param name="Scanning">The answer of GetRegistryScanningConfiguration.</param>
/// <param name="Replication">The answer of DescribeRegistry.</param>
public sealed record ReadRegistry(string Region, JsonObject? Scanning, JsonObject? Replication, IReadOnlyList<ReadRepository> Repositories);
