using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Automation.Core;
using Spectre.Console;

namespace Automation.Cli.Reports;

/// <summary>One line of a command's progress.</summary>
/// <param name="Kind"><c>decision</c>, <c>started</c>, <c>step</c>, <c>waits</c>, <c>ended</c> or <c>note</c>.</param>
/// <param name="Text">The sentence for people.</param>
internal sealed record NarrationLine(string Kind, string Text)
{
    public string? Image { get; init; }

    public string? Execution { get; init; }

    public DateTimeOffset? At { get; init; }

    /// <summary>The step of the workflow.</summary>
    public string? Step { get; init; }

    /// <summary>How the execution ended.</summary>
    public string? Outcome { get; init; }

    [JsonIgnore]
    public string Style { get; init; } = "default";
}

/// <summary>What a command says as it goes: lines for people, or an object for each in JSON.</summary>
internal sealed class Narration(CommandContext context, OutputFormat format) : IDisposable
{
    private readonly JsonArray _told = [];
    private readonly Lock _one = new();

    /// <summary>Says one thing. Several executions may be followed at once.</summary>
    public void Say(NarrationLine told)
    {
        lock (_one)
        {
            switch (format)
            {
                case OutputFormat.Json:
                    _told.Add(JsonOutput.Node(told));
                    break;
                case OutputFormat.Ndjson:
                    context.Output.WriteLine(JsonOutput.Line(JsonOutput.Node(told)));
                    break;
                default:
                    Write(told);
                    break;
            }
        }
    }

    /// <summary>Adds a structured result for programs.</summary>
    public void Add(JsonNode result)
    {
        lock (_one)
        {
            if (format == OutputFormat.Ndjson)
            {
                context.Output.WriteLine(JsonOutput.Line(result));
            }
            else
            {
                _told.Add(result);
            }
        }
    }

    public void Say(string kind, string text, string? image = null, string? execution = null) => Say(new NarrationLine(kind, text) { Image = image, Execution = execution });

    /// <summary>Prints the array, also where the command failed half-way.</summary>
    public void Dispose()
    {
        if (format == OutputFormat.Json)
        {
            context.Output.WriteLine(JsonOutput.Indented(_told));
        }
    }

    // Piped, a line is a line, however long.
    private void Write(NarrationLine told)
    {
        var when = told.At is { } at ? $"{HumanText.At(at)} " : "";
        var where = told.Step is { Length: > 0 } step ? $"{step} " : "";
        var terminal = context.Console.Profile.Out;
        if (!terminal.IsTerminal)
        {
            context.Output.WriteLine($"{when}{where}{told.Text}");
            return;
        }

        var indent = when.Length + where.Length;
        var lines = Wrapping.Wrap(told.Text, context.Console.Profile.Width - 1 - indent);
        context.Console.MarkupLine($"[grey]{when}[/][blue]{Markup.Escape(where)}[/][{told.Style}]{Markup.Escape(lines[0])}[/]");
        foreach (var line in lines.Skip(1))
        {
            context.Console.MarkupLine($"{new string(' ', indent)}[{told.Style}]{Markup.Escape(line)}[/]");
        }
    }
}
