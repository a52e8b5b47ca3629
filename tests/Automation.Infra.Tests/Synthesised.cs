namespace Automation.Infra.Tests;

/// <param name="Text">The template.</param>
/// <param name="Messages">The other output of the CDK CLI, such as <c>WARNING: …</c>.</param>
internal sealed record Synthesised(string Text, IReadOnlyList<string> Messages);
