using System.Globalization;
using System.Text.RegularExpressions;
using Automation.Cli;
using Automation.Core;
using Automation.Core.Catalog;

namespace Automation.Local.Rehearsal;

/// <summary>Something that happens in a rehearsal because the user says so. Days count from 1: day 1 is the first 24 hours.</summary>
internal abstract record Move
{
    private Move()
    {
    }

    /// <summary>A new image of a base at the beginning of a day.</summary>
    /// <param name="Tag">Null means the tags that the catalog's images are built from.</param>
    public sealed record Push(string Repository, string? Tag, int Day) : Move;

    /// <summary>Every build of an image that starts on the day fails.</summary>
    public sealed record Fail(string Image, int Day) : Move;

    /// <summary>Every call to a Region fails, from the beginning of the first day to the end of the last.</summary>
    public sealed record Down(string Region, int From, int To) : Move;
}

/// <summary>Reads <c>--push golden/base@day2</c>, <c>--fail app@day3</c> and <c>--down eu-central-1@day2..day4</c>.</summary>
internal static partial class Moves
{
    /// <summary>Reads the form and the days, for which no account is needed.</summary>
    /// <returns>The moves, each with its option.</returns>
    /// <exception cref="CommandException">A move cannot be read, or is outside the days.</exception>
    public static IReadOnlyList<(string Option, Move Move)> Read(
        IEnumerable<string> pushes, IEnumerable<string> failures, IEnumerable<string> outages, int days)
    {
        var moves = new List<(string, Move)>();
        foreach (var text in pushes)
        {
            var (what, day, _) = Split("--push", text, days, "golden/base@day2");
            var (repository, tag) = what.Split(':', 2) is [var name, var given] ? (name, given) : (what, null);
            moves.Add(($"--push {text}", new Move.Push(repository, tag, day)));
        }

        foreach (var text in failures)
        {
            var (image, day, _) = Split("--fail", text, days, "app@day3");
            moves.Add(($"--fail {text}", new Move.Fail(image, day)));
        }

        foreach (var text in outages)
        {
            var (region, from, to) = Split("--down", text, days, "eu-central-1@day2..day4");
            moves.Add(($"--down {text}", new Move.Down(region, from, to)));
        }

        return moves;
    }

    /// <summary>Checks what the moves name.</summary>
    /// <param name="bases">The repositories that can be pushed.</param>
    /// <param name="regions">The Regions of the catalog.</param>
    /// <exception cref="CommandException">A move names a base, image or Region that does not exist.</exception>
    public static IReadOnlyList<Move> Check(
        IReadOnlyList<(string Option, Move Move)> moves, ImageCatalog catalog, IReadOnlyCollection<string> bases, IReadOnlyCollection<string> regions)
    {
        var images = catalog.Images.Select(each => each.Name).ToList();
        foreach (var (option, move) in moves)
        {
            var (kind, name, known) = move switch
            {
                Move.Push push => ("base", push.Repository, bases),
                Move.Fail fail => ("image", fail.Image, images),
                Move.Down down => ("Region", down.Region, regions),
                _ => throw new NotSupportedException($"A rehearsal cannot check {move}."),
            };
            if (!known.Contains(name))
            {
                throw new CommandException($"{option}: there is no {kind} '{name}'{Suggestion.End(name, known)}"
                    + (known.Count is > 0 and <= 12 ? $" There are: {string.Join(", ", known.Order(StringComparer.Ordinal))}." : ""));
            }
        }

        return [.. moves.Select(each => each.Move)];
    }

    private static (string What, int From, int To) Split(string option, string text, int days, string example)
    {
        if (Form().Match(text) is not { Success: true } match || (match.Groups["to"].Success && option != "--down"))
        {
            throw new CommandException($"{option} {text} cannot be read: write it like {option} {example}.");
        }

        var from = Day(match.Groups["from"].Value);
        var to = match.Groups["to"].Success ? Day(match.Groups["to"].Value) : from;
        return to < from ? throw new CommandException($"{option} {text} ends before it begins.")
            : from < 1 || to > days ? throw new CommandException($"{option} {text} is outside the rehearsal, which has the days 1 to {days}.")
            : (match.Groups["what"].Value, from, to);
    }

    private static int Day(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var day) ? day : int.MaxValue;

    [GeneratedRegex(@"\A(?<what>[^@]+)@day(?<from>[0-9]{1,4})(\.\.(day)?(?<to>[0-9]{1,4}))?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
