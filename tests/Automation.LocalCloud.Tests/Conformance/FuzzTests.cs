using System.Diagnostics.CodeAnalysis;
using System.Text;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Wire;
using Automation.Models.Official;
using Xunit;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>
/// Requests with AWS's own input structures and values that no client should send. Every response is an error of the service,
/// never a fault of the embedded cloud. The requests are seeded, so a failure names its request and can be repeated.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "Repeatable requests, no secrets")]
public sealed class FuzzTests : IDisposable
{
    private const int RequestsPerOperation = 60;

    private static readonly string[] Texts =
    [
        "", "a", "app", "team/app", "latest", "1.0.0", "default", "\0", "a\0b", "é💥", "\u0085", "<a>&", "null", "true", "-1", "1e400", "{}", "[]", "{", "\"",
        """{"a":1,"a":2}""", """{"default":"a","default":"b"}""", """{"Version":"2012-10-17","Version":"2008-10-17","Statement":[]}""",
        """{"deadLetterTargetArn":"a","deadLetterTargetArn":"b"}""", """{"Resources":{"A":{"Type":"AWS::SNS::Topic"},"A":{"Type":"AWS::SNS::Topic"}}}""",
        """{"a":"\ud800"}""", """{"StartAt":"A","StartAt":"B","States":{}}""", "a: &x [*x]", "a: 1\na: 2", "? [b]\n: c", "{{resolve:ssm:x}}",
        "rate(5 minutes)", "rate(0 minutes)", "cron(0 0 31 2 ? *)", "at(2026-02-30T00:00:00)", "2026-01-05T08:00:00Z", "us-east-1", "*", "%", "../..", "$.x",
        "$[", "~!@#", "%zz", "eyJ0YXNrSWQiOm51bGx9", "::ffff:1.2.3.4/999", "/a//b", "name:label:x",
        """{"a":[{"numeric":[">",1e400]}]}""", """{"a":[{"cidr":"::/129"}]}""", """{"a":[{"anything-but":{"prefix":[null]}}]}""", """{"$or":[{"a":[1e-400]},{"$or":1}]}""",
        """{"Resources":{"A":{"Type":"AWS::SSM::Parameter","Properties":{"Type":"String","Value":{"Fn::Cidr":["10.0.0.0/8","999999999999",99]}}}}}""",
        """{"Resources":{"A":{"Type":"AWS::ECR::ReplicationConfiguration","Properties":{"ReplicationConfiguration":{"Rules":[null,1]}}}}}""",
        """{"Resources":{"A":{"Type":"AWS::Lambda::Function","Properties":{"Code":[]}},"B":{"Type":"AWS::Scheduler::Schedule","Properties":{"Target":1}}}}""",
        "arn:aws:sns:us-east-1:123456789012:topic", "arn:aws:sqs:us-east-1:123456789012:queue", "http://127.0.0.1/123456789012/queue",
        "arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:states:us-east-1:123456789012:stateMachine:m",
        "arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/app", "arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/1",
        "arn:aws:iam::123456789012:role/r", "arn:", "::::::",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", new string('[', 5000), new string('x', 70_000),
        string.Concat(Enumerable.Repeat("{\"a\":", 100)),
    ];

    private readonly Cloud _cloud = new(new CloudOptions(), new InProcessFunctionHost());

    public static TheoryData<string> Services =>
    [
        "apprunner", "batch", "cloudformation", "codebuild", "ec2", "ecr", "ecs", "events", "iam", "imagebuilder", "inspector2", "kms", "lambda", "logs", "monitoring", "s3",
        "sagemaker", "scheduler",
        "servicequotas", "signer", "sns", "sqs", "ssm", "states", "sts",
    ];

    /// <summary>These services have few operations, most of which only read resources of stacks.</summary>
    private static readonly string[] Small = ["apprunner", "batch", "codebuild", "iam", "inspector2", "kms", "sagemaker", "servicequotas", "signer"];

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [MemberData(nameof(Services))]
    public async Task StrangeRequests_GetResponsesOfTheService(string service)
    {
        var model = OfficialModel.Find(service);
        Assert.SkipWhen(model is null, OfficialModel.HowToFetch);
        Prepare();
        var random = new Random(service.Length * 1000 + service[0]);
        var faults = new List<string>();
        var (accepted, refused) = (0, 0);
        foreach (var (name, operation) in model.Operations.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            for (var i = 0; i < RequestsPerOperation; i++)
            {
                var request = new RequestMaker(service, model, random, Texts).Make(name, operation);
                var answer = _cloud.Handle(request);
                var body = Encoding.UTF8.GetString(answer.Body.Span);
                if (body.Contains("does not serve", StringComparison.Ordinal))
                {
                    break;
                }

                accepted += answer.Status < 400 ? 1 : 0;
                refused += answer.Status is >= 400 and < 500 ? 1 : 0;
                if (answer.Status >= 500 && body.Contains("The embedded cloud failed", StringComparison.Ordinal))
                {
                    faults.Add($"{name}: {body[..Math.Min(body.Length, 300)]}\n  {request.Method} {request.Path}?{request.Query} {Short(request.BodyText)}");
                    break;
                }
            }
        }

        // An accepted request must not fail later either. A fault of a timer surfaces here.
        await _cloud.AdvanceAsync(TimeSpan.FromHours(2), TestContext.Current.CancellationToken);

        Assert.True(faults.Count == 0, string.Join('\n', faults));

        // If all requests were refused at once, this would prove little.
        Assert.True(accepted >= (Small.Contains(service) ? 0 : 5) && refused >= 50, $"{accepted} accepted, {refused} refused");
    }

    private static string Short(string text) => text.Length <= 600 ? text : text[..600] + "…";

    private void Prepare()
    {
        Send("sns", "Action=CreateTopic&Name=topic");
        foreach (var (target, body) in new[] { ("AmazonSQS.CreateQueue", """{"QueueName":"queue"}"""),
            ("AmazonEC2ContainerRegistry_V20150921.CreateRepository", """{"repositoryName":"app"}""") })
        {
            _cloud.Handle(new WireRequest(
                "POST", "/", "", new Dictionary<string, string> { ["x-amz-target"] = target, ["host"] = "127.0.0.1" }, Encoding.UTF8.GetBytes(body))
            {
                Scope = new CredentialScope("AKIDTEST", "us-east-1", target[..9] == "AmazonSQS" ? "sqs" : "ecr"),
            });
        }
    }

    private void Send(string service, string form) => _cloud.Handle(
        new WireRequest(
            "POST", "/", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(form))
        { Scope = new CredentialScope("AKIDTEST", "us-east-1", service) });
}
