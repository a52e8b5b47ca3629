namespace Amazon.Lambda.SNSEvents;

/// <summary>
/// The event that Amazon SNS sends to a subscribed function. The list has one record in practice:
/// <code>
/// {"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:…",
///   "Sns":{"Type":"Notification","MessageId":"…","TopicArn":"arn:aws:sns:…","Subject":null,"Message":"…",
///     "Timestamp":"2024-01-02T03:04:05.678Z","SignatureVersion":"1","Signature":"…","SigningCertUrl":"…",
///     "UnsubscribeUrl":"…","MessageAttributes":{"k":{"Type":"String","Value":"v"}}}}]}
/// </code>
/// </summary>
public class SNSEvent
{
    public IList<SNSRecord> Records { get; set; }

    /// <summary>One notification and the subscription that delivered it.</summary>
    public class SNSRecord
    {
        public string EventSource { get; set; }

        public string EventSubscriptionArn { get; set; }

        public string EventVersion { get; set; }

        public SNSMessage Sns { get; set; }
    }

    /// <summary>The notification. <see cref="Message"/> is the publisher's text, unparsed.</summary>
    public class SNSMessage
    {
        public string Message { get; set; }

        public IDictionary<string, MessageAttribute> MessageAttributes { get; set; }

        public string MessageId { get; set; }

        public string Signature { get; set; }

        public string SignatureVersion { get; set; }

        public string SigningCertUrl { get; set; }

        public string Subject { get; set; }

        public DateTime Timestamp { get; set; }

        public string TopicArn { get; set; }

        public string Type { get; set; }

        public string UnsubscribeUrl { get; set; }
    }

    /// <summary>A message attribute; <see cref="Type"/> is String, Number, Binary or String.Array.</summary>
    public class MessageAttribute
    {
        public string Type { get; set; }

        public string Value { get; set; }
    }
}
