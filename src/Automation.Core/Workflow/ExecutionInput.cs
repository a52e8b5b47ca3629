namespace Automation.Core.Workflow;

/// <summary>The input of an execution of <c>image-lifecycle</c>. The members mean what they mean in <see cref="LifecycleState"/>.</summary>
public sealed record ExecutionInput(
    string Action,
    string Image,
    string? Version = null,
    int? Attempt = null,
    bool? Resume = null,
    bool? Explicit = null,
    ManualBuild? Manual = null,
    bool? Delete = null,
    int? MaxDeletePercent = null);
