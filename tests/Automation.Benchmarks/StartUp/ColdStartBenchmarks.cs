using System.Diagnostics;
using System.Text.RegularExpressions;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;
using BenchmarkDotNet.Attributes;

namespace Automation.Benchmarks.StartUp;

/// <summary>
/// Measures the time from the start of the process to its first response, including one AWS call: the deployed native function, the same
/// function on the .NET runtime, and an equivalent in Node.js with the AWS SDK v3. Compare the ratio; the absolute times depend on the machine.
/// </summary>
[IterationCount(20)]
public partial class ColdStartBenchmarks
{
    private const string NodeSdk = "@aws-sdk/client-imagebuilder@3.1046.0";

    private readonly Dictionary<string, long> _peaks = new(StringComparer.Ordinal);
    private string _root = "";
    private OneInvocation _api = null!;
    private CloudHost _cloud = null!;
    private Process? _process;

    [GlobalSetup]
    public async Task Prepare()
    {
        _root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(_root, "cdk.json")))
        {
            _root = Path.GetDirectoryName(_root)!;
        }

        Run("dotnet", "publish", "src/Automation.Functions", "-c", "Release", "-r", "linux-x64", "--nologo", "-v", "q");
        Run("dotnet", "build", "src/Automation.Functions", "-c", "Release", "--nologo", "-v", "q");
        var node = Directory.CreateDirectory(Path.Combine(_root, "artifacts", "benchmarks", "node")).FullName;
        Run("npm", "install", "--prefix", node, "--no-save", "--no-audit", "--no-fund", "--silent", NodeSdk);
        File.Copy(Path.Combine(_root, "tests", "Automation.Benchmarks", "StartUp", "equivalent.mjs"), Path.Combine(node, "equivalent.mjs"), overwrite: true);

        _api = new OneInvocation(await File.ReadAllBytesAsync(Path.Combine(_root, "events", "build-notification.json")));
        _cloud = await CloudHost.StartAsync(new CloudHostOptions { Mode = ClockMode.Held });
    }

    [GlobalCleanup]
    public async Task End()
    {
        foreach (var (program, peak) in _peaks)
        {
            Console.WriteLine($"// peak memory of {program}: {peak / 1024} MiB");
        }

        _api.Dispose();
        await _cloud.DisposeAsync();
    }

    /// <summary>The process may continue to poll, so it is ended outside the measured time.</summary>
    [IterationCleanup]
    public void EndProcess()
    {
        if (_process is { } process)
        {
            var peak = Peak().Match(File.ReadAllText($"/proc/{process.Id}/status"));
            var program = process.StartInfo.FileName + " " + process.StartInfo.Arguments;
            _peaks[program] = Math.Max(_peaks.GetValueOrDefault(program), long.Parse(peak.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            _process = null;
        }

        _api.Reset();
    }

    [Benchmark(Baseline = true)]
    public Task NodeWithSdkV3() => AnswerAsync("node", Path.Combine(_root, "artifacts", "benchmarks", "node", "equivalent.mjs"));

    [Benchmark]
    public Task FrameworkDependent() => AnswerAsync(Path.Combine(_root, "artifacts", "bin", "Automation.Functions", "release", "bootstrap"));

    [Benchmark]
    public Task Native() => AnswerAsync(Path.Combine(_root, "artifacts", "publish", "Automation.Functions", "release_linux-x64", "bootstrap"));

    /// <exception cref="InvalidOperationException">The process returned something else; a failure would look fast.</exception>
    private async Task AnswerAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, string.Join(' ', arguments)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in ((string, string)[])
        [
            ("AWS_LAMBDA_RUNTIME_API", _api.Address), ("AWS_LAMBDA_FUNCTION_NAME", "benchmark"), ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_LEVEL", "ERROR"), ("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", _cloud.Endpoint.ToString().TrimEnd('/')),
            ("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local"), ("ANNOTATIONS_HANDLER", "BuildNotification"),
            ("AUTOMATION_PARTITION", "aws"), ("AUTOMATION_ACCOUNT", "123456789012"),
            ("AUTOMATION_STATE_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:benchmark"),
        ])
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        var response = await _api.Response.WaitAsync(TimeSpan.FromSeconds(60));
        if (!response.Contains("build-is-gone", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{program} answered {response}");
        }
    }

    private void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _root })!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }

    [GeneratedRegex(@"VmHWM:\s*(\d+) kB")]
    private static partial Regex Peak();
}
