namespace Amazon.Lambda.Annotations.SNS;

/// <summary>Subscribes the function to an SNS topic. The method takes <c>SNSEvent</c> and, optionally, the context.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class SNSEventAttribute : Attribute
{
    /// <param name="topic">The topic's ARN, or <c>@Name</c> of a template parameter or resource.</param>
    public SNSEventAttribute(string topic)
    {
        Topic = topic;
    }

    public string Topic { get; set; }

    /// <summary>Name of the event in the template: letters and digits only. By default it is made from the topic.</summary>
    public string ResourceName { get; set; }

    /// <summary>JSON filter policy of the subscription.</summary>
    public string FilterPolicy { get; set; }

    public bool Enabled { get; set; } = true;
}
