namespace Automation.LocalCloud.Ports;

/// <summary>An image that the workloads of a cluster run or ran.</summary>
/// <param name="Group">The group of the ECS tasks, such as <c>service:web</c>, or the namespace of the pods.</param>
/// <param name="TaskDefinition">The ARN of the tasks' definition; null for pods.</param>
/// <param name="LastInUse">The start of the newest task, or when the pods were last seen.</param>
internal sealed record ClusterImage(
    string ClusterArn, string Digest, string Repository, string Group, string? TaskDefinition, int Running, int Stopped, DateTimeOffset LastInUse);
