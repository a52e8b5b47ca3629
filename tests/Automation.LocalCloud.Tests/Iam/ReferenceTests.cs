using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Sqs;
using Automation.LocalCloud.StepFunctions;
using Automation.LocalCloud.Wire;
using Automation.ServiceAuthorization;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>
/// Compares the permissions that the embedded cloud requires with AWS's Service Authorization Reference: the action of the operation, on a resource
/// type that the action has, with its dependent actions. Operations with unknown permissions are refused to every role, so they are not here.
/// </summary>
public sealed class ReferenceTests
{
    private const string Account = "123456789012";

    private static readonly CallContext Context = new("us-east-1", Account, "AKID");

    /// <summary>Operations with a differently named action. Batches need the action of their entries.</summary>
    private static readonly Dictionary<string, string> Renamed = new()
    {
        ["lambda:Invoke"] = "lambda:InvokeFunction",
        ["sns:PublishBatch"] = "sns:Publish",
        ["sqs:SendMessageBatch"] = "sqs:SendMessage",
        ["sqs:DeleteMessageBatch"] = "sqs:DeleteMessage",
        ["sqs:ChangeMessageVisibilityBatch"] = "sqs:ChangeMessageVisibility",
    };

    /// <summary>Dependent actions in the reference that no call here can need, with the reason.</summary>
    private static readonly Dictionary<string, string> NeverNeeded = new()
    {
        ["kms:Decrypt"] = "components are not encrypted here",
        ["lambda:ListTags"] = "without it GetFunction leaves the tags out",
        ["iam:PassRole"] = "topics have no roles for delivery status here",
    };

    /// <summary>Requirements in addition to the operation's action that no page lists as dependent actions, with the page that documents them.</summary>
    private static readonly Dictionary<string, string[]> Besides = new()
    {
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
        ["ecr:DescribeImageScanFindings"] = ["inspector2:ListFindings", "inspector2:ListCoverage"],
    };

    /// <summary>Every member that determines the resource of an operation, with an ARN or name.</summary>
    private static readonly JsonObject Input = new()
    {
        ["imageBuildVersionArn"] = ImageBuilder("image/app/1.0.0/1"),
        ["imageVersionArn"] = ImageBuilder("image/app/1.0.0"),
        ["imagePipelineArn"] = ImageBuilder("image-pipeline/app"),
        ["containerRecipeArn"] = ImageBuilder("container-recipe/app/1.0.0"),
        ["imageRecipeArn"] = ImageBuilder("image-recipe/app/1.0.0"),
        ["componentBuildVersionArn"] = ImageBuilder("component/app/1.0.0/1"),
        ["componentVersionArn"] = ImageBuilder("component/app/1.0.0"),
        ["distributionConfigurationArn"] = ImageBuilder("distribution-configuration/app"),
        ["infrastructureConfigurationArn"] = ImageBuilder("infrastructure-configuration/app"),
        ["tags"] = new JsonObject { ["a"] = "b" },
        ["repositoryName"] = "images/app",
        ["stateMachineArn"] = $"arn:aws:states:us-east-1:{Account}:stateMachine:flow",
        ["stateMachineAliasArn"] = $"arn:aws:states:us-east-1:{Account}:stateMachine:flow:live",
        ["stateMachineVersionArn"] = $"arn:aws:states:us-east-1:{Account}:stateMachine:flow:1",
        ["executionArn"] = $"arn:aws:states:us-east-1:{Account}:execution:flow:one",
        ["QueueUrl"] = $"https://sqs.us-east-1.amazonaws.com/{Account}/dead",
        ["QueueName"] = "dead",
        ["Rule"] = "nightly",
        ["tasks"] = new JsonArray("one"),
        ["services"] = new JsonArray("web"),
        ["service"] = "web",
        ["serviceRevisionArns"] = new JsonArray($"arn:aws:ecs:us-east-1:{Account}:service-revision/prod/web/1"),
        ["Entries"] = new JsonArray(new JsonObject { ["EventBusName"] = "default" }),
    };

    /// <summary>The resource of a tagging operation; each service has its own member names.</summary>
    private static readonly Dictionary<string, string> Tagged = new()
    {
        ["imagebuilder"] = ImageBuilder("image-pipeline/app"),
        ["ecr"] = $"arn:aws:ecr:us-east-1:{Account}:repository/images/app",
        ["states"] = $"arn:aws:states:us-east-1:{Account}:stateMachine:flow",
        ["sns"] = $"arn:aws:sns:us-east-1:{Account}:news",
        ["lambda"] = $"arn:aws:lambda:us-east-1:{Account}:function:worker",
        ["sts"] = $"arn:aws:iam::{Account}:role/other",
    };

    public static TheoryData<string> Services => ["imagebuilder", "ecr", "states", "sns", "sqs", "events", "lambda", "ecs", "scheduler", "sts"];

    /// <summary>Each service with the operations that a function of the stack or the workflow calls; their permissions must be known.</summary>
    [Theory]
    [MemberData(nameof(Services))]
    public void RequiredPermissions_AreThoseOfTheReference(string service)
    {
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
        var known = 0;
        foreach (var operation in Operations(service))
        {
            if (Needs(cloud, service, operation) is not { Count: > 0 } needs)
            {
                continue;
            }

            known++;
            var name = Renamed.GetValueOrDefault($"{service}:{operation}", $"{service}:{operation}");
            var action = Assert.Single(AuthorizationReference.Instance.Matching(name));
            Assert.All(needs,
                need => Assert.True(IsOnAKnownType(need),
                    $"{service}:{operation} requires {need.Action} on {need.Resource}, which does not match its resource types: {action.Page}"));
            Assert.Equal(
                action.Dependents.Except(NeverNeeded.Keys).Concat(Besides.GetValueOrDefault(name, [])).Append(name).Order(StringComparer.Ordinal),
                needs.Select(need => need.Action).Distinct().Order(StringComparer.Ordinal));
        }

        Assert.True(known > 0, $"The cloud knows no permissions of {service}.");
    }

    // Dependent actions with the same resource type in the reference are on the same resource as the action.
    [Fact]
    public void StartingAPipelineWithTags_RequiresEverythingOnThePipeline()
    {
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());

        var needs = Needs(cloud, "imagebuilder", "StartImagePipelineExecution")!;

        Assert.Equal(
            [
                new Need("iam:CreateServiceLinkedRole",
                    $"arn:aws:iam::{Account}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"),
                .. new[] { "GetImagePipeline", "StartImagePipelineExecution", "TagResource" }
                    .Select(action => new Need($"imagebuilder:{action}", ImageBuilder("image-pipeline/app"))),
            ],
            needs.OrderBy(need => need.Action, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("arn:aws:imagebuilder:us-east-1:123456789012:image/app/*", "imagebuilder:StartImagePipelineExecution", false)]
    [InlineData("arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/app", "imagebuilder:StartImagePipelineExecution", true)]
    [InlineData("*", "imagebuilder:StartImagePipelineExecution", false)]
    [InlineData("*", "imagebuilder:ListContainerRecipes", true)]
    [InlineData("arn:aws:ecr:us-east-1:123456789012:repository/a/b", "ecr:PutImage", true)]
    [InlineData("arn:aws:ecr:us-east-1:123456789012:image/a", "ecr:PutImage", false)]
    public void RequirementOnAnotherType_IsFound(string resource, string action, bool expected) =>
        Assert.Equal(expected, IsOnAKnownType(new Need(action, resource)));

    private static bool IsOnAKnownType(Need need)
    {
        var action = Assert.Single(AuthorizationReference.Instance.Matching(need.Action));
        return action.Formats.Count == 0
            ? need.Resource == "*"
            : need.Resource != "*" && action.Formats.Any(format => AuthorizationReference.Fits(need.Resource, format));
    }

    private static IEnumerable<string> Operations(string service) => AuthorizationReference.Instance.Actions
        .Select(action => action.Name)
        .Where(name => name.StartsWith(service + ":", StringComparison.Ordinal))
        .Select(name => name[(service.Length + 1)..])
        .Concat(Renamed.Keys.Where(name => name.StartsWith(service + ":", StringComparison.Ordinal)).Select(name => name[(service.Length + 1)..]))
        .Except(service == "lambda" ? ["InvokeFunction"] : Array.Empty<string>());

    private static IReadOnlyList<Need>? Needs(Cloud cloud, string service, string operation)
    {
        var input = Input.DeepClone().AsObject();
        if (Tagged.TryGetValue(service, out var arn))
        {
            // ECR takes the repository from the ARN if a request has one, so only tagging requests have one here.
            if (service != "ecr" || operation.Contains("Tag", StringComparison.Ordinal) && !operation.Contains("Image", StringComparison.Ordinal))
            {
                input["resourceArn"] = arn;
            }
        }

        return service switch
        {
            "imagebuilder" => new ImageBuilderPermissions(Account).Of(operation, input),
            "ecr" => EcrPermissions.Of(operation, input, Context, isEnhanced: true),
            "states" => StepFunctionsPermissions.Of(operation, input),
            "sqs" => SqsService.Needs(operation, operation == "ListQueues" ? [] : input, Context),
            "sns" => ((IWireService)cloud.Sns).Needs(operation, Form(operation, HasTopic(operation) ? arn! : null), Context),
            "sts" => ((IWireService)cloud.Tokens)
                .Needs(operation,
                    new WireRequest("POST", "/", "", Headers(), Encoding.UTF8.GetBytes($"Action={operation}&RoleArn={Uri.EscapeDataString(arn!)}")), Context),
            "events" => ((IWireService)cloud.EventBridge)
                .Needs(operation, new WireRequest("POST", "/", "", Headers(), Encoding.UTF8.GetBytes(input.ToJsonString())), Context),
            "ecs" => ((IWireService)cloud.Containers)
                .Needs(operation, new WireRequest("POST", "/", "", Headers(), Encoding.UTF8.GetBytes(input.ToJsonString())), Context),
            "scheduler" =>
                ((IWireService)cloud.Scheduler)
                    .Needs(operation,
                        new WireRequest("GET", operation == "GetSchedule" ? "/schedules/nightly" : "/schedules", "groupName=default", Headers(), default),
                        Context),
            "lambda" => Lambda(cloud, operation),
            _ => throw new ArgumentException($"No requests of {service} are made here.", nameof(service)),
        };
    }

    private static IReadOnlyList<Need>? Lambda(Cloud cloud, string operation)
    {
        var (method, path) = operation switch
        {
            "Invoke" => ("POST", "/2015-03-31/functions/worker/invocations"),
            "GetFunction" => ("GET", "/2015-03-31/functions/worker"),
            "GetFunctionConfiguration" => ("GET", "/2015-03-31/functions/worker/configuration"),
            "GetPolicy" => ("GET", "/2015-03-31/functions/worker/policy"),
            "ListFunctions" => ("GET", "/2015-03-31/functions"),
            "ListTags" => ("GET", $"/2017-03-31/tags/{Uri.EscapeDataString(Tagged["lambda"])}"),
            _ => ("", ""),
        };
        return method.Length == 0 ? null : ((IWireService)cloud.Lambda).Needs(operation, new WireRequest(method, path, "", Headers(), default), Context);
    }

    private static bool HasTopic(string operation) => AuthorizationReference.Instance.Matching($"sns:{operation}") is not [{ Formats.Count: 0 }];

    private static WireRequest Form(string operation, string? topic) => new(
        "POST", "/", "", Headers(),
        Encoding.UTF8.GetBytes(
            topic is null ? $"Action={operation}" : $"Action={operation}&TopicArn={Uri.EscapeDataString(topic)}&ResourceArn={Uri.EscapeDataString(topic)}"));

    private static Dictionary<string, string> Headers() => new(StringComparer.OrdinalIgnoreCase);

    private static string ImageBuilder(string resource) => $"arn:aws:imagebuilder:us-east-1:{Account}:{resource}";
}
