using Automation.Core;

namespace Automation.Infra;

/// <summary>The error names that the workflow matches: class names of Core's exceptions, and the names that Lambda itself reports.</summary>
internal static class ErrorNames
{
    public const string Transient = nameof(TransientException);
    public const string QuotaExceeded = nameof(QuotaExceededException);
    public const string BuildConflict = nameof(BuildConflictException);

    /// <summary>The service integration's name for ExecutionAlreadyExists: the Java SDK's exception behind the service's name.
    /// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html</summary>
    public const string ExecutionExists = "StepFunctions.ExecutionAlreadyExistsException";

    /// <summary>
    /// What Step Functions reports if it could not call a function, or if the function ended without a response. Every step can run
    /// again from its start. Newer runtimes report a function that runs out of memory or time by its own name, others as Lambda.Unknown.
    /// Both kinds of names: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception and
    /// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-names.
    /// Temporary errors of a function that is being updated or has no network interface yet:
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

    /// <summary>Temporary errors of SNS and of the call to it, as Step Functions' service integration names them: the Java SDK's exceptions
    /// after the service's name. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
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
