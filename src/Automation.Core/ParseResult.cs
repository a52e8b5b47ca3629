using System.Diagnostics.CodeAnalysis;

namespace Automation.Core;

/// <summary>The value of a text, or why the text is not valid.</summary>
public abstract record ParseResult<T>
{
    private ParseResult()
    {
    }

    /// <summary>Why the text is not valid; null if it is.</summary>
    public string? Fault => (this as Invalid)?.Why;

    /// <exception cref="FormatException">The text is not valid; the message is <see cref="Fault"/>.</exception>
    [SuppressMessage("Design", "CA1024", Justification = "It throws for an invalid text, which a property must not")]
    public T GetOrThrow() => this is Valid valid ? valid.Value : throw new FormatException(Fault);

    public void Deconstruct(out T? value, out string? fault) => (value, fault) = this is Valid valid ? (valid.Value, null) : (default(T), Fault);

    public sealed record Valid(T Value) : ParseResult<T>;

    public sealed record Invalid(string Why) : ParseResult<T>;
}
