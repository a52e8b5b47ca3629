using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Cli.Web;

/// <summary>An action that a person confirmed on the page, as a command line. Each member becomes one argument, never an option of its own.</summary>
/// <param name="Action">build, promote, rollback, hold, unhold, approve, reject or prune.</param>
internal sealed record ConsoleRequest(string? Action, string? Image, string? Version, string? Execution, string? Reason, string? Until, string? Scope)
{
    private const int MaxLength = 1_000;

    /// <summary>The arguments of the command.</summary>
    /// <exception cref="CommandException">The action is unknown, or a member is missing or not allowed.</exception>
    public IReadOnlyList<string> ToArguments() => Action switch
    {
        "build" => ["build", Argument("image", Image)],
        "promote" => Version is null ? ["promote", Argument("image", Image)] : ["promote", Argument("image", Image), Argument("version", Version)],
        "rollback" => ["rollback", Argument("image", Image), Argument("version", Version)],
        "hold" => ["hold", Argument("image", Image), Option("reason", Text("reason", Reason)),
            .. Optional("until", Until), .. Optional("scope", Scope)],
        "unhold" => ["unhold", Argument("image", Image)],
        "approve" => ["approve", Argument("execution", Execution), "--yes"],
        "reject" => ["reject", Argument("execution", Execution), .. Optional("reason", Reason)],

        // A report: the console offers no deletion.
        "prune" => ["prune", Argument("image", Image)],
        _ => throw new CommandException($"The console has no action '{Action}'."),
    };

    /// <summary>The command as a person would type it.</summary>
    public static string Typed(IEnumerable<string> arguments) => $"automation {string.Join(' ', arguments.Select(Quoted))}";

    /// <returns>Null if the text is not a request.</returns>
    public static ConsoleRequest? TryParse(string json)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject request
                ? new ConsoleRequest(Member("action"), Member("image"), Member("version"), Member("execution"), Member("reason"), Member("until"), Member("scope"))
                : null;

            string? Member(string name) => request[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Quoted(string argument) => argument.All(IsPlain) ? argument : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || "-_./:=".Contains(letter, StringComparison.Ordinal);

    private static IEnumerable<string> Optional(string name, string? value) => value is null ? [] : [Option(name, Text(name, value))];

    private static string Option(string name, string value) => $"--{name}={value}";

    private static string Argument(string name, string? value) => Text(name, value) is var text && text.StartsWith('-')
        ? throw new CommandException($"'{text}' cannot be the {name}.")
        : text;

    private static string Text(string name, string? value) =>
        value is null ? throw new CommandException($"The action needs the member '{name}'.")
        : value.Length > MaxLength || value.Any(char.IsControl) ? throw new CommandException($"The {name} is too long, or has control characters.")
        : value;
}
