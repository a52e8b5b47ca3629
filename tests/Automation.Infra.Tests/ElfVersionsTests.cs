using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Automation.Infra.Tests;

/// <summary>The C library that native code needs, read from crafted and real files, and what Lambda cannot load.</summary>
public sealed partial class ElfVersionsTests
{
    [Fact]
    public void Versions_AreReadPerLibraryInTheOrderOfTheFile() => Assert.Equal(
        [new("libm.so.6", "GLIBC_2.38"), new("libm.so.6", "GLIBC_2.2.5"), new("libc.so.6", "GLIBC_2.34")],
        ElfVersions.Read(Elf(("libm.so.6", ["GLIBC_2.38", "GLIBC_2.2.5"]), ("libc.so.6", ["GLIBC_2.34"]))));

    // The addresses of a position-independent executable are not the offsets in the file.
    [Fact]
    public void Versions_AreFoundByAddressWhereverTheSegmentsAreLoaded() =>
        Assert.Equal([new("libc.so.6", "GLIBC_2.34")], ElfVersions.Read(Elf(0x40_0000, ("libc.so.6", ["GLIBC_2.34"]))));

    [Fact]
    public void WeakVersions_AreNotNeeded() =>
        Assert.Equal([new("libc.so.6", "GLIBC_2.34")], ElfVersions.Read(Elf(0, ["GLIBC_2.99"], ("libc.so.6", ["GLIBC_2.34", "GLIBC_2.99"]))));

    [Fact]
    public void StaticExecutable_NeedsNothing() => Assert.Empty(ElfVersions.Read(Elf()));

    [Theory]
    [InlineData("")]
    [InlineData("#!/bin/sh\n")]
    [InlineData("MZ\u0090")]
    public void OtherFiles_AreNotElf(string text)
    {
        var content = Encoding.Latin1.GetBytes(text);

        Assert.False(ElfVersions.IsElf(content));
        Assert.Throws<InvalidDataException>(() => ElfVersions.Read(content));
    }

    [Fact]
    public void ThirtyTwoBits_AreRefused() =>
        Assert.Contains("64-bit", Assert.Throws<InvalidDataException>(() => ElfVersions.Read("\u007fELF\u0001\u0001"u8)).Message, StringComparison.Ordinal);

    // A file that is truncated anywhere either still contains what is needed, or it is refused; nothing else happens.
    [Fact]
    public void TruncatedFile_IsRefusedAndNeverMisread()
    {
        var whole = Elf(("libm.so.6", ["GLIBC_2.38"]), ("libc.so.6", ["GLIBC_2.34"]));
        var expected = ElfVersions.Read(whole);
        for (var length = 0; length < whole.Length; length++)
        {
            try
            {
                Assert.Equal(expected, ElfVersions.Read(whole.AsSpan(0, length)));
            }
            catch (InvalidDataException)
            {
                // The purpose of the reader.
            }
        }
    }

    [Theory]
    [InlineData("GLIBC_2.2.5", true)]
    [InlineData("GLIBC_2.34", true)]
    [InlineData("GLIBC_2.35", false)]
    [InlineData("GLIBC_2.38", false)]
    [InlineData("GLIBC_3.0", false)]
    [InlineData("GLIBC_ABI_DT_RELR", false)]
    [InlineData("GLIBC_PRIVATE", true)]
    [InlineData("GCC_4.2.0", true)]
    [InlineData("GLIBCXX_3.4.30", true)]
    public void Lambda_HasGlibcUpTo234(string version, bool has) =>
        Assert.Equal(has ? [] : new[] { $"libc.so.6 ({version})" }, LambdaRuntime.Missing([new("libc.so.6", version)]));

    [Fact]
    public void FunctionsLinkedOnANewerHost_AreRefusedAtSynthWithWhatToDo()
    {
        var folder = Directory.CreateTempSubdirectory("automation-elf-");
        try
        {
            var bootstrap = Path.Combine(folder.FullName, "bootstrap");
            File.WriteAllBytes(bootstrap, Elf(("libm.so.6", ["GLIBC_2.38"]), ("libc.so.6", ["GLIBC_2.34"])));

            var refusal = Assert.Throws<StackOptionsException>(() => FunctionFolder.Of(folder.FullName, "{}")).Message;

            Assert.Contains("it needs libm.so.6 (GLIBC_2.38), and Amazon Linux 2023 has glibc 2.34", refusal, StringComparison.Ordinal);
            Assert.Contains("Publishing on another host", refusal, StringComparison.Ordinal);
            Assert.Contains("### Publishing on another host", File.ReadAllText(Path.Combine(Synthesis.Root, "infra", "README.md")), StringComparison.Ordinal);

            File.WriteAllBytes(bootstrap, Elf(("libc.so.6", ["GLIBC_2.34"])));
            FunctionFolder.Of(folder.FullName, "{}").Dispose();

            File.WriteAllText(bootstrap, "#!/bin/sh\n");
            FunctionFolder.Of(folder.FullName, "{}").Dispose();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Real files, compared with <c>readelf --version-info</c>: this process, the runtime that it loaded, and the shell.</summary>
    [Fact]
    public void RealFiles_GiveTheVersionsOfReadelf()
    {
        string[] files = [
            .. new[] { Environment.ProcessPath!, Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libcoreclr.so"), "/bin/sh" }
                .Where(File.Exists).Where(file => ElfVersions.IsElf(File.ReadAllBytes(file)))
        ];
        Assert.SkipWhen(files.Length == 0 || !File.Exists("/usr/bin/readelf"), "No ELF files or no readelf here.");

        Assert.All(files, file =>
        {
            using var readelf = Process.Start(new ProcessStartInfo("/usr/bin/readelf", ["--version-info", "--wide", file]) { RedirectStandardOutput = true })!;
            var section = readelf.StandardOutput.ReadToEnd().Split("Version needs section", 2);
            readelf.WaitForExit();
            var expected = section.Length < 2
                ? []
                : ReadelfName().Matches(section[1].Split("\n\n", 2)[0]).Where(match => !match.Groups["flags"].Value.Contains("WEAK", StringComparison.Ordinal))
                    .Select(match => match.Groups["name"].Value);

            Assert.Equal(expected.Order(StringComparer.Ordinal),
                ElfVersions.Read(File.ReadAllBytes(file)).Select(need => need.Version).Order(StringComparer.Ordinal));
        });
    }

    [GeneratedRegex(@"Name: (?<name>\S+)\s+Flags: (?<flags>.*?)\s+Version: ")]
    private static partial Regex ReadelfName();

    private static byte[] Elf(params (string Library, string[] Versions)[] needed) => Elf(0, [], needed);

    private static byte[] Elf(long load, params (string Library, string[] Versions)[] needed) => Elf(load, [], needed);

    /// <summary>The smallest file with a version section: header, two program headers, dynamic section, strings, version needs.</summary>
    /// <param name="load">The address at which the file is loaded.</param>
    /// <param name="weak">Versions with the flag VER_FLG_WEAK.</param>
    private static byte[] Elf(long load, string[] weak, params (string Library, string[] Versions)[] needed)
    {
        const int Headers = 64;
        const int Dynamic = Headers + (2 * 56);
        const int Needs = Dynamic + (4 * 16);
        var strings = new StringBuilder("\0");
        int Text(string text)
        {
            var at = strings.Length;
            strings.Append(text).Append('\0');
            return at;
        }

        var needs = new List<byte>();
        void U16(int value) => needs.AddRange(BitConverter.GetBytes((ushort)value));
        void U32(int value) => needs.AddRange(BitConverter.GetBytes(value));
        foreach (var ((library, versions), index) in needed.Select((each, index) => (each, index)))
        {
            U16(1);
            U16(versions.Length);
            U32(Text(library));
            U32(16);
            U32(index == needed.Length - 1 ? 0 : 16 * (1 + versions.Length));
            foreach (var (version, place) in versions.Select((version, place) => (version, place)))
            {
                U32(0);
                U16(weak.Contains(version) ? 2 : 0);
                U16(place + 2);
                U32(Text(version));
                U32(place == versions.Length - 1 ? 0 : 16);
            }
        }

        var table = Encoding.ASCII.GetBytes(strings.ToString());
        var file = new byte[Needs + needs.Count + table.Length];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(32), Headers);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 2);
        Segment(Headers, 1, 0, file.Length);
        Segment(Headers + 56, 2, Dynamic, 4 * 16);
        if (needed.Length > 0)
        {
            Entry(0, 0x6ffffffe, load + Needs);
            Entry(1, 0x6fffffff, needed.Length);
            Entry(2, 5, load + Needs + needs.Count);
        }

        needs.ToArray().CopyTo(file, Needs);
        table.CopyTo(file, Needs + needs.Count);
        return file;

        void Segment(int at, int type, long offset, long length)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), type);
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + 8), offset);
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + 16), load + offset);
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + 32), length);
        }

        void Entry(int index, long tag, long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(Dynamic + (index * 16)), tag);
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(Dynamic + (index * 16) + 8), value);
        }
    }
}
