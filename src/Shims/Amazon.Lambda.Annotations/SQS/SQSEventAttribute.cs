namespace Amazon.Lambda.Annotations.SQS;

/// <summary>Invokes the function with messages of an SQS queue. The method takes <c>SQSEvent</c> and, optionally, the context.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class SQSEventAttribute : Attribute
{
    /// <param name="queue">The queue's ARN, or <c>@Name</c> of a template parameter or resource.</param>
    public SQSEventAttribute(string queue)
    {
        Queue = queue;
    }

    public string Queue { get; set; }

    /// <summary>Name of the event in the template: letters and digits only. By default it is made from the queue.</summary>
    public string ResourceName { get; set; }

    /// <summary>Filter patterns, separated by <c>;</c>.</summary>
    public string Filters { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary>Messages per invocation, 1 to 10,000 (FIFO 1 to 10).</summary>
    public uint BatchSize { get; set; } = 10;

    /// <summary>0 to 300 seconds; at least 1 when <see cref="BatchSize"/> is above 10; not for FIFO queues.</summary>
    public uint MaximumBatchingWindowInSeconds { get; set; }

    /// <summary>2 to 1,000 concurrent invocations.</summary>
    public uint MaximumConcurrency { get; set; }
}
