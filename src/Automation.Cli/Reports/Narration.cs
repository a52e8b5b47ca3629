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

/// <summary>Prints the progress of a command: a line for people, or a JSON object, for each step.</summary>
internal sealed class Narration(CommandContext context, OutputFormat format) : IDisposable
{
    private readonly JsonArray _lines = [];
    private readonly Lock _one = new();

    /// <summary>Prints one line. Several followers may call it at once.</summary>
    public void Say(NarrationLine line)
    {
        lock (_one)
        {
            switch (format)
            {
                case OutputFormat.Json:
                    _lines.Add(JsonOutput.Node(line));
                    break;
                case OutputFormat.Ndjson:
                    context.Output.WriteLine(JsonOutput.Line(JsonOutput.Node(line)));
                    break;
                default:
                    Write(line);
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
                _lines.Add(result);
            }
        }
    }

    public void Say(string kind, string text, string? image = null, string? execution = null) =>
        Say(new NarrationLine(kind, text) { Image = image, Execution = execution });

    /// <summary>Prints the array, even if the command failed before its end.</summary>
    public void Dispose()
    {
        if (format == OutputFormat.Json)
        {
            context.Output.WriteLine(JsonOutput.Indented(_lines));
        }
    }

    // A pipe gets unwrapped lines, so that they can be searched.
    private void Write(NarrationLine line)
    {
        var when = line.At is { } at ? $"{HumanText.At(at)} " : "";
        var where = line.Step is { Length: > 0 } step ? $"{step} " : "";
        var terminal = context.Console.Profile.Out;
        if (!terminal.IsTerminal)
        {
            context.Output.WriteLine($"{when}{where}{line.Text}");
            return;
        }

        var indent = when.Length + where.Length;
        var lines = Wrapping.Wrap(line.Text, context.Console.Profile.Width - 1 - indent);
        context.Console.MarkupLine($"[grey]{when}[/][blue]{Markup.Escape(where)}[/][{line.Style}]{Markup.Escape(lines[0])}[/]");
        foreach (var rest in lines.Skip(1))
        {
            context.Console.MarkupLine($"{new string(' ', indent)}[{line.Style}]{Markup.Escape(rest)}[/]");
        }
    }
}
