using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud;

/// <summary>
/// Identifiers that look random and are not: the n-th id of a cloud with the same seed is always the same. An id is never given
/// twice, across restarts too: numbers are reserved in the store a block at a time, so that an id costs no write of its own.
/// </summary>
public sealed class Ids
{
    private const int Block = 1000;
    private readonly string _seed;
    private readonly Table<Reservation>? _reservations;
    private long _count;
    private long _reserved;

    /// <param name="store">Null: nothing is kept.</param>
    public Ids(string seed, ICloudStore? store = null)
    {
        _seed = seed;
        _reservations = store is null ? null : new Table<Reservation>("cloud.ids", store);

        // What is left of the last block is given up: which of its numbers were used is not known.
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

    /// <param name="UpTo">Numbers up to this one may have been given.</param>
    private sealed record Reservation(long UpTo);
}
