namespace Automation.LocalCloud.Ports;

/// <summary>ECS tasks, as rules and schedules start them.</summary>
internal interface IContainerTasks
{
    /// <exception cref="Wire.AwsException">ClusterNotFoundException, ClientException.</exception>
    void Start(string clusterArn, string taskDefinition);
}
