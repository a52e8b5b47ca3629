using System.ComponentModel;
using System.Diagnostics;
using Automation.LocalCloud.Lambda;

namespace Automation.LocalCloud.Hosting;

/// <summary>A running process of a function.</summary>
internal interface IFunctionProcess
{
    /// <summary>The exit code, once the process has ended and its output has been read.</summary>
    Task<int> Exited { get; }

    /// <summary>Ends the process with all its children; it may have ended already.</summary>
    void Kill();
}

/// <summary>Starts a function's process; tests replace it.</summary>
/// <param name="line">Receives each line of standard output and error, on any thread.</param>
/// <exception cref="FunctionStartException">There is no executable, or it does not start.</exception>
internal delegate IFunctionProcess FunctionLauncher(
    FunctionConfiguration function,
    IReadOnlyDictionary<string, string> environment,
    Action<string> line);

/// <summary><c>CodeFolder/bootstrap</c> as a child process.</summary>
internal sealed class FunctionProcess : IFunctionProcess
{
    /// <summary>How long children that an ended process left behind may hold its pipes open.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    private readonly Process _process;

    private FunctionProcess(Process process)
    {
        _process = process;
        Exited = WaitAsync();
    }

    public Task<int> Exited { get; }

    public static IFunctionProcess Start(FunctionConfiguration function, IReadOnlyDictionary<string, string> environment, Action<string> line)
    {
        var folder = function.CodeFolder ?? throw new FunctionStartException($"Function {function.Name} has no code folder.");
        var executable = Path.Combine(folder, OperatingSystem.IsWindows() ? "bootstrap.exe" : "bootstrap");
        if (!File.Exists(executable))
        {
            throw new FunctionStartException($"Couldn't find valid bootstrap(s): {executable}");
        }

        var start = new ProcessStartInfo(executable)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new FunctionStartException($"{executable} does not start: {e.Message}");
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new FunctionProcess(process);

        void Take(string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                line(text);
            }
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended in the meantime.
        }
    }

    private async Task<int> WaitAsync()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.Exited += (_, _) => ended.TrySetResult();
        if (_process.HasExited)
        {
            ended.TrySetResult();
        }

        await ended.Task;
        using var drained = new CancellationTokenSource(DrainTime);
        try
        {
            await _process.WaitForExitAsync(drained.Token);
        }
        catch (OperationCanceledException)
        {
            // A child of the function still holds the pipe. The host does not wait for its output.
        }

        var code = _process.ExitCode;
        _process.Dispose();
        return code;
    }
}
