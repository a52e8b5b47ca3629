using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Automation.Local.Tests;

/// <summary>
/// Runs <c>automation cloud --state</c> as a process, kills it during releases, and starts a second one on its folder. The function
/// is a shell script with curl.
/// </summary>
[Trait("Category", "Slow")]
public sealed class KilledCloudTests : IDisposable
{
    private const string Role = "arn:aws:iam::123456789012:role/any";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("automation-killed-");

    /// <summary>The function responds once this file exists.</summary>
    private string Gate => Path.Combine(_folder.FullName, "gate");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task KilledDuringReleases_CompletesThemAfterTheRestart(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/curl"), "The function of this test needs /usr/bin/curl.");
        string soaking, approving, building;
        await using (var first = await RunningCloud.StartAsync(_folder, "--hold-clock"))
        {
            await first.CallAsync("sqs", "AmazonSQS.CreateQueue", new JsonObject { ["QueueName"] = "approvals" });
            await first.CreateFunctionAsync("build", Gate);
            soaking = await first.ReleaseAsync("soak", """{"Type": "Wait", "Seconds": 7200, "Next": "End"}""");
            approving = await first.ReleaseAsync("approve", """
                {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Next": "End",
                 "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/approvals", "MessageBody.$": "$$.Task.Token"}}
                """);
            building =
                await first.ReleaseAsync("build", """{"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:build", "Next": "End"}""");
            await first.LineAsync("build invoked");
            await first.EndAsync(signal);
        }

        await using var second = await RunningCloud.StartAsync(_folder);
        Assert.Equal("held", (string?)(await second.GetAsync("_automation/clock"))["mode"]);
        await second.LineAsync("build invoked");
        await File.WriteAllTextAsync(Gate, "", TestContext.Current.CancellationToken);
        await second.LineAsync("build: release SUCCEEDED");

        var messages = await second.CallAsync("sqs", "AmazonSQS.ReceiveMessage", new JsonObject { ["QueueUrl"] = $"{second.Endpoint}123456789012/approvals" });
        var token = (string)messages["Messages"]![0]!["Body"]!;
        await second.CallAsync("states", "AWSStepFunctions.SendTaskSuccess", new JsonObject { ["taskToken"] = token, ["output"] = "\"yes\"" });
        await second.LineAsync("approve: release SUCCEEDED");

        Assert.Equal("RUNNING", (string?)(await second.DescribeAsync(soaking))["status"]);
        await second.PostAsync("_automation/clock", new JsonObject { ["advance"] = "PT2H" });
        await second.LineAsync("soak: release SUCCEEDED");

        Assert.Equal("{}", (string?)(await second.DescribeAsync(soaking))["output"]);
        Assert.Equal("\"yes\"", (string?)(await second.DescribeAsync(approving))["output"]);
        Assert.Equal("\"built\"", (string?)(await second.DescribeAsync(building))["output"]);
    }

    /// <summary>The process, its output lines, and calls to it.</summary>
    private sealed class RunningCloud : IAsyncDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

        private readonly Process _process;
        private readonly HttpClient _http = new();
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        private RunningCloud(Process process)
        {
            _process = process;
            process.OutputDataReceived += (_, e) => Take(e.Data);
            process.ErrorDataReceived += (_, e) => Take(e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();

            void Take(string? line)
            {
                if (line is not null)
                {
                    _lines.Writer.TryWrite(line);
                }
            }
        }

        public Uri Endpoint { get; private set; } = null!;

        public static async Task<RunningCloud> StartAsync(DirectoryInfo folder, params string[] options)
        {
            string[] command = [Path.Combine(AppContext.BaseDirectory, "automation-local.dll"), "cloud", "--no-stack", "--port", "0", "--state",
                Path.Combine(folder.FullName, "state"), .. options];
            var cloud = new RunningCloud(
                Process.Start(new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true, RedirectStandardError = true })!);
            cloud.Endpoint = new Uri((await cloud.LineAsync("ready "))["ready ".Length..] + "/");
            return cloud;
        }

        /// <param name="signal">KILL: the cloud can neither respond nor write. TERM: like Ctrl-C, it ends its functions.</param>
        public async Task EndAsync(string signal)
        {
            using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        /// <summary>Waits until the process has written a line with this text.</summary>
        public async Task<string> LineAsync(string text)
        {
            var seen = new StringBuilder();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(Patience);
            try
            {
                await foreach (var line in _lines.Reader.ReadAllAsync(patience.Token))
                {
                    if (line.Contains(text, StringComparison.Ordinal))
                    {
                        return line;
                    }

                    seen.AppendLine(line);
                }
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"The cloud did not write '{text}', but:\n{seen}");
            }

            throw new InvalidOperationException("The lines do not end.");
        }

        public async Task<JsonObject> CallAsync(string service, string target, JsonObject input)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Endpoint)
            {
                Content = new StringContent(input.ToJsonString(), Encoding.UTF8, "application/x-amz-json-1.1")
            };
            request.Headers.Add("X-Amz-Target", target);
            return await SendAsync(request, service);
        }

        public async Task<JsonObject> GetAsync(string path) =>
            (await _http.GetFromJsonAsync<JsonObject>(new Uri(Endpoint, path), TestContext.Current.CancellationToken))!;

        public async Task PostAsync(string path, JsonObject order)
        {
            using var answer = await _http.PostAsJsonAsync(new Uri(Endpoint, path), order, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        /// <summary>Starts an execution of a new state machine with the given first state.</summary>
        /// <returns>Its ARN.</returns>
        public async Task<string> ReleaseAsync(string name, string state)
        {
            var definition = $$"""{"StartAt": "Wait", "States": {"Wait": {{state}}, "End": {"Type": "Succeed"} } }""";
            var machine = await CallAsync(
                "states", "AWSStepFunctions.CreateStateMachine", new JsonObject { ["name"] = name, ["definition"] = definition, ["roleArn"] = Role });
            var execution =
                await CallAsync("states", "AWSStepFunctions.StartExecution",
                    new JsonObject { ["stateMachineArn"] = (string?)machine["stateMachineArn"], ["name"] = "release" });
            return (string)execution["executionArn"]!;
        }

        public Task<JsonObject> DescribeAsync(string execution) =>
            CallAsync("states", "AWSStepFunctions.DescribeExecution", new JsonObject { ["executionArn"] = execution });

        public async Task CreateFunctionAsync(string name, string gate)
        {
            const string Bootstrap = """
                #!/bin/sh
                api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
                while curl -sSf -D "$LAMBDA_TASK_ROOT/headers" -o /dev/null "$api/next"; do
                  id=$(tr -d '\r' < "$LAMBDA_TASK_ROOT/headers" | sed -n 's/^lambda-runtime-aws-request-id: //Ip')
                  while [ ! -e "$GATE" ]; do sleep 0.05; done
                  curl -sSf -d '"built"' "$api/$id/response" || exit 1
                done
                """;
            using var zip = new MemoryStream();
            using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
            {
                await using var bootstrap = new StreamWriter(await archive.CreateEntry("bootstrap").OpenAsync(TestContext.Current.CancellationToken));
                await bootstrap.WriteAsync(Bootstrap.ReplaceLineEndings("\n"));
            }

            var input = new JsonObject
            {
                ["FunctionName"] = name,
                ["Runtime"] = "provided.al2023",
                ["Handler"] = "bootstrap",
                ["Role"] = Role,
                ["Timeout"] = 60,
                ["Code"] = new JsonObject { ["ZipFile"] = Convert.ToBase64String(zip.ToArray()) },
                ["Environment"] = new JsonObject { ["Variables"] = new JsonObject { ["GATE"] = gate } },
            };
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Endpoint, "2015-03-31/functions")) { Content = JsonContent.Create(input) };
            await SendAsync(request, "lambda");
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                // A function that still waits ends with the cloud.
                _process.Kill(entireProcessTree: true);
            }

            await _process.WaitForExitAsync();
            _process.Dispose();
            _http.Dispose();
        }

        private async Task<JsonObject> SendAsync(HttpRequestMessage request, string service)
        {
            request.Headers.TryAddWithoutValidation(
                "Authorization", $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260105/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0");
            using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, body);
            return body.Length == 0 ? [] : JsonNode.Parse(body)!.AsObject();
        }
    }
}
