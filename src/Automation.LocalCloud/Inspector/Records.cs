namespace Automation.LocalCloud.Inspector;

/// <summary>Pods of an EKS cluster with one image, set through the control endpoint. There is no EKS in the embedded cloud.</summary>
/// <param name="Running">Zero after the pods have ended.</param>
/// <param name="EndedAt">Null while pods run.</param>
internal sealed record PodSet(string ClusterArn, string Namespace, string Repository, string Digest, int Running, DateTimeOffset? EndedAt);
