using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.SQS;
using Amazon.CDK.AWS.StepFunctions;
using Automation.Core.Workflow;

namespace Automation.Infra;

/// <summary>
/// The accepted findings of cdk-nag's AwsSolutions pack. Each has its reason in the metadata that cdk-nag reads:
/// <code>
/// "Metadata": { "cdk_nag": { "rules_to_suppress": [ { "id": "AwsSolutions-IAM5", "reason": "…", "applies_to": [ "Resource::*" ] } ] } }
/// </code>
/// A wildcard that is not listed here stays a finding and fails the build (tests/CdkNag).
/// https://github.com/cdklabs/cdk-nag
/// </summary>
internal static class AcceptedFindings
{
    private const string Wildcards = "AwsSolutions-IAM5";

    private static readonly Finding NoResourceType = new(
        Wildcards,
        "The actions of this statement have no resource type in the Service Authorization Reference; AuthorizationTests checks every statement against it.",
        "Resource::*");

    private static readonly Finding KeyOfTheTopics = new(
        Wildcards, "AWS documents this action for publishers to an encrypted topic. The statement is limited to the topics' key and to use through SNS.",
        "Action::kms:GenerateDataKey*");

    private static readonly Finding OwnExecutions = new(
        Wildcards, "Executions of this stack's state machines; their names are made at run time.",
        Matching(@"^Resource::arn:<AWS::Partition>:states:.*:execution:.*:\*$"));

    private static readonly Finding[] OfFunctions =
    [
        NoResourceType,
        OwnExecutions,
        new(Wildcards,
            "Versions of the catalog's recipes and builds. Synth knows neither their numbers nor the names of an adopted pipeline's recipe and distribution.",
            Matching(@"^Resource::arn:<AWS::Partition>:imagebuilder:.*:<AWS::AccountId>:(image|container-recipe|distribution-configuration)\/(.*\/)?\*$")),
        new(Wildcards, "An adopted pipeline may use a base image from any repository of the account, in any Region.",
            Matching(@"^Resource::arn:<AWS::Partition>:ecr:\*:<AWS::AccountId>:repository\/\*$")),
        new(Wildcards, "Any cluster, function, rule or schedule of the account may use an image: these statements only read.",
            Matching(
                @"^Resource::arn:<AWS::Partition>:(ecs|lambda|events|scheduler|sagemaker|codebuild|apprunner):\*:<AWS::AccountId>:(container-instance|task|service|service-revision|function|rule|schedule|model|project)[\/:]\*$")),
    ];

    private static readonly Finding[] OfGates =
    [
        .. OfFunctions,
        new(Wildcards, "Any signing job of AWS Signer may have made the signature of an image: this statement only reads whether it was revoked.",
            Matching(@"^Resource::arn:aws[a-z-]*:signer:[a-z0-9-]+:\*:\/signing-jobs\/\*$")),
    ];

    private static readonly Finding[] OfMachines = [NoResourceType, KeyOfTheTopics, OwnExecutions];

    private static readonly Finding[] OfBuildInstances =
    [
        NoResourceType,
        new(Wildcards, "Versions of the catalog's recipes, of the components that it names, and of Amazon's own components; synth does not know their numbers.",
            Matching(@"^Resource::arn:.*:imagebuilder:.*:(container-recipe|component)\/(.*\/)?\*$")),
        new(Wildcards, "The tools that Image Builder runs in a build are in the service's buckets, which have a suffix for each Region.",
            "Resource::arn:<AWS::Partition>:s3:::ec2imagebuilder*"),
        new(Wildcards, "Log groups of Image Builder, one for each image.",
            "Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/imagebuilder/*"),
        new(Wildcards, "A component may be encrypted with any key of the account; the condition allows only decryption by Image Builder.",
            "Resource::arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/*"),
        new(Wildcards, "Keys below this stack's prefix in the bucket that the catalog names for logs.",
            Matching(@"^Resource::arn:<AWS::Partition>:s3:::[^*]*\/[^*]*\/\*$")),
    ];

    private static readonly Finding[] OfRoles =
    [
        new("AwsSolutions-IAM4",
            "AWS maintains the permissions of its agent, and most of them have no resource types. A Deny in the role excludes the account's parameters.",
            "Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore"),
        new("AwsSolutions-IAM4", "The actions that a function in a VPC needs for its network interfaces have no resource types.",
            "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"),
    ];

    private static readonly Finding[] OfStateMachines =
    [
        new("AwsSolutions-SF1",
            "Errors are logged, and Step Functions keeps the history of an execution for 90 days. Logging every event would cost more than the executions."),
    ];

    private static readonly Finding[] OfQueues =
    [
        new("AwsSolutions-SQS3", "This queue is the dead-letter queue of all other resources; an alarm watches it, and a redrive empties it."),
    ];

    /// <summary>Adds the reasons to every resource of the stack that has such a finding.</summary>
    public static void Write(Stack stack)
    {
        foreach (var resource in stack.Node.FindAll().OfType<CfnResource>())
        {
            var accepted = resource switch
            {
                CfnManagedPolicy or CfnPolicy when In(FunctionNames.CheckScan) => OfGates,
                CfnManagedPolicy => OfFunctions,
                CfnPolicy when In("Functions") => OfFunctions,
                CfnPolicy when In("InstanceRole") => OfBuildInstances,
                CfnPolicy => OfMachines,
                CfnRole when In("InstanceRole") || In("Functions") => OfRoles,
                CfnStateMachine => OfStateMachines,
                CfnQueue => OfQueues,
                _ => [],
            };
            if (accepted.Length > 0)
            {
                resource.AddMetadata(
                    "cdk_nag", new Dictionary<string, object> { ["rules_to_suppress"] = accepted.Select(finding => finding.ToMetadata()).ToArray() });
            }

            bool In(string part) => resource.Node.Path.Contains($"/{part}/", StringComparison.Ordinal);
        }
    }

    private static Dictionary<string, object> Matching(string pattern) => new() { ["regex"] = $"/{pattern}/" };

    /// <param name="AppliesTo">The findings of a rule that reports several: exact texts, or patterns created by <see cref="Matching"/>.</param>
    private sealed record Finding(string Id, string Reason, params object[] AppliesTo)
    {
        public Dictionary<string, object> ToMetadata() => AppliesTo.Length == 0
            ? new() { ["id"] = Id, ["reason"] = Reason }
            : new() { ["id"] = Id, ["reason"] = Reason, ["applies_to"] = AppliesTo };
    }
}
