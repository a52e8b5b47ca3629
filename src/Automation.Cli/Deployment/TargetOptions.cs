using System.CommandLine;

namespace Automation.Cli.Deployment;

/// <summary>The options of every command that uses a deployed automation.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = "Endpoint of an embedded cloud; default: AWS_ENDPOINT_URL, or AWS itself" };
    private readonly Option<string?> _stateMachine = new("--state-machine")
    {
        Description = "ARN of the workflow; default: AUTOMATION_STATE_MACHINE_ARN, or the workflow found in the Region",
    };

    private readonly Option<string?> _stack = new("--stack") { Description = "Stack of the workflow if a Region has several; default: Automation, with the prefix" };
    private readonly Option<string?> _prefix = new("--prefix") { Description = "The prefix of the deployment; default: AUTOMATION_PREFIX, or none" };

    private readonly Option<string?> _catalog = new("--catalog") { Description = "The deployed catalog; default: the one that cdk.json names" };

    public void AddTo(Command command)
    {
        command.Add(_endpoint);
        command.Add(_stateMachine);
        command.Add(_stack);
        command.Add(_prefix);
        command.Add(_catalog);
    }

    public Target Read(ParseResult result, CommandContext context) => new(
        result.GetValue(_endpoint),
        result.GetValue(_stateMachine),
        result.GetValue(_stack),
        result.GetValue(_prefix) ?? context.Variable("AUTOMATION_PREFIX") ?? "",
        result.GetValue(_catalog));
}

/// <summary>The values given for <see cref="TargetOptions"/>.</summary>
internal sealed record Target(string? Endpoint, string? StateMachine, string? Stack, string Prefix, string? Catalog);
