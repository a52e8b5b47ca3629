using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud;

/// <summary>
/// Identifiers that look random but are not: the n-th id of a cloud with the same seed is always the same. No id is used
/// twice, even across restarts: numbers are reserved in the store in blocks, so that an id does not need a write.
/// </summary>
public sealed class Ids
{
    private const int Block = 1000;
    private readonly string _seed;
    private readonly Table<Reservation>? _reservations;
    private long _count;
    private long _reserved;

    /// <param name="store">Null means that nothing is stored.</param>
    public Ids(string seed, ICloudStore? store = null)
    {
        _seed = seed;
        _reservations = store is null ? null : new Table<Reservation>("cloud.ids", store, () => CloudJson.Default.Reservation);

        // The rest of the last block is skipped, because it is not known which of its numbers were used.
        _count = _reserved = _reservations?.Find(seed)?.UpTo ?? 0;
    }

    /// <summary>A fresh UUID-shaped id.</summary>
    public Guid Next()
    {
        if (_count == _reserved)
        {
            _reserved += Block;
            _reservations?.Set(_seed, new Reservation(_reserved));
        }

        return From(string.Create(CultureInfo.InvariantCulture, $"{_seed}/{++_count}"));
    }

    /// <summary>The same text gives the same id in every cloud.</summary>
    public static Guid From(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16), bigEndian: true);

    /// <summary>The same number gives the same id in every cloud. It needs no hash, whose library an idle cloud would hold in memory.
    /// https://prng.di.unimi.it/splitmix64.c</summary>
    public static Guid OfNumber(long number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Mix(2 * (ulong)number));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Mix((2 * (ulong)number) + 1));
        return new Guid(bytes, bigEndian: true);

        static ulong Mix(ulong state)
        {
            var z = unchecked((state + 1) * 0x9e3779b97f4a7c15);
            z = unchecked((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9);
            z = unchecked((z ^ (z >> 27)) * 0x94d049bb133111eb);
            return z ^ (z >> 31);
        }
    }

    /// <param name="UpTo">The last number that may have been used.</param>
    internal sealed record Reservation(long UpTo);
}
