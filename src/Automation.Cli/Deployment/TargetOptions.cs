using System.CommandLine;
using Automation.Cli.Reports;

namespace Automation.Cli.Deployment;

/// <summary>The options of every command that calls AWS or an embedded cloud.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string?> _region = Region("Region of the stack; as AWS_REGION. Without either: that of the profile");
    private readonly Option<string?> _profile = Profile("Profile of the AWS configuration; as AWS_PROFILE");
    private readonly Option<string?> _endpoint = Endpoint("Endpoint of an embedded cloud; as AWS_ENDPOINT_URL. Without either: AWS");
    private readonly Option<string?> _stateMachine =
        Filled("--state-machine", "an ARN", "ARN of the workflow; as AUTOMATION_STATE_MACHINE_ARN. Without either it is looked for in the Region");

    private readonly Option<string?> _stack =
        Filled("--stack", "a name", "Stack of the workflow, where a Region has several; without it Automation, with the prefix");

    private readonly Option<string?> _prefix = new("--prefix") { Description = "The prefix it is deployed with, as AUTOMATION_PREFIX; without either none" };
    private readonly Option<string?> _catalog =
        File("--catalog", "The deployed catalog; without it that of the repository, or for an embedded cloud and outside the repository that of the stack");
    private readonly Option<OutputFormat> _output = OutputFormats.Option();

    /// <summary>Every command has this option, even if it does not read an account, so that scripts can pass the same options to all commands.</summary>
    public static Option<string?> Region(string description) => Filled("--region", "a Region", description);

    /// <inheritdoc cref="Region"/>
    public static Option<string?> Profile(string description) => Filled("--profile", "a name", description);

    /// <summary>With an empty value a command would act on AWS.</summary>
    public static Option<string?> Endpoint(string description) => Filled("--endpoint", "a URL", description);

    /// <summary>An option that takes the name of a file or folder.</summary>
    public static Option<string?> File(string name, string description) => Filled(name, "a path", description);

    // A script may pass a variable that is not set.
    private static Option<string?> Filled(string name, string what, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError($"{name} is empty: leave it out, or give {what}.");
            }
        });
        return option;
    }

    public void AddTo(Command command)
    {
        command.Add(_output);
        command.Add(_region);
        command.Add(_profile);
        command.Add(_endpoint);
        command.Add(_stack);
        command.Add(_prefix);
        command.Add(_stateMachine);
        command.Add(_catalog);
    }

    public Target Read(ParseResult result, CommandContext context) => new(
        result.GetValue(_endpoint),
        result.GetValue(_stateMachine),
        result.GetValue(_stack),
        result.GetValue(_prefix) ?? context.Variable("AUTOMATION_PREFIX") ?? "",
        result.GetValue(_catalog))
    {
        Region = result.GetValue(_region),
        Profile = result.GetValue(_profile),
        Output = result.GetValue(_output),
    };
}

/// <summary>The values of <see cref="TargetOptions"/> in one command line.</summary>
internal sealed record Target(string? Endpoint, string? StateMachine, string? Stack, string Prefix, string? Catalog)
{
    public string? Region { get; init; }

    /// <summary>The deployment in a Region; null means the Region of the environment.</summary>
    public static Target In(string? region) => new(null, null, null, "", null) { Region = region };

    public string? Profile { get; init; }

    public OutputFormat Output { get; init; }

    /// <summary>The options of a command line for the same deployment.</summary>
    public IEnumerable<string> ToArguments() => new (string Name, string? Value)[]
    {
        ("--endpoint", Endpoint), ("--state-machine", StateMachine), ("--stack", Stack), ("--prefix", Prefix.Length > 0 ? Prefix : null),
        ("--catalog", Catalog), ("--region", Region), ("--profile", Profile),
    }.Where(option => option.Value is not null).Select(option => $"{option.Name}={option.Value}");
}
