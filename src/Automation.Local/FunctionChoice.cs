using Automation.Cli;
using Automation.Core;
using Automation.LocalCloud.Lambda;

namespace Automation.Local;

/// <summary>Selects the deployment of the function to invoke.</summary>
/// <param name="Catalog">Full path; null means the one that cdk.json names.</param>
/// <param name="Prefix">Null means any.</param>
/// <param name="Stack">Null means any.</param>
internal sealed record FunctionChoice(string? Catalog, string? Prefix, string? Stack)
{
    public const string HandlerVariable = "ANNOTATIONS_HANDLER";

    private const string PrefixVariable = "AUTOMATION_PREFIX";

    /// <summary>Null means the value of the environment.</summary>
    public string? Region { get; init; }

    /// <param name="where">The place to name in messages.</param>
    /// <exception cref="CommandException">The function does not exist, or several deployments have one.</exception>
    public FunctionConfiguration Find(string name, IReadOnlyList<FunctionConfiguration> functions, string where)
    {
        // CloudFormation names a function STACK-LOGICALID-SUFFIX.
        var own = functions
            .Where(function => Prefix is null || function.Environment.GetValueOrDefault(PrefixVariable, "") == Prefix)
            .Where(function => Stack is null || function.Name.StartsWith($"{Stack}-", StringComparison.Ordinal))
            .ToList();
        return own.Where(function => function.Environment.GetValueOrDefault(HandlerVariable) == name).ToList() switch
        {
            [var only] => only,
            [] => throw Unknown(name, where, own.Select(function => function.Environment.GetValueOrDefault(HandlerVariable))),
            var several => throw new CommandException(
                $"{where} has several functions '{name}': {string.Join(", ", several.Select(function => function.Name).Order(StringComparer.Ordinal))}. Choose one with --stack or --prefix."),
        };
    }

    public static CommandException Unknown(string name, string where, IEnumerable<string?> known)
    {
        var names = known.OfType<string>().Order(StringComparer.Ordinal).ToList();
        return new CommandException(
            $"{where} has no function '{name}'{Suggestion.End(name, names)} {(names.Count > 0 ? $"It has: {string.Join(", ", names)}." : "It has none of the automation's functions; deploy the stack there first.")}");
    }
}
