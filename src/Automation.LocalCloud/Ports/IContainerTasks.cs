namespace Automation.LocalCloud.Ports;

/// <summary>ECS tasks, as rules and schedules start them and as Amazon Inspector sees them.</summary>
internal interface IContainerTasks
{
    /// <exception cref="Wire.AwsException">ClusterNotFoundException, ClientException.</exception>
    void Start(string clusterArn, string taskDefinition);

    /// <summary>The images of the account's registry that tasks in a Region use or used, by cluster.</summary>
    IReadOnlyList<ClusterImage> Images(string region);
}
