namespace Automation.LocalCloud.Sns;

/// <summary>A topic. Everything that a call can set is an attribute, by its wire name.</summary>
internal sealed record Topic(string Arn, string Name, IReadOnlyDictionary<string, string> Attributes, IReadOnlyDictionary<string, string> Tags);

/// <summary>A subscription of a topic.</summary>
/// <param name="Protocol">lambda and sqs are delivered to; sms is stored; http, https, email and email-json are stored and never confirmed.</param>
internal sealed record Subscription(
    string Arn, string TopicArn, string Protocol, string Endpoint, IReadOnlyDictionary<string, string> Attributes)
{
    public bool Delivered => Protocol is "lambda" or "sqs";

    public bool Confirmed => Delivered || Protocol == "sms";

    public bool Raw => bool.TryParse(Attributes.GetValueOrDefault("RawMessageDelivery"), out var raw) && raw;

    public string FilterScope => Attributes.GetValueOrDefault("FilterPolicyScope", "MessageAttributes");
}

/// <summary>The value of a message attribute.</summary>
internal readonly record struct TypedText(string Type, string Value);

/// <summary>A published message.</summary>
/// <param name="Texts">The text per protocol if <c>MessageStructure</c> is json; other protocols get <paramref name="Text"/>.</param>
internal sealed record Notification(
    string Id,
    string TopicArn,
    string? Subject,
    string Text,
    IReadOnlyDictionary<string, string> Texts,
    IReadOnlyDictionary<string, TypedText> Attributes,
    DateTimeOffset Time)
{
    public string? GroupId { get; init; }

    public string TextFor(string protocol) => Texts.GetValueOrDefault(protocol, Text);
}
