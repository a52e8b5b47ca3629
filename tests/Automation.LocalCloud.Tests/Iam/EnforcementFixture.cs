using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>A deployed stack with a function and its role, a topic and a queue, and calls with the role's permissions.</summary>
public abstract class EnforcementFixture : IDisposable
{
    protected const string Function = "arn:aws:lambda:us-east-1:123456789012:function:worker";
    protected const string Topic = "arn:aws:sns:us-east-1:123456789012:news";
    protected const string Queue = "arn:aws:sqs:us-east-1:123456789012:dead";
    protected const string ServiceLinkedRole = "arn:aws:iam::123456789012:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder";

    private readonly List<JournalEntry> _journal = [];

    protected EnforcementFixture() => Cloud.Journal.Written += _journal.Add;

    internal Cloud Cloud { get; } = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();

    protected IReadOnlyList<JournalEntry> Journal => _journal;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Cloud.Dispose();
        }
    }

    private protected string TheRole => Cloud.Stacks.All.Single().Resources.Single(resource => resource.LogicalId == "Role").PhysicalId;

    /// <summary>A function with a role, a topic and a queue; a second deployment updates the stack.</summary>
    private protected void Deploy(params string[] statements)
    {
        var resources = new JsonObject
        {
            ["Role"] = Role("lambda.amazonaws.com", []),
            ["Topic"] = new JsonObject { ["Type"] = "AWS::SNS::Topic", ["Properties"] = new JsonObject { ["TopicName"] = "news" } },
            ["Queue"] = new JsonObject { ["Type"] = "AWS::SQS::Queue", ["Properties"] = new JsonObject { ["QueueName"] = "dead" } },
        };
        if (statements.Length > 0)
        {
            resources["Policy"] = new JsonObject
            {
                ["Type"] = "AWS::IAM::Policy",
                ["Properties"] = new JsonObject
                {
                    ["PolicyName"] = "p",
                    ["Roles"] = new JsonArray(new JsonObject { ["Ref"] = "Role" }),
                    ["PolicyDocument"] = new JsonObject { ["Statement"] = new JsonArray([.. statements.Select(each => JsonNode.Parse(each))]) },
                },
            };
        }

        var source = new StackSource("S", new JsonObject { ["Resources"] = resources }.ToJsonString());
        var stack = Cloud.Run(() => Cloud.Stacks.All.Count == 0 ? Cloud.Stacks.Create(source) : Cloud.Stacks.Update(source));
        PutFunction(stack.Resources.Single(resource => resource.LogicalId == "Role").Attributes["Arn"]);
    }

    private protected void PutFunction(string role) => Cloud.Run(() => Cloud.Lambda.Put(new FunctionConfiguration(
        "worker", Function, "us-east-1", null, "worker", "provided.al2023", ["x86_64"], new Dictionary<string, string>(), TimeSpan.FromSeconds(3), 128,
        role, null)));

    private protected static JsonObject Role(string service, JsonArray managed) => new()
    {
        ["Type"] = "AWS::IAM::Role",
        ["Properties"] = new JsonObject
        {
            ["AssumeRolePolicyDocument"] = new JsonObject
            {
                ["Statement"] = new JsonArray(
                    new JsonObject { ["Effect"] = "Allow", ["Action"] = "sts:AssumeRole", ["Principal"] = new JsonObject { ["Service"] = service } }),
            },
            ["ManagedPolicyArns"] = managed,
        },
    };

    private protected (int Status, string Code, string Message) Ecr(string operation, string? repository, string? accessKey = null)
    {
        var input = new JsonObject();
        if (repository is not null)
        {
            input["repositoryName"] = repository;
        }

        if (operation is "PutImage")
        {
            input["imageManifest"] = "{}";
        }

        if (operation is "BatchGetImage")
        {
            input["imageIds"] = new JsonArray(new JsonObject { ["imageTag"] = "t" });
        }

        var answer = Send("ecr", "POST", "/", "", $"AmazonEC2ContainerRegistry_V20150921.{operation}", input.ToJsonString(), accessKey);
        var body = JsonNode.Parse(answer.Body.Span)!;
        return (answer.Status, body["__type"]?.ToString() ?? "", body["message"]?.ToString() ?? "");
    }

    private protected WireResponse Send(string service, string method, string path, string query, string? target, string body, string? accessKey = null)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (target is not null)
        {
            headers["x-amz-target"] = target;
        }

        return Cloud.Handle(new WireRequest(method, path, query, headers, Encoding.UTF8.GetBytes(body))
        {
            Scope = new CredentialScope(accessKey ?? Common.AccessKey.Of(Function), "us-east-1", service),
        });
    }

    private protected static string Text(WireResponse response) => Encoding.UTF8.GetString(response.Body.Span);
}
