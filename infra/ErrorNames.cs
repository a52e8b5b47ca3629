using Automation.Core;

namespace Automation.Infra;

/// <summary>The error names that the workflow matches: class names of Core's exceptions, and what Lambda itself reports.</summary>
internal static class ErrorNames
{
    public const string Transient = nameof(TransientException);
    public const string QuotaExceeded = nameof(QuotaExceededException);
    public const string BuildConflict = nameof(BuildConflictException);

    /// <summary>
    /// Transient faults of the Lambda service, and a function that ran into its time-out: every step may be run again from its start.
    /// https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
    /// </summary>
    public static readonly string[] LambdaService =
    [
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Sandbox.Timedout",
        "Runtime.ExitError",
    ];

    /// <summary>What SNS and the way to it fail with for a while, as Step Functions' service integration names it: the Java SDK's exceptions
    /// behind the service's name. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    /// </summary>
    public static readonly string[] SnsService =
    [
        "SNS.InternalErrorException",
        "SNS.ThrottledException",
        "SNS.ThrottlingException",
        "SNS.KMSThrottlingException",
        "SNS.AmazonSNSException",
        "SNS.SdkClientException",
    ];
}
