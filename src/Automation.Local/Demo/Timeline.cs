using System.Globalization;
using Automation.Cli.EmbeddedCloud;
using Automation.Cli.Reports;
using Automation.LocalCloud;
using Spectre.Console;

namespace Automation.Local.Demo;

/// <summary>Prints the story of the demo: what people do, and how the deployed stack reacts.</summary>
/// <param name="narration">For programs; null writes to the console.</param>
internal sealed class Timeline(IAnsiConsole console, Narration? narration, string region)
{
    private readonly CloudStory _story = new(region);

    public void Chapter(string title)
    {
        if (narration is not null)
        {
            narration.Say("chapter", title);
            return;
        }

        console.Write(new Rule($"[bold]{Markup.Escape(title)}[/]").LeftJustified());
    }

    public void Say(DateTimeOffset time, string source, string text, string style = "default")
    {
        if (narration is not null)
        {
            narration.Say(new NarrationLine("step", text) { At = time, Step = source });
            return;
        }

        var at = time.ToString("ddd dd MMM HH:mm", CultureInfo.InvariantCulture);
        var column = at.Length + 1 + CloudStory.WhoWidth + 1;
        var lines = Wrapping.Wrap(text, console.Profile.Width - column);
        console.MarkupLine($"[grey]{at}[/] [blue]{Markup.Escape(source.PadRight(CloudStory.WhoWidth))}[/] [{style}]{Markup.Escape(lines[0])}[/]");
        foreach (var line in lines.Skip(1))
        {
            console.MarkupLine($"{new string(' ', column)}[{style}]{Markup.Escape(line)}[/]");
        }
    }

    /// <summary>Called under the cloud's gate for every journal entry.</summary>
    public void On(JournalEntry entry)
    {
        foreach (var line in _story.Of(CloudEvents.Of(entry), everything: false))
        {
            Say(line.Time, line.Who, line.Text, line.Style);
        }
    }
}
