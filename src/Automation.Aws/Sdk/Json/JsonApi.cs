namespace Automation.Aws.Sdk.Json;

/// <summary>The wire protocol of a JSON service that has no package here. A service with a <paramref name="TargetPrefix"/> takes every call as
/// <c>POST /</c> with <c>X-Amz-Target</c> (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html); others are REST.</summary>
/// <param name="ServiceId">As in the service's model; the variable <c>AWS_ENDPOINT_URL_…</c> carries it.</param>
/// <param name="Signing">The name in signatures.</param>
/// <param name="Host">The first label of the host's name.</param>
public sealed record JsonApi(string ServiceId, string Signing, string Host, string? TargetPrefix = null, string ContentType = "application/x-amz-json-1.1")
{
    public static JsonApi Ecs { get; } = new("ECS", "ecs", "ecs", "AmazonEC2ContainerServiceV20141113");

    public static JsonApi Lambda { get; } = new("Lambda", "lambda", "lambda");

    public static JsonApi EventBridge { get; } = new("EventBridge", "events", "events", "AWSEvents");

    public static JsonApi Scheduler { get; } = new("Scheduler", "scheduler", "scheduler");

    public static JsonApi Inspector { get; } = new("Inspector2", "inspector2", "inspector2");

    /// <summary>The part of AWS Signer that verifiers call. https://docs.aws.amazon.com/signer/latest/api/API_GetRevocationStatus.html</summary>
    public static JsonApi SignerData { get; } = new("Signer Data", "signer", "data-signer");

    public static JsonApi Batch { get; } = new("Batch", "batch", "batch");

    public static JsonApi SageMaker { get; } = new("SageMaker", "sagemaker", "api.sagemaker", "SageMaker");

    public static JsonApi CodeBuild { get; } = new("CodeBuild", "codebuild", "codebuild", "CodeBuild_20161006");

    public static JsonApi AppRunner { get; } = new("AppRunner", "apprunner", "apprunner", "AppRunner", "application/x-amz-json-1.0");
}
