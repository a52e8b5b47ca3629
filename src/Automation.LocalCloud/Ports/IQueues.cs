using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Ports;

/// <summary>SQS queues.</summary>
internal interface IQueues
{
    /// <summary>Sends a message; attributes become String attributes.</summary>
    /// <returns>The message's id.</returns>
    /// <exception cref="Wire.AwsException">QueueDoesNotExist, or the queue's own refusal.</exception>
    string Send(string queueArn, string body, IReadOnlyDictionary<string, string>? attributes = null);

    /// <returns>The message's id.</returns>
    /// <exception cref="Wire.AwsException">QueueDoesNotExist, or the queue's own refusal.</exception>
    string Send(string queueArn, NewMessage message);

    /// <summary>Performs an API operation and returns its response.</summary>
    JsonObject Call(string operation, string region, JsonObject input);

    /// <summary>The permissions that an API operation needs; null if the embedded cloud does not know them.</summary>
    IReadOnlyList<Need>? Needs(string operation, string region, JsonObject input);

    /// <summary>Null if there is no such queue.</summary>
    ResourceGuard? Guard(string arn);
}
