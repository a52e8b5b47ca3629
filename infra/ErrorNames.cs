using Automation.Core;

namespace Automation.Infra;

/// <summary>The error names that the workflow matches: class names of Core's exceptions, and what Lambda itself reports.</summary>
internal static class ErrorNames
{
    public const string Transient = nameof(TransientException);
    public const string QuotaExceeded = nameof(QuotaExceededException);
    public const string BuildConflict = nameof(BuildConflictException);

    /// <summary>
    /// What Step Functions reports when it could not call a function, or when the function ended without an answer of its own: every step can run
    /// again from its start. A function that runs out of memory or time is reported by name by newer runtimes, and as Lambda.Unknown by others.
    /// Both kinds of names: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception and
    /// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-names.
    /// Calls that pass with time, of a function that is being updated or has no network interface yet:
    /// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
    /// </summary>
    public static readonly string[] LambdaService =
    [
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.EC2ThrottledException",
        "Lambda.EC2UnexpectedException",
        "Lambda.ENILimitReachedException",
        "Lambda.ResourceConflictException",
        "Lambda.ResourceNotReadyException",
        "Lambda.SubnetIPAddressLimitReachedException",
        "Lambda.Unknown",
        "Sandbox.Timedout",
        "Runtime.ExitError",
        "Runtime.OutOfMemory",
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
