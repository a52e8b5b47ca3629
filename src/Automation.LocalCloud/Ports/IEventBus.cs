using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Ports;

/// <summary>Events, and deliveries to targets.</summary>
internal interface IEventBus
{
    /// <summary>Puts an event of an AWS service on the default bus of a Region.</summary>
    void Publish(string region, string source, string detailType, IReadOnlyList<string> resources, JsonObject detail);

    /// <summary>Performs PutEvents and returns its response.</summary>
    JsonObject PutEvents(string region, JsonObject input);

    /// <summary>The ARN of a bus that is given by name or ARN; null is the default bus.</summary>
    string BusArn(string region, string? nameOrArn);

    /// <summary>Delivers to a target, with retries and a dead letter queue.</summary>
    void Deliver(Delivery delivery);
}
