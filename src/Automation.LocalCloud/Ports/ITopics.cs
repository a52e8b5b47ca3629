namespace Automation.LocalCloud.Ports;

/// <summary>SNS topics.</summary>
internal interface ITopics
{
    /// <returns>The message's id.</returns>
    /// <exception cref="Wire.AwsException">NotFound; InvalidParameter.</exception>
    string Publish(string topicArn, string? subject, string message, IReadOnlyDictionary<string, (string Type, string Value)>? attributes = null);

    /// <summary>Null if there is no such topic.</summary>
    ResourceGuard? Guard(string arn);
}
