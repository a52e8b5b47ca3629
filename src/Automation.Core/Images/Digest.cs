using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Automation.Core.Images;

/// <summary>The identity of an image or manifest: <c>sha256:</c> and 64 lower-case hexadecimal digits, as ECR reports it.
/// A tag is only a pointer to one.</summary>
public sealed record Digest
{
    private const string Prefix = "sha256:";
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    private Digest(string value) => Value = value;

    /// <summary>The whole text, <c>sha256:…</c>.</summary>
    public string Value { get; }

    /// <summary>The first twelve hexadecimal digits: for names and for people, never for comparison.</summary>
    public string Short12 => Value.Substring(Prefix.Length, 12);

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = text is not null
            && text.Length == Prefix.Length + 64
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && !text.AsSpan(Prefix.Length).ContainsAnyExcept(Hex)
            ? new Digest(text)
            : null;
        return digest is not null;
    }

    /// <exception cref="FormatException">The text is no SHA-256 digest.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest)
            ? digest
            : throw new FormatException($"'{text}' is no digest: expected sha256: and 64 lower-case hexadecimal digits.");

    public override string ToString() => Value;
}
