using System.CommandLine;
using Automation.Core;

namespace Automation.Cli.Commands;

/// <summary>The option that hides what needs no attention.</summary>
internal static class OnlyOption
{
    /// <param name="word">The one value that it takes.</param>
    public static Option<string?> Create(string word, string description) => new("--only")
    {
        Description = description,
        HelpName = word,
        CustomParser = result =>
        {
            if (result.Tokens[0].Value is { } text && text != word)
            {
                result.AddError($"--only must be {word}, not '{text}'{Suggestion.End(text, [word])}");
            }

            return word;
        },
    };
}
