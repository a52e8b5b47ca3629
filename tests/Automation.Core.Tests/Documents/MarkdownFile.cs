using System.Text.RegularExpressions;

namespace Automation.Core.Tests.Documents;

/// <summary>Parses a Markdown file like GitHub, limited to the Markdown that this repository's documents use.</summary>
internal sealed partial class MarkdownFile
{
    private readonly List<string> _headings = [];
    private readonly List<string> _paragraphs = [];
    private readonly List<IReadOnlyList<string>> _rows = [];
    private readonly List<(string Language, string Text)> _codeBlocks = [];

    public MarkdownFile(string text)
    {
        var paragraph = new List<string>();
        List<string>? code = null;
        var language = "";
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                EndParagraph(paragraph);
                if (code is null)
                {
                    (code, language) = ([], line[3..]);
                }
                else
                {
                    _codeBlocks.Add((language, string.Join('\n', code)));
                    code = null;
                }
            }
            else if (code is not null)
            {
                code.Add(line);
            }
            else if (line.Length == 0 || line[0] is '|' or '#')
            {
                EndParagraph(paragraph);
                if (line.StartsWith('|'))
                {
                    _rows.Add([.. line.Trim('|').Split('|').Select(cell => cell.Trim())]);
                }
                else if (line.Length > 0)
                {
                    _headings.Add(line.TrimStart('#').Trim());
                }
            }
            else if (ListItem().Match(line) is { Success: true } marker)
            {
                EndParagraph(paragraph);
                paragraph.Add(line[marker.Length..]);
            }
            else
            {
                paragraph.Add(line);
            }
        }

        EndParagraph(paragraph);
    }

    /// <summary>The rows of all tables, cell by cell, including headers and rules.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    public IReadOnlyList<(string Language, string Text)> CodeBlocks => _codeBlocks;

    /// <summary>The anchors that links can have after '#'.</summary>
    public IEnumerable<string> Anchors =>
        _headings.Select(heading => NoAnchor().Replace(Link().Replace(heading, "$1").ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>The targets of all links and pictures, in text and tables.</summary>
    public IEnumerable<string> Links => _paragraphs.Concat(_rows.SelectMany(cells => cells)).Concat(_headings)
        .SelectMany(text => Link().Matches(CodeSpan().Replace(text, "code")).Select(match => match.Groups[2].Value));

    /// <summary>The sentences of all paragraphs, list items and table cells. Code spans and links count as the words that a reader sees. Code blocks are
    /// omitted.</summary>
    public IEnumerable<string> Sentences =>
        _paragraphs.Concat(_rows.SelectMany(cells => cells))
            .SelectMany(text => SentenceEnd().Split(Emphasis().Replace(Link().Replace(CodeSpan().Replace(text, "Code"), "$1"), "")));

    /// <summary>Counts the parts between spaces that contain a letter or digit.</summary>
    public static int CountWords(string sentence) => sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries).Count(word => word.Any(char.IsLetterOrDigit));

    private void EndParagraph(List<string> lines)
    {
        if (lines.Count > 0)
        {
            _paragraphs.Add(string.Join(' ', lines));
            lines.Clear();
        }
    }

    [GeneratedRegex(@"^(?:[-*+]|\d+\.)\s+")]
    private static partial Regex ListItem();

    [GeneratedRegex(@"!?\[([^\]]*)\]\(([^)\s]*)\)")]
    private static partial Regex Link();

    [GeneratedRegex("(?<!`)(`+)(?!`).+?(?<!`)\\1(?!`)")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\*+")]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    // Before a capital, a digit or a quote: "e.g. this" and "1.0.x" do not end a sentence.
    [GeneratedRegex(@"(?<=[.!?][)""”]?)\s+(?=[A-Z0-9(""“])")]
    private static partial Regex SentenceEnd();
}
