using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;

namespace Automation.Benchmarks.Peers;

/// <summary>The deployed function as a process beside its peers: to its first poll, to its first answer, and warm.</summary>
internal static class FunctionStart
{
    private const int Warm = 500;

    public static async Task MeasureAsync(PeerBuilds builds, PeerTable table, int rounds)
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Mode = ClockMode.Held });
        var endpoint = host.Endpoint.ToString().TrimEnd('/');
        var foreign = PeerBuilds.Source("foreign.json");
        var gone = Path.Combine(PeerBuilds.Root, "events", "build-notification.json");

        var idle = Compete(builds, rounds, foreign, Warm, "ImagePushed", "no-dependants", endpoint, call: false);
        table.Add("process start to first poll", "poll", "ms", idle, ("C", 5), ("Node.js", 1 / 18.0), ("boto3", 1 / 30.0));
        table.Add("page faults of a process with 500 foreign ImagePushed", "faults", "", idle);
        table.Add("CPU of that process", "cpu", "ms", idle);
        table.AddLimit("peak memory of that process", "peak", "MiB", idle, 16);
        table.Add("warm foreign ImagePushed, p50", "p50", "ms", idle, ("C", 2));
        table.Add("warm foreign ImagePushed, p99", "p99", "ms", idle, ("C", 4));

        var asking = Compete(builds, rounds, gone, 0, "BuildNotification", "build-gone", endpoint, call: true);
        table.Add("process start to answer, one AWS call included", "answer", "ms", asking, ("Node.js", 1 / 9.0));
    }

    /// <summary>Starts a process through the stub, in the environment of a function.</summary>
    public static JsonElement Run(PeerBuilds builds, IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(builds.Stub!, arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment.Prepend(("NODE_OPTIONS", "--no-warnings")))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return JsonElement.Parse(lines.TrimEnd().Split('\n')[^1]);
    }

    public static IEnumerable<(string Name, string Value)> Environment(string handler, string endpoint) =>
    [
        ("AWS_LAMBDA_FUNCTION_NAME", "benchmark"), ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"), ("AWS_LAMBDA_LOG_LEVEL", "ERROR"),
        ("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", endpoint), ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local"), ("ANNOTATIONS_HANDLER", handler),
        ("AUTOMATION_PARTITION", "aws"), ("AUTOMATION_ACCOUNT", "123456789012"),
        ("AUTOMATION_STATE_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:benchmark"),
    ];

    private static List<CompetitorRuns> Compete(
        PeerBuilds builds, int rounds, string payload, int warm, string handler, string expected, string endpoint, bool call)
    {
        var commands = new List<(CompetitorRuns Who, string[] Command)> { (new("ours"), [builds.Bootstrap]) };
        AddIf(builds.Floor is not null, "C", builds.Floor!);
        AddIf(builds.Bare is not null && !call, "bare .NET", builds.Bare!);
        AddIf(builds.HasNode, "Node.js", "node", builds.Made("function.mjs"));
        AddIf(builds.Python is not null, "boto3", builds.Python!, PeerBuilds.Source("function.py"));

        var environment = Environment(handler, endpoint).ToList();
        if (call)
        {
            environment.Add(("CALL", "arn%3Aaws%3Aimagebuilder%3Aus-east-1%3A123456789012%3Aimage%2Fruntime%2F1.0.0%2F1"));
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var (who, command) in commands)
            {
                var run = Run(builds, environment, ["serve", payload, warm.ToString(CultureInfo.InvariantCulture), expected, .. command]);
                if (run.GetProperty("fault").GetString() is { } fault)
                {
                    throw new InvalidOperationException($"{string.Join(' ', command)}: {fault}");
                }

                who.Add(run);
            }
        }

        return [.. commands.Select(command => command.Who)];

        void AddIf(bool isHere, string name, params string[] command)
        {
            if (isHere)
            {
                commands.Add((new(name), command));
            }
        }
    }
}
