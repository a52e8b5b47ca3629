namespace Automation.Cli;

/// <summary>The exit codes of every command. src/OPERATIONS.md explains them in one table.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The command failed, was refused, found a fault, or was watched and did not do its work.</summary>
    public const int Failed = 1;

    /// <summary>The command line has an unknown word or lacks one. Nothing was read or changed.</summary>
    public const int Usage = 2;

    public const int Interrupted = 130;
}
