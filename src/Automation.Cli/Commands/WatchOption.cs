using System.CommandLine;

namespace Automation.Cli.Commands;

/// <summary>The option of every command that starts or answers an execution.</summary>
internal static class WatchOption
{
    public static Option<bool> Create(string description = "Follow the execution with its decisions until it ends; exit code 1 if it does not succeed") =>
        new("--watch") { Description = description };
}
