namespace Automation.Core.Catalog;

/// <summary>Where to look for workloads that run the images of the catalog.</summary>
public sealed record UsageSpec(UsageKind Kind)
{
    /// <summary>Empty means the Regions of the catalog's images and the stack's own Region.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Other accounts to look into, besides the stack's own.</summary>
    public IReadOnlyList<UsageAccount> Accounts { get; init; } = [];

    /// <summary>For ECS: how many of a service's last deployments count, 0 to 20, so that a service can be rolled back.</summary>
    public int Deployments { get; init; } = 3;
}

/// <param name="Id">Twelve digits.</param>
/// <param name="Role">The name of a role in that account, with its path if it has one.</param>
public sealed record UsageAccount(string Id, string Role);

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
