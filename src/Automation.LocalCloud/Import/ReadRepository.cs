using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Import;

/// <summary>A repository of the registry.</summary>
/// <param name="Description">As DescribeRepositories shows it.</param>
/// <param name="LifecyclePolicy">The text of the policy; null without one.</param>
public sealed record ReadRepository(JsonObject Description, string? LifecyclePolicy, IReadOnlyList<ReadImage> Images);
