using System.CommandLine;

namespace Automation.Cli.Deployment;

/// <summary>The options of every command that speaks to a deployed automation.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = "Endpoint of an embedded cloud; as AWS_ENDPOINT_URL. Without either: AWS" };
    private readonly Option<string?> _stateMachine = new("--state-machine")
    {
        Description = "ARN of the workflow; as AUTOMATION_STATE_MACHINE_ARN. Without either it is looked for in the Region",
    };

    private readonly Option<string?> _stack = new("--stack") { Description = "Stack of the workflow, where a Region has several; without it Automation, with the prefix" };
    private readonly Option<string?> _prefix = new("--prefix") { Description = "The prefix it is deployed with, as AUTOMATION_PREFIX; without either none" };

    private readonly Option<string?> _catalog = new("--catalog") { Description = "The catalog that is deployed; without it the one that cdk.json names" };

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

/// <summary>What <see cref="TargetOptions"/> were given.</summary>
internal sealed record Target(string? Endpoint, string? StateMachine, string? Stack, string Prefix, string? Catalog);
