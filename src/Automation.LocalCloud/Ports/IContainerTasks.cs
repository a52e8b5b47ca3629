namespace Automation.LocalCloud.Ports;

/// <summary>Starts ECS tasks for rules and schedules, and shows them to Amazon Inspector.</summary>
internal interface IContainerTasks
{
    /// <exception cref="Wire.AwsException">ClusterNotFoundException, ClientException.</exception>
    void Start(string clusterArn, string taskDefinition);

    /// <summary>The images of the account's registry that tasks in a Region use or used, by cluster.</summary>
    IReadOnlyList<ClusterImage> Images(string region);
}
