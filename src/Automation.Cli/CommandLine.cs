using System.CommandLine;
using Automation.Cli.Commands;

namespace Automation.Cli;

/// <summary>All commands.</summary>
internal static class CommandLine
{
    public static RootCommand Create(Surroundings surroundings) => new("Keeps container images fresh on EC2 Image Builder.")
    {
        DemoCommand.Create(),
        CloudCommand.Create(),
        InvokeCommand.Create(surroundings),
    };
}
