using System.CommandLine;
using System.CommandLine.Parsing;
using Automation.Core;

namespace Automation.Cli;

/// <summary>Explains a faulty command line: first how to get help, last the mistake, so that it is next to the prompt.</summary>
internal static class UsageErrors
{
    public static IEnumerable<string> Of(ParseResult parsed, string tool)
    {
        var command = parsed.CommandResult.Command;
        var name = string.Join(' ', Path(parsed.CommandResult, tool));
        if (!IsValue(parsed))
        {
            yield return $"`{name} --help` explains {(command is RootCommand ? "the commands" : "the command")}.";
        }

        foreach (var mistake in Mistakes(parsed, command, name).Distinct(StringComparer.Ordinal))
        {
            yield return mistake;
        }
    }

    /// <summary>Whether only the value of an option or argument is wrong. Then the message lists the valid values, as for any other invalid value.</summary>
    public static bool IsValue(ParseResult parsed) =>
        parsed.UnmatchedTokens.Count == 0 && !UnknownOptions(parsed).Any()
            && parsed.Errors.All(error => error.SymbolResult
            is OptionResult { Tokens.Count: > 0, IdentifierTokenCount: 1 } or ArgumentResult { Parent: CommandResult, Tokens: [{ Value: not "" }, ..] });

    private static IEnumerable<string> Mistakes(ParseResult parsed, Command command, string name)
    {
        var unknown = parsed.UnmatchedTokens;
        if (command.Subcommands.Count > 0 && unknown is [var first, ..] && !first.StartsWith('-'))
        {
            // The words after an unknown command cannot be checked.
            var commands = command.Subcommands.Where(each => !each.Hidden).Select(each => each.Name).ToList();
            yield return $"There is no command '{first}'{Suggestion.End(first, commands)} The commands are: {string.Join(", ", commands)}.";
            yield break;
        }

        var options = UnknownOptions(parsed).ToList();
        foreach (var option in options)
        {
            yield return $"{name} has no option '{option}'{Suggestion.End(option, Options(parsed.CommandResult))}";
        }

        if (options.Count > 0)
        {
            // The words after them may be their values.
            yield break;
        }

        foreach (var word in unknown)
        {
            yield return $"{name} takes no argument '{word}'{(command.Arguments.Count == 0 ? "" : $" besides {string.Join(' ', command.Arguments.Select(argument => argument.Name.ToUpperInvariant()))}")}.";
        }

        if (unknown.Count > 0)
        {
            yield break;
        }

        foreach (var error in parsed.Errors)
        {
            yield return Text(error, command, name);
        }
    }

    /// <summary>Options that the command does not have. An optional argument takes them for its value.</summary>
    public static IEnumerable<string> UnknownOptions(ParseResult parsed) => parsed.UnmatchedTokens
        .Concat(parsed.CommandResult.Command.Arguments.SelectMany(argument => parsed.GetResult(argument)?.Tokens ?? []).Select(token => token.Value))
        .Where(token => token is ['-', not (>= '0' and <= '9'), ..]);

    private static string Text(ParseError error, Command command, string name)
    {
        switch (error.SymbolResult)
        {
            case ArgumentResult { Argument: { } argument, Tokens.Count: 0 }:
                return Needs(name, argument.Name.ToUpperInvariant(), argument.Description);
            case CommandResult result
                when command.Arguments.FirstOrDefault(
                    each => each.Arity.MinimumNumberOfValues > 0 && (result.GetResult(each)?.Tokens.Count ?? 0) == 0) is { } missing:
                return Needs(name, missing.Name.ToUpperInvariant(), missing.Description);
            case not OptionResult { Implicit: false }
                when command.Options.FirstOrDefault(
                    option => option.Required && error.Message.Contains($"'{option.Name}'", StringComparison.Ordinal)) is { } required:
                return Needs(name, $"{required.Name} {required.HelpName?.ToUpperInvariant()}".TrimEnd(), required.Description);
            case CommandResult when command.Subcommands.Count > 0:
                return $"{name} needs a command: {string.Join(", ", command.Subcommands.Select(each => each.Name))}.";
            case OptionResult { Option: { } twice, IdentifierTokenCount: > 1 }:
                return $"{twice.Name} appears more than once.";
            case OptionResult { Option: { } option, Tokens.Count: 0 } when error.Message.StartsWith("Required argument missing", StringComparison.Ordinal):
                return $"{option.Name} needs a value{(option.HelpName is { } values ? $": {values}" : "")}.";
            default:
                return error.Message is [.., '.' or '?'] ? error.Message : $"{error.Message}.";
        }
    }

    private static string Needs(string name, string what, string? description) => $"{name} needs {what}: {description?.TrimEnd('.')}.";

    private static Stack<string> Path(CommandResult result, string tool)
    {
        var names = new Stack<string>();
        for (var each = result; each is not null; each = each.Parent as CommandResult)
        {
            names.Push(each.Command is RootCommand ? tool : each.Command.Name);
        }

        return names;
    }

    private static IEnumerable<string> Options(CommandResult result)
    {
        for (var each = result; each is not null; each = each.Parent as CommandResult)
        {
            foreach (var option in each.Command.Options.Where(option => !option.Hidden && (each == result || option.Recursive)))
            {
                yield return option.Name;
            }
        }
    }
}
