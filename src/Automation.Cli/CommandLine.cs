using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Invocation;
using Automation.Cli.Commands;
using Automation.Cli.Deployment;

namespace Automation.Cli;

/// <summary>The operator's commands. Both tools run their commands through this class.</summary>
internal static class CommandLine
{
    private const string Tool = "automation";

    public static RootCommand Create(CommandContext context)
    {
        var target = new TargetOptions();
        var root = new RootCommand("Keeps container images fresh on EC2 Image Builder.")
        {
            StatusCommand.Create(context, target),
            PlanCommand.Create(context, target),
            WhyCommand.Create(context, target),
            EventsCommand.Create(context, target),
            BuildCommand.Create(context, target),
            PromoteCommand.Create(context, target),
            RollbackCommand.Create(context, target),
            ApprovalCommands.CreateApprove(context, target),
            ApprovalCommands.CreateReject(context, target),
            HoldCommands.CreateHold(context, target),
            HoldCommands.CreateUnhold(context, target),
            PruneCommand.Create(context, target),
            RedriveCommand.Create(context, target),
            InitCommand.Create(context, target),
            ValidateCommand.Create(context, target),
            SeedCommand.Create(context, target),
            DoctorCommand.Create(context, target),
            ConsoleCommand.Create(context, target),
            ClockCommand.Create(context),
            CompletionCommand.Create(context),
        };
        foreach (var image in root.Subcommands.SelectMany(command => command.Arguments).Where(argument => argument.Name == "image"))
        {
            // Without a name, help shows all images of the catalog in its place.
            image.HelpName = image.Name;
            image.CompletionSources.Add(_ => ImageNames(context));
        }

        // A script may pass a variable that is not set.
        foreach (var argument in root.Subcommands.SelectMany(command => command.Subcommands.Append(command)).SelectMany(command => command.Arguments))
        {
            argument.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: "" }])
                {
                    var remedy = argument.Arity.MinimumNumberOfValues == 0 ? ": leave it out, or give one" : "";
                    result.AddError($"{argument.Name.ToUpperInvariant()} is empty{remedy}.");
                }
            });
        }

        foreach (var command in LocalTool.Commands())
        {
            root.Add(command);
        }

        return root;
    }

    /// <summary>The images of the catalog that cdk.json names; a completion makes no calls, so there are none outside the repository.</summary>
    private static IEnumerable<CompletionItem> ImageNames(CommandContext context)
    {
        try
        {
            return Connection.HasCatalogFile(Target.In(null), context)
                ? Connection.ReadCatalog(Target.In(null), context).Images.Select(image => new CompletionItem(image.Name))
                : [];
        }
        catch (CommandException)
        {
            return [];
        }
    }

    /// <summary>Runs an operator's command, or passes a command of the local tool on to it.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, string[] arguments, CancellationToken cancellationToken = default)
    {
        var root = Create(context);
        arguments = WithHelp(root, arguments);
        return LocalTool.Takes(arguments) || LocalTool.Completes(context, arguments)
            ? ReportAsync(context, profile: null, () => LocalTool.RunAsync(context, arguments, cancellationToken))
            : RunAsync(root, context, arguments, cancellationToken);
    }

    /// <summary>Runs a command of <paramref name="root"/>.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(RootCommand root, CommandContext context, string[] arguments, CancellationToken cancellationToken)
    {
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = context.Output,
            Error = context.Error,
        };
        arguments = WithHelp(root, arguments);
        var parsed = root.Parse(arguments is [] ? ["--help"] : arguments);
        if (parsed.Action is ParseErrorAction || (!LocalTool.IsSuggestion(arguments) && UsageErrors.UnknownOptions(parsed).Any()))
        {
            foreach (var line in UsageErrors.Of(parsed, Tool))
            {
                await context.ComplainAsync(line);
            }

            return UsageErrors.IsValue(parsed) ? ExitCodes.Failed : ExitCodes.Usage;
        }

        return await ReportAsync(context, Profile(parsed), () => parsed.InvokeAsync(configuration, cancellationToken));
    }

    // automation help, automation help build, automation help clock advance; automation -- build, as after dotnet run
    private static string[] WithHelp(RootCommand root, string[] arguments) => arguments switch
    {
        ["help", var name, .. var rest] => root.Subcommands.Any(command => command.Name == name) ? [name, .. rest, "--help"] : [name],
        ["help"] => ["--help"],
        ["--", .. var rest] => WithHelp(root, rest),
        _ => arguments,
    };

    private static string? Profile(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.OfType<Option<string?>>().FirstOrDefault(option => option.Name == "--profile") is { } option
            ? parsed.GetValue(option)
            : null;

    /// <summary>Prints a failure that the user can resolve as one line on the error output.</summary>
    private static async Task<int> ReportAsync(CommandContext context, string? profile, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (Profiles.Expired(e, profile ?? context.Variable("AWS_PROFILE")) is { } expired)
        {
            await context.ComplainAsync(expired);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (Profiles.Unusable(e) is { } unusable)
        {
            await context.ComplainAsync(unusable);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is CommandException or Core.AutomationException or Amazon.Runtime.AmazonClientException or Doctor.CallException)
        {
            // AmazonClientException: no credentials or no Region, found when a client is made, before any call.
            await context.ComplainAsync(e.Message);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Commands explain failures with their own files, so this is the output: a full disk, or a closed descriptor.
            await context.ComplainAsync($"The output cannot be written: {(e.InnerException ?? e).Message.TrimEnd('.')}.");
            return ExitCodes.Failed;
        }
    }
}
