using System.CommandLine;
using Automation.Cli;
using Automation.Local.Rehearsal;

namespace Automation.Local;

/// <summary>The commands that need the embedded cloud; <c>automation</c> starts this program for them.</summary>
internal static class LocalCommands
{
    public static RootCommand Create(CommandContext context) => new("Runs the automation on this machine, in the embedded cloud.")
    {
        DemoCommand.Create(context),
        CloudCommand.Create(context),
        RehearseCommand.Create(context),
        InvokeCommand.Create(context),
        PackageStackCommand.Create(context),
    };
}
