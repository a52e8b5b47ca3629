using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>
/// The message that a subscriber receives. The two forms differ in the spelling of two names and in the omitted members:
/// <code>
/// SQS    {"Type":"Notification","MessageId":"…","TopicArn":"…","Subject":"…","Message":"…","Timestamp":"…",
///         "SignatureVersion":"1","Signature":"…","SigningCertURL":"…","UnsubscribeURL":"…","MessageAttributes":{…}}
/// Lambda {"Records":[{"EventVersion":"1.0","EventSubscriptionArn":"…","EventSource":"aws:sns","Sns":{"SignatureVersion":"1",
///         "Timestamp":"…","Signature":"…","SigningCertUrl":"…","MessageId":"…","Message":"…","MessageAttributes":{},
///         "Type":"Notification","UnsubscribeUrl":"…","TopicArn":"…","Subject":null}}]}
/// </code>
/// Messages are not signed here: the signature is the word EXAMPLE.
/// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
/// </summary>
internal static class SnsEnvelope
{
    private const string Signature = "EXAMPLE";

    public static string ForLambda(Subscription subscription, Notification notification) => new JsonObject
    {
        ["Records"] = new JsonArray(new JsonObject
        {
            ["EventVersion"] = "1.0",
            ["EventSubscriptionArn"] = subscription.Arn,
            ["EventSource"] = "aws:sns",
            ["Sns"] = new JsonObject
            {
                ["SignatureVersion"] = "1",
                ["Timestamp"] = Timestamp(notification),
                ["Signature"] = Signature,
                ["SigningCertUrl"] = CertificateUrl(notification),
                ["MessageId"] = notification.Id,
                ["Message"] = notification.TextFor("lambda"),
                ["MessageAttributes"] = Attributes(notification),
                ["Type"] = "Notification",
                ["UnsubscribeUrl"] = UnsubscribeUrl(subscription),
                ["TopicArn"] = notification.TopicArn,
                ["Subject"] = notification.Subject,
            },
        }),
    }.ToJsonString(WireJson.Compact);

    public static string ForQueue(Subscription subscription, Notification notification)
    {
        var json = new JsonObject { ["Type"] = "Notification", ["MessageId"] = notification.Id, ["TopicArn"] = notification.TopicArn };
        if (notification.Subject is not null)
        {
            json["Subject"] = notification.Subject;
        }

        json["Message"] = notification.TextFor(subscription.Protocol);
        json["Timestamp"] = Timestamp(notification);
        json["SignatureVersion"] = "1";
        json["Signature"] = Signature;
        json["SigningCertURL"] = CertificateUrl(notification);
        json["UnsubscribeURL"] = UnsubscribeUrl(subscription);
        if (notification.Attributes.Count > 0)
        {
            json["MessageAttributes"] = Attributes(notification);
        }

        return json.ToJsonString(WireJson.Compact);
    }

    private static JsonObject Attributes(Notification notification)
    {
        var json = new JsonObject();
        foreach (var (name, (type, value)) in notification.Attributes)
        {
            json[name] = new JsonObject { ["Type"] = type, ["Value"] = value };
        }

        return json;
    }

    private static string Timestamp(Notification notification) =>
        notification.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string CertificateUrl(Notification notification) =>
        $"https://sns.{Arn.Parse(notification.TopicArn).Region}.amazonaws.com/SimpleNotificationService-EXAMPLE.pem";

    private static string UnsubscribeUrl(Subscription subscription) =>
        $"https://sns.{Arn.Parse(subscription.TopicArn).Region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription.Arn}";
}
