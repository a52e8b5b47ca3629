namespace Automation.Cli.Reports;

/// <summary>A script for a shell as <c>--output json</c> shows it.</summary>
internal sealed record ShellScript(string Shell, string Script);
