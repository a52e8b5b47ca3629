namespace Automation.Cli;

/// <summary>A failure that the user can solve: printed without a stack trace, exit code 1.</summary>
internal sealed class CommandException(string message) : Exception(message);
