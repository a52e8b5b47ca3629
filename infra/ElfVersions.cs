using System.Buffers.Binary;
using System.Text;

namespace Automation.Infra;

/// <summary>A version of a shared library that an executable needs to start.</summary>
/// <param name="Library">Such as <c>libc.so.6</c>.</param>
/// <param name="Version">Such as <c>GLIBC_2.34</c>.</param>
internal readonly record struct NeededVersion(string Library, string Version);

/// <summary>
/// The versions of shared libraries that a 64-bit little-endian ELF executable needs. The dynamic loader checks them before it starts the
/// executable; <c>readelf --version-info</c> prints them as <c>.gnu.version_r</c>. The loader and this reader find them through the dynamic
/// segment, because section headers may be stripped.
/// <code>
/// program header PT_DYNAMIC ─▶ DT_VERNEED, DT_VERNEEDNUM, DT_STRTAB (addresses; PT_LOAD says where they are in the file)
/// Verneed  u16 version  u16 count  u32 file  u32 aux  u32 next      one per library; offsets are relative to the entry
/// Vernaux  u32 hash  u16 flags  u16 other  u32 name  u32 next       one per version of it
/// </code>
/// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
/// </summary>
internal static class ElfVersions
{
    private const uint PtLoad = 1;
    private const uint PtDynamic = 2;
    private const long DtStrtab = 5;
    private const long DtVerneed = 0x6ffffffe;
    private const long DtVerneednum = 0x6fffffff;

    /// <summary>If such a version is missing, the loader only warns.</summary>
    private const ushort Weak = 2;

    /// <summary>Whether the file is native code. A <c>bootstrap</c> may also be a script.</summary>
    public static bool IsElf(ReadOnlySpan<byte> file) => file.StartsWith("\u007fELF"u8);

    /// <summary>The versions in the order of the file; empty for a static executable.</summary>
    /// <exception cref="InvalidDataException">The file is not a 64-bit little-endian ELF file, or it is truncated.</exception>
    public static IReadOnlyList<NeededVersion> Read(ReadOnlySpan<byte> file)
    {
        if (!IsElf(file) || !file[4..].StartsWith("\u0002\u0001"u8))
        {
            throw new InvalidDataException("it is not a 64-bit little-endian ELF file");
        }

        var headers = U64(file, 32);
        var size = U16(file, 54);
        var segments = new List<(uint Type, long Offset, long Address, long Length)>();
        for (var i = 0; i < U16(file, 56); i++)
        {
            var at = headers + (i * size);
            segments.Add((U32(file, at), U64(file, at + 8), U64(file, at + 16), U64(file, at + 32)));
        }

        var dynamic = new Dictionary<long, long>();
        foreach (var segment in segments.Where(segment => segment.Type == PtDynamic))
        {
            for (var at = segment.Offset; at < segment.Offset + segment.Length && U64(file, at) != 0; at += 16)
            {
                dynamic[U64(file, at)] = U64(file, at + 8);
            }
        }

        return dynamic.TryGetValue(DtVerneed, out var address) && dynamic.TryGetValue(DtStrtab, out var strings)
            ? Needed(file, OffsetOf(address, segments), dynamic.GetValueOrDefault(DtVerneednum), OffsetOf(strings, segments))
            : [];
    }

    private static List<NeededVersion> Needed(ReadOnlySpan<byte> file, long at, long libraries, long strings)
    {
        var needed = new List<NeededVersion>();
        for (var i = 0L; i < libraries; i++)
        {
            var library = Text(file, strings + U32(file, at + 4));
            var version = at + U32(file, at + 8);
            for (var j = 0; j < U16(file, at + 2); j++)
            {
                if ((U16(file, version + 4) & Weak) == 0)
                {
                    needed.Add(new NeededVersion(library, Text(file, strings + U32(file, version + 8))));
                }

                version += U32(file, version + 12);
            }

            at += U32(file, at + 12);
        }

        return needed;
    }

    private static long OffsetOf(long address, List<(uint Type, long Offset, long Address, long Length)> segments)
    {
        foreach (var segment in segments.Where(segment => segment.Type == PtLoad && address >= segment.Address && address < segment.Address + segment.Length))
        {
            return segment.Offset + address - segment.Address;
        }

        throw new InvalidDataException($"the address {address:x} is not in any segment of the file");
    }

    private static string Text(ReadOnlySpan<byte> file, long at)
    {
        var rest = From(file, at, 0);
        var end = rest.IndexOf((byte)0);
        return end < 0 ? throw Ended(at) : Encoding.ASCII.GetString(rest[..end]);
    }

    private static ushort U16(ReadOnlySpan<byte> file, long at) => BinaryPrimitives.ReadUInt16LittleEndian(From(file, at, 2));

    private static uint U32(ReadOnlySpan<byte> file, long at) => BinaryPrimitives.ReadUInt32LittleEndian(From(file, at, 4));

    private static long U64(ReadOnlySpan<byte> file, long at) => BinaryPrimitives.ReadInt64LittleEndian(From(file, at, 8));

    private static ReadOnlySpan<byte> From(ReadOnlySpan<byte> file, long at, int length) =>
        at >= 0 && at <= file.Length - length ? file[(int)at..] : throw Ended(at);

    private static InvalidDataException Ended(long at) => new($"it ends before offset {at}");
}
