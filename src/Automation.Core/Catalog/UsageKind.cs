namespace Automation.Core.Catalog;

/// <summary>The services that can say which images they run.</summary>
public enum UsageKind
{
    /// <summary>Tasks, services with their deployments, task definitions, and the rules and schedules that start tasks.</summary>
    Ecs,

    /// <summary>Functions and their versions.</summary>
    Lambda,

    /// <summary>Images that Amazon Inspector sees on ECS and EKS.</summary>
    Inspector,

    /// <summary>Job definitions of AWS Batch.</summary>
    Batch,

    /// <summary>Models of SageMaker AI.</summary>
    SageMaker,

    /// <summary>The environments of CodeBuild projects.</summary>
    CodeBuild,

    /// <summary>Services of App Runner.</summary>
    AppRunner,
}
