using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The errors of states whose service refuses a call. Names are those of the Java SDK's exceptions after the service's name: a code that the service's
/// model has becomes an exception of its own, each other one the service's general exception.
/// </summary>
internal static class ServiceFaults
{
    private static readonly HashSet<string> QueueExceptions =
    [
        "BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest", "InvalidAttributeName", "InvalidBatchEntryId", "InvalidIdFormat",
        "InvalidMessageContents", "MessageNotInflight", "OverLimit", "PurgeQueueInProgress", "QueueDeletedRecently", "QueueDoesNotExist",
        "QueueNameExists", "ReceiptHandleIsInvalid", "TooManyEntriesInBatchRequest", "UnsupportedOperation",
    ];

    /// <param name="request">The identifier of the request.</param>
    public static StateException Of(TaskTarget target, AwsException error, Guid request)
    {
        // Optimised integrations use version 1 of the SDK, the others version 2.
        var (service, client, general) = target.Kind switch
        {
            TaskKind.SnsPublish => ("SNS", "AmazonSNS", "AmazonSNSException"),
            TaskKind.SqsSendMessage => ("SQS", "AmazonSQS", "AmazonSQSException"),
            TaskKind.SqsSdk => ("Sqs", "Sqs", "SqsException"),
            TaskKind.EventsPutEvents => ("EventBridge", "AmazonEventBridge", "AmazonEventBridgeException"),
            TaskKind.StartExecution => ("StepFunctions", "AWSStepFunctions", "AWSStepFunctionsException"),
            _ => ("Lambda", "AWSLambda", "AWSLambdaException"),
        };
        var cause = target.Kind == TaskKind.SqsSdk
            ? $"{error.Message} (Service: {client}, Status Code: {error.Status}, Request ID: {request})"
            : $"{error.Message} (Service: {client}; Status Code: {error.Status}; Error Code: {error.Code}; Request ID: {request}; Proxy: null)";
        var code = error.Code[(error.Code.LastIndexOf('.') + 1)..];
        if (code == "AccessDeniedException")
        {
            return service == "Lambda"
                ? new StateException("Lambda.AWSLambdaException", cause, StateException.Permissions)
                : new StateException(StateException.Permissions, cause);
        }

        return new StateException($"{service}.{(IsGeneral(service, code) ? general : Name(code))}", cause);
    }

    /// <summary>A queue's URL that names no host cannot be called at all.</summary>
    public static StateException NoHost(string url) =>
        new("SQS.SdkClientException", $"Unable to execute HTTP request: {url}: Name or service not known");

    private static string Name(string code) =>
        code == "NonExistentQueue" ? "QueueDoesNotExistException"
        : code.EndsWith("Exception", StringComparison.Ordinal) ? code
        : code + "Exception";

    private static bool IsGeneral(string service, string code) => service switch
    {
        "SQS" or "Sqs" => code != "NonExistentQueue" && !QueueExceptions.Contains(code),
        "SNS" => code is "ValidationError" or "MissingParameter" or "InvalidAction" or "InvalidClientTokenId" or "MalformedQueryString",
        _ => code is "ValidationException" or "UnrecognizedClientException",
    };
}
