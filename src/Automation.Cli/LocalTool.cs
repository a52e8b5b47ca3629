using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Automation.Cli;

/// <summary>
/// The commands of <c>automation-local</c>, a separate program, because the operator's tool does not contain the embedded cloud. Help
/// lists them here; all arguments are passed on, including <c>--help</c>.
/// </summary>
internal static partial class LocalTool
{
    private const string Program = "automation-local";
    private const string Project = "src/Automation.Local";
    private const int SigTerm = 15;

    /// <summary>The name and summary of each command.</summary>
    private static readonly Dictionary<string, string> Summaries = new(StringComparer.Ordinal)
    {
        ["demo"] = "Shows the whole automation at work on this machine, in virtual time",
        ["cloud"] = "Runs the embedded cloud, with the stack deployed into it",
        ["rehearse"] = "Shows what the coming days would bring for the account, or for a changed catalog, without changing anything",
        ["invoke"] = "Runs one function with an event and prints its JSON result",
    };

    /// <summary>Entries for the list of all commands. <see cref="RunAsync"/> receives their arguments unparsed.</summary>
    public static IEnumerable<Command> Commands() => Summaries.Select(summary => new Command(summary.Key, summary.Value));

    public static string SummaryOf(string command) => Summaries[command];

    public static bool Takes(string[] arguments) => arguments is [var name, ..] && Summaries.ContainsKey(name);

    /// <summary>Whether a shell requests completions for one of these commands. In a clone the program would have to be built first, which takes too
    /// long.</summary>
    public static bool Completes(CommandContext context, string[] arguments) =>
        IsSuggestion(arguments) && arguments is [_, var line] && line.Split(' ') is [var name, _, ..]
            && Summaries.ContainsKey(name)
        && InClone(context) is null && Installed(context) is not null;

    /// <summary>Whether a shell asks for completions: <c>automation [suggest:9] "status --o"</c>.</summary>
    public static bool IsSuggestion(string[] arguments) => arguments is [var directive, ..] && directive.StartsWith("[suggest", StringComparison.Ordinal);

    /// <returns>The exit code of the program.</returns>
    /// <exception cref="CommandException">The program is not on this machine, or cannot be run.</exception>
    public static async Task<int> RunAsync(CommandContext context, string[] arguments, CancellationToken cancellationToken)
    {
        var start = StartInfo(context, arguments);
        start.WorkingDirectory = context.Folder;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new CommandException($"{start.FileName} cannot be run: {e.Message}");
        }

        using (process)
        {
            // A terminal sends Ctrl-C to both programs, and this one waits for the other. SIGTERM reaches only this one.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                End(process);
            });
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
    }

    // The clone that the user works in comes first, so that program and sources match; then an installed tool.
    private static ProcessStartInfo StartInfo(CommandContext context, string[] arguments)
    {
        if (InClone(context) is { } project)
        {
            return new ProcessStartInfo("dotnet", ["run", "-c", "Release", "--project", project, "--", .. arguments]);
        }

        return Installed(context) is { } found
            ? new ProcessStartInfo(found, arguments)
            : throw new CommandException(
                $"'{arguments[0]}' needs {Program}, which is not installed. Run it in a clone of the repository, or install the tool Automation.Local.");
    }

    private static string? InClone(CommandContext context) =>
        Workspace.TryFind(context.Folder) is { } workspace && Path.Combine(workspace.Root, Project) is var project && Directory.Exists(project)
            ? project
            : null;

    private static string? Installed(CommandContext context)
    {
        var file = OperatingSystem.IsWindows() ? $"{Program}.exe" : Program;
        var folders = (context.Variable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Prepend(Path.GetDirectoryName(Environment.ProcessPath) ?? "").Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    private static void End(Process process)
    {
        if (OperatingSystem.IsWindows())
        {
            process.Kill(entireProcessTree: true);
        }
        else
        {
            _ = Kill(process.Id, SigTerm);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
