namespace Automation.Cli.Reports;

/// <summary>A fault of a catalog as <c>--output json</c> shows it.</summary>
internal sealed record FaultView(string File, int? Line, string? Image, string Path, string Text);
