namespace Automation.LocalCloud.Ports;

/// <summary>Starts ECS tasks for rules and schedules.</summary>
internal interface IContainerTasks
{
    /// <exception cref="Wire.AwsException">ClusterNotFoundException, ClientException.</exception>
    void Start(string clusterArn, string taskDefinition);
}
