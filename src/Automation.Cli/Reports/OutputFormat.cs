using System.CommandLine;
using Automation.Core;

namespace Automation.Cli.Reports;

/// <summary>How a command prints its result.</summary>
internal enum OutputFormat
{
    /// <summary>A table for people.</summary>
    Table,

    /// <summary>One JSON array.</summary>
    Json,

    /// <summary>One JSON object per line, printed as soon as it is known.</summary>
    Ndjson,
}

internal static class OutputFormats
{
    private static readonly string[] Names = ["table", "json", "ndjson"];

    public static Option<OutputFormat> Option()
    {
        var option = new Option<OutputFormat>("--output", "-o")
        {
            Description = "table for people, json for one array, ndjson for one object per line",
            HelpName = "table|json|ndjson",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                var index = Array.IndexOf(Names, text);
                if (index < 0)
                {
                    result.AddError($"--output must be table, json or ndjson, not '{text}'{Suggestion.End(text, Names)}");
                }

                return (OutputFormat)Math.Max(index, 0);
            },
        };

        // Without this, completion offers the names of the enum.
        option.CompletionSources.Clear();
        option.CompletionSources.Add(Names);
        return option;
    }
}
