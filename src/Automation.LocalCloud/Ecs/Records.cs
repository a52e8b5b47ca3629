namespace Automation.LocalCloud.Ecs;

/// <summary>A container of a task definition, with the name of its image.</summary>
internal sealed record ContainerDefinition(string Name, string Image);

/// <summary>A container of a task or of a service revision.</summary>
/// <param name="Digest">Null until the image is known, and for images outside the account's registry.</param>
internal sealed record Container(string Name, string Image, string? Digest);

internal sealed record Cluster(string Account, string Region, string Name);

internal sealed record TaskDefinition(
    string Account, string Region, string Family, int Revision, bool Active, IReadOnlyList<ContainerDefinition> Containers, DateTimeOffset RegisteredAt)
{
    public string Arn => $"arn:aws:ecs:{Region}:{Account}:task-definition/{Family}:{Revision}";
}

/// <param name="Group">Such as <c>service:web</c> or <c>family:app</c>.</param>
/// <param name="DesiredStatus">RUNNING or STOPPED.</param>
internal sealed record EcsTask(
    string Account, string Region, string Cluster, string Id, string TaskDefinition, string Group, IReadOnlyList<Container> Containers,
    DateTimeOffset CreatedAt, string LastStatus, string DesiredStatus)
{
    public string Arn => $"arn:aws:ecs:{Region}:{Account}:task/{Cluster}/{Id}";
}

/// <param name="Deployments">The newest last.</param>
internal sealed record Service(
    string Account, string Region, string Cluster, string Name, int DesiredCount, IReadOnlyList<Deployment> Deployments, DateTimeOffset CreatedAt)
{
    public string Arn => $"arn:aws:ecs:{Region}:{Account}:service/{Cluster}/{Name}";

    public string TaskDefinition => Deployments[^1].TaskDefinition;
}

/// <summary>A deployment and the service revision that it created.</summary>
internal sealed record Deployment(string Id, string TaskDefinition, IReadOnlyList<Container> Containers, DateTimeOffset CreatedAt);
