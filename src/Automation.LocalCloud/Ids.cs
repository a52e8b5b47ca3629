using System.Security.Cryptography;
using System.Text;

namespace Automation.LocalCloud;

/// <summary>Identifiers that look random and are not: the n-th id of a cloud with the same seed is always the same.</summary>
public sealed class Ids(string seed)
{
    private long _count;

    /// <summary>A fresh UUID-shaped id.</summary>
    public Guid Next() => From($"{seed}/{++_count}");

    /// <summary>The same text gives the same id in every cloud.</summary>
    public static Guid From(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16), bigEndian: true);
}
