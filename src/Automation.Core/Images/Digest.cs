using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Core.Images;

/// <summary>The identity of an image or manifest: <c>sha256:</c> and 64 lower-case hexadecimal digits, as ECR reports it.
/// A tag is only a pointer to a digest. Digests sort like their texts.</summary>
/// <remarks>Stored as 32 bytes: retention holds hundreds of thousands of digests in memory, and a string would take five times as much.</remarks>
public sealed record Digest : IComparable<Digest>
{
    private const string Prefix = "sha256:";
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");
    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private Digest(UInt128 high, UInt128 low)
    {
        _high = high;
        _low = low;
    }

    /// <summary>The full text, <c>sha256:…</c>.</summary>
    public string Value => string.Create(Prefix.Length + 64, this, static (text, digest) =>
    {
        Span<byte> bytes = stackalloc byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, digest._high);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], digest._low);
        Prefix.CopyTo(text);
        _ = Convert.TryToHexStringLower(bytes, text[Prefix.Length..], out _);
    });

    /// <summary>The first twelve hexadecimal digits, for names and messages. Never compare digests by them.</summary>
    public string Short12 => (_high >> 80).ToString("x12", CultureInfo.InvariantCulture);

    /// <summary>The first sixteen hexadecimal digits as a number: a cheap sort key. Digests that share it need a full comparison.</summary>
    internal ulong Leading => (ulong)(_high >> 64);

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = text is not null
            && text.Length == Prefix.Length + 64
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && !text.AsSpan(Prefix.Length).ContainsAnyExcept(Hex)
            ? new Digest(Half(text, Prefix.Length), Half(text, Prefix.Length + 32))
            : null;
        return digest is not null;
    }

    /// <summary>The subject that a referrer's tag names. Older signatures and attestations have such a tag: <c>sha256-&lt;64 hex&gt;</c> with an
    /// optional suffix such as <c>.sig</c> (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema); null for
    /// any other tag.</summary>
    public static Digest? OfReferrerTag(string tag)
    {
        const int Length = 71; // sha256- and 64 digits
        return tag.Length >= Length && tag.StartsWith("sha256-", StringComparison.Ordinal)
            && (tag.Length == Length || tag[Length] == '.')
            && TryParse(Prefix + tag[Prefix.Length..Length], out var subject) ? subject : null;
    }

    /// <exception cref="FormatException">The text is not a SHA-256 digest.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest)
            ? digest
            : throw new FormatException($"'{text}' is not a valid digest: expected sha256: and 64 lower-case hexadecimal digits.");

    /// <summary>The SHA-256 of a text. Identifies something that has a name but no digest.</summary>
    public static Digest OfText(string text) => Parse(Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));

    public bool Equals(Digest? other) => other is not null && _low == other._low && _high == other._high;

    /// <summary>The bits of a SHA-256 are evenly distributed, so any 32 of them are a good hash code.</summary>
    public override int GetHashCode() => (int)(uint)_low;

    public int CompareTo(Digest? other) => other is null ? 1 : _high != other._high ? _high.CompareTo(other._high) : _low.CompareTo(other._low);

    public override string ToString() => Value;

    public static bool operator <(Digest? left, Digest? right) => Comparer<Digest>.Default.Compare(left, right) < 0;

    public static bool operator <=(Digest? left, Digest? right) => Comparer<Digest>.Default.Compare(left, right) <= 0;

    public static bool operator >(Digest? left, Digest? right) => Comparer<Digest>.Default.Compare(left, right) > 0;

    public static bool operator >=(Digest? left, Digest? right) => Comparer<Digest>.Default.Compare(left, right) >= 0;

    private static UInt128 Half(string text, int start)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = Convert.FromHexString(text.AsSpan(start, 32), bytes, out _, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
