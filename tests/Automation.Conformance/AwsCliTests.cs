using System.Diagnostics;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;

namespace Automation.Conformance;

/// <summary>
/// AWS's command line against the embedded cloud over a real port: it signs, serialises, pages and prints by its own models. Skipped where <c>aws</c> is
/// not installed (Debian: <c>apt-get install awscli</c>).
/// </summary>
public sealed class AwsCliTests : IDisposable
{
    /// <summary>The first versions of 2024. Older ones know no workflows of Image Builder, and speak SQS's Query protocol, which the cloud does not
    /// serve.</summary>
    private static readonly Dictionary<int, Version> Recent = new() { [1] = new Version(1, 32), [2] = new Version(2, 15) };

    private static readonly string? Aws = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "aws"))
        .FirstOrDefault(File.Exists);

    private readonly string _folder = Directory.CreateTempSubdirectory("automation-aws").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Topics_RulesAndQueues_AreListed()
    {
        await using var host = await StartAsync();
        var topic = Text(await Json(host, "sns", "create-topic", "--name", "t", "--tags", "Key=a,Value=b"), "TopicArn");
        await Json(host, "events", "put-rule", "--name", "r", "--schedule-expression", "rate(1 hour)", "--state", "DISABLED");

        Assert.Equal(topic, Text(Assert.Single((await Json(host, "sns", "list-topics"))["Topics"]!.AsArray())!, "TopicArn"));
        Assert.Equal("b", Text((await Json(host, "sns", "list-tags-for-resource", "--resource-arn", topic))["Tags"]![0]!, "Value"));
        Assert.Equal("DISABLED", Text(await Json(host, "events", "describe-rule", "--name", "r"), "State"));
        Assert.Contains("ResourceNotFoundException", await Refused(host, "events", "describe-rule", "--name", "none"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ImageBuilder_IsDescribedBuiltAndPaused(bool pauses)
    {
        await using var host = await StartAsync();
        Assert.SkipUnless(!pauses || await IsRecentAsync(), "this version of aws knows no workflows");
        await Json(host, "ecr", "create-repository", "--repository-name", "app");
        var infrastructure = Text(
            await Json(host, "imagebuilder", "create-infrastructure-configuration", "--name", "infra", "--instance-profile-name", "builder"),
            "infrastructureConfigurationArn");
        var recipe = Text(
            await Json(host, "imagebuilder", "create-container-recipe", "--name", "app", "--semantic-version", "1.0.0", "--container-type", "DOCKER",
                "--parent-image", "debian:12", "--target-repository", "service=ECR,repositoryName=app",
                "--components", "componentArn=arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x",
                "--dockerfile-template-data", "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}"),
            "containerRecipeArn");
        string[] workflows = pauses ? ["--workflows", $"workflowArn={await WorkflowAsync(host)}"] : [];
        var pipeline = Text(
            await Json(host, ["imagebuilder", "create-image-pipeline", "--name", "app", "--container-recipe-arn", recipe,
                "--infrastructure-configuration-arn", infrastructure, .. workflows]),
            "imagePipelineArn");
        var image = Text(await Json(host, "imagebuilder", "start-image-pipeline-execution", "--image-pipeline-arn", pipeline), "imageBuildVersionArn");

        if (pauses)
        {
            await ResumeAsync(host, image);
        }

        var built = await Until(
            host, answer => Text(answer["image"]!["state"]!, "status") == "AVAILABLE", "imagebuilder", "get-image", "--image-build-version-arn", image);

        Assert.Equal(
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1.0.0-1",
            (string?)built["image"]!["outputResources"]!["containers"]![0]!["imageUris"]![0]);
        var tag = await Output(host, "ecr", "list-images", "--repository-name", "app", "--query", "imageIds[0].imageTag", "--output", "text");
        Assert.Equal("1.0.0-1", tag.Trim());
        Assert.True((await Json(host, "imagebuilder", "list-components", "--owner", "Amazon"))["componentVersionList"]!.AsArray().Count >= 25);
        var none = recipe.Replace("/app/", "/none/", StringComparison.Ordinal);
        Assert.Contains(
            "ResourceNotFoundException", await Refused(host, "imagebuilder", "get-container-recipe", "--container-recipe-arn", none),
            StringComparison.Ordinal);
    }

    private async Task<string> WorkflowAsync(CloudHost host) => Text(
        await Json(host, "imagebuilder", "create-workflow", "--name", "approve", "--semantic-version", "1.0.0", "--type", "TEST",
            "--data", "schemaVersion: 1.0\nsteps: [ { name: Approve, action: WaitForAction } ]"),
        "workflowBuildVersionArn");

    private async Task ResumeAsync(CloudHost host, string image)
    {
        var waiting = await Until(host, answer => answer["steps"] is JsonArray { Count: 1 }, "imagebuilder", "list-waiting-workflow-steps");
        await Json(host, "imagebuilder", "send-workflow-step-action", "--step-execution-id", Text(waiting["steps"]![0]!, "stepExecutionId"),
            "--image-build-version-arn", image, "--action", "RESUME");
        var executions = await Json(host, "imagebuilder", "list-workflow-executions", "--image-build-version-arn", image);
        Assert.Equal(["BUILD", "TEST"], executions["workflowExecutions"]!.AsArray().Select(run => Text(run!, "type")).Take(2));
    }

    [Fact]
    public async Task StepFunctions_RunAWorkflowAndShowItsHistory()
    {
        await using var host = await StartAsync();
        var machine = Text(
            await Json(host, "stepfunctions", "create-state-machine", "--name", "m", "--role-arn", "arn:aws:iam::123456789012:role/r",
                "--definition", """{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 1)"},"End":true}}}"""),
            "stateMachineArn");
        var execution = Text(await Json(host, "stepfunctions", "start-execution", "--state-machine-arn", machine, "--input", """{"n":1}"""), "executionArn");
        var ended = await Until(host, answer => Text(answer, "status") != "RUNNING", "stepfunctions", "describe-execution", "--execution-arn", execution);

        Assert.Equal("""{"n":2}""", Text(ended, "output"));
        Assert.Equal(4, (await Json(host, "stepfunctions", "get-execution-history", "--execution-arn", execution))["events"]!.AsArray().Count);
        Assert.Contains(
            "was expecting double-quote", await Refused(host, "stepfunctions", "start-execution", "--state-machine-arn", machine, "--input", "{n:1}"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task MessagesAndEvents_ArriveInAQueue()
    {
        await using var host = await StartAsync();
        Assert.SkipUnless(await IsRecentAsync(), "this version of aws speaks the Query protocol of SQS");
        var queue = Text(await Json(host, "sqs", "create-queue", "--queue-name", "q"), "QueueUrl");
        const string Arn = "arn:aws:sqs:us-east-1:123456789012:q";
        var policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}""";
        await Output(host, "sqs", "set-queue-attributes", "--queue-url", queue, "--attributes", new JsonObject { ["Policy"] = policy }.ToJsonString());
        var topic = Text(await Json(host, "sns", "create-topic", "--name", "t"), "TopicArn");
        await Json(
            host, "sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", Arn, "--attributes", "RawMessageDelivery=true");
        await Json(host, "events", "put-rule", "--name", "r", "--event-pattern", """{"source":["demo"]}""");
        await Json(host, "events", "put-targets", "--rule", "r", "--targets", $"Id=q,Arn={Arn},InputPath=$.detail");

        await Json(host, "sns", "publish", "--topic-arn", topic, "--message", "hello");
        await Json(host, "events", "put-events", "--entries", """[{"Source":"demo","DetailType":"d","Detail":"{\"n\":1}"}]""");

        var bodies = new List<string>();
        for (var i = 0; i < 5 && bodies.Count < 2; i++)
        {
            var answer = await Output(host, "sqs", "receive-message", "--queue-url", queue, "--wait-time-seconds", "2", "--max-number-of-messages", "10");
            var messages = string.IsNullOrWhiteSpace(answer) ? [] : JsonNode.Parse(answer)!["Messages"]!.AsArray();
            bodies.AddRange(messages.Select(message => (string)message!["Body"]!));
        }

        Assert.Equal(["hello", """{"n":1}"""], bodies.Order(StringComparer.Ordinal));
        Assert.Contains("NonExistentQueue", await Refused(host, "sqs", "get-queue-url", "--queue-name", "none"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stack_IsCreatedAndItsResourcesAreThere()
    {
        await using var host = await StartAsync();
        var template = Path.Combine(_folder, "stack.yaml");
        await File.WriteAllTextAsync(
            template,
            """
            Resources:
              Bucket: { Type: AWS::S3::Bucket, Properties: { BucketName: files } }
              Value: { Type: AWS::SSM::Parameter, Properties: { Name: /app/value, Type: String, Value: !Ref Bucket } }
              Group: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /app/log, RetentionInDays: 7 } }
            """,
            TestContext.Current.CancellationToken);
        await Json(host, "cloudformation", "create-stack", "--stack-name", "s", "--template-body", $"file://{template}");
        await Output(host, "cloudformation", "wait", "stack-create-complete", "--stack-name", "s");
        var file = Path.Combine(_folder, "a.txt");
        await File.WriteAllTextAsync(file, "content", TestContext.Current.CancellationToken);
        await Output(host, "s3", "cp", file, "s3://files/dir/a.txt");

        Assert.EndsWith("dir/a.txt", (await Output(host, "s3", "ls", "s3://files", "--recursive")).Trim(), StringComparison.Ordinal);
        Assert.Equal("content", await Output(host, "s3", "cp", "s3://files/dir/a.txt", "-"));
        Assert.Equal("files", Text((await Json(host, "ssm", "get-parameter", "--name", "/app/value"))["Parameter"]!, "Value"));
        Assert.Equal(7, (int)(await Json(host, "logs", "describe-log-groups", "--log-group-name-prefix", "/app"))["logGroups"]![0]!["retentionInDays"]!);
        Assert.Contains("does not exist", await Refused(host, "cloudformation", "describe-stacks", "--stack-name", "none"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SchedulesRolesAndFunctions_AreDescribed()
    {
        await using var host = await StartAsync();
        const string Role = "arn:aws:iam::123456789012:role/r";
        var template = Path.Combine(_folder, "role.yaml");
        await File.WriteAllTextAsync(
            template,
            """
            Resources:
              Role:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: r
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement: [ { Effect: Allow, Principal: { AWS: "123456789012" }, Action: "sts:AssumeRole" } ]
            """,
            TestContext.Current.CancellationToken);
        await Output(host, "cloudformation", "deploy", "--stack-name", "role", "--template-file", template, "--capabilities", "CAPABILITY_NAMED_IAM");
        await Json(
            host, "scheduler", "create-schedule", "--name", "daily", "--schedule-expression", "cron(0 9 * * ? *)",
            "--schedule-expression-timezone", "Europe/Berlin", "--flexible-time-window", "Mode=OFF",
            "--target", $"Arn=arn:aws:sqs:us-east-1:123456789012:q,RoleArn={Role}");

        Assert.Equal("Europe/Berlin", Text(await Json(host, "scheduler", "get-schedule", "--name", "daily"), "ScheduleExpressionTimezone"));
        Assert.Equal("123456789012", (await Output(host, "sts", "get-caller-identity", "--query", "Account", "--output", "text")).Trim());
        Assert.Equal("arn:aws:sts::123456789012:assumed-role/r/me",
            Text((await Json(host, "sts", "assume-role", "--role-arn", Role, "--role-session-name", "me"))["AssumedRoleUser"]!, "Arn"));
        Assert.Empty((await Json(host, "lambda", "list-functions"))["Functions"]!.AsArray());
        Assert.Contains(
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:none",
            await Refused(host, "lambda", "get-function", "--function-name", "none"), StringComparison.Ordinal);
    }

    private static async Task<CloudHost> StartAsync()
    {
        Assert.SkipWhen(Aws is null, "aws is not installed");
        return await CloudHost.StartAsync(new CloudHostOptions(), TestContext.Current.CancellationToken);
    }

    /// <summary><c>aws-cli/2.15.0 Python/3.11.6 …</c></summary>
    private static async Task<bool> IsRecentAsync()
    {
        using var process = Process.Start(new ProcessStartInfo(Aws!, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return Version.TryParse(text.Split(' ')[0].Split('/')[^1], out var version) && Recent.TryGetValue(version.Major, out var first) && version >= first;
    }

    private static string Text(JsonNode answer, string member) => (string)answer[member]!;

    private async Task<JsonNode> Json(CloudHost host, params string[] arguments)
    {
        var output = await Output(host, [.. arguments, "--output", "json"]);
        return string.IsNullOrWhiteSpace(output) ? new JsonObject() : JsonNode.Parse(output)!;
    }

    /// <summary>Repeats a command until its answer fits; the command itself takes the time in between.</summary>
    private async Task<JsonNode> Until(CloudHost host, Func<JsonNode, bool> fits, params string[] arguments)
    {
        for (var i = 0; ; i++)
        {
            var answer = await Json(host, arguments);
            if (fits(answer))
            {
                return answer;
            }

            Assert.True(i < 60, answer.ToJsonString());
        }
    }

    private async Task<string> Output(CloudHost host, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(host, arguments);
        Assert.True(code == 0, $"aws {string.Join(' ', arguments)} ended with {code}: {errors}");
        return output;
    }

    private async Task<string> Refused(CloudHost host, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(host, arguments);
        Assert.True(code != 0, $"aws {string.Join(' ', arguments)} was accepted: {output}");
        return errors;
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(CloudHost host, string[] arguments)
    {
        var start = new ProcessStartInfo(Aws!, [.. arguments, "--endpoint-url", host.Endpoint.ToString().TrimEnd('/')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        foreach (var (name, value) in new[]
        {
            ("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "AKIDLOCAL"), ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_PAGER", ""), ("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", _folder),
        })
        {
            start.Environment[name] = value;
        }

        var token = TestContext.Current.CancellationToken;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        return (process.ExitCode, await output, await errors);
    }
}
