using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Automation.Cli;

namespace Automation.Local.Deployment;

/// <summary>Runs a program until it ends. Its output is shown only if it fails, or if the caller shows it.</summary>
internal static class ProcessRunner
{
    /// <returns>Its standard output, trimmed.</returns>
    /// <param name="environment">Changes to this process's environment; a null value removes the variable.</param>
    /// <param name="line">Receives each line of standard error, on any thread.</param>
    /// <exception cref="CommandException">The program does not exist, or its exit code is not 0.</exception>
    public static async Task<string> RunAsync(
        string program,
        string[] arguments,
        string folder,
        (string Name, string? Value)[] environment,
        CancellationToken cancellationToken,
        Action<string>? line = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = ReadAsync(process.StandardError, line ?? (_ => { }), cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw new CommandException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}{await errors}".TrimEnd());
        }

        return (await output).Trim();
    }

    private static async Task<string> ReadAsync(StreamReader reader, Action<string> line, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken) is { } read)
        {
            text.AppendLine(read);
            line(read);
        }

        return text.ToString();
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new CommandException(
                $"{start.FileName} cannot be run ({e.Message}). This needs the .NET 10 SDK and Node.js 20 or newer with npm on the PATH.");
        }
    }
}
