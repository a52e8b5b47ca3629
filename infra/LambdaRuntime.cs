namespace Automation.Infra;

/// <summary>
/// The libraries that the Lambda runtime <c>provided.al2023</c> can load. Native code is linked against the C library of the machine that
/// publishes it, and newer libraries give symbols newer versions. So a function published on a recent distribution does not start, with
/// <c>/lib64/libm.so.6: version `GLIBC_2.38' not found</c> (dotnet/runtime issue 123204).
/// </summary>
internal static class LambdaRuntime
{
    /// <summary>The version of glibc in Amazon Linux 2023. https://docs.aws.amazon.com/linux/al2023/ug/glibc-gcc-and-binutils.html</summary>
    private static readonly Version Glibc = new(2, 34);

    private const string Prefix = "GLIBC_";

    /// <summary>The required versions that Lambda lacks, such as <c>libm.so.6 (GLIBC_2.38)</c>, in order.</summary>
    public static IReadOnlyList<string> Missing(IEnumerable<NeededVersion> needed) =>
        [.. needed.Where(need => !Has(need.Version)).Select(need => $"{need.Library} ({need.Version})").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Refuses native code that Lambda cannot load. Scripts are not checked.</summary>
    /// <exception cref="StackOptionsException">The executable would not start on Lambda.</exception>
    public static void Check(string executable)
    {
        var content = File.ReadAllBytes(executable);
        IReadOnlyList<string> missing;
        try
        {
            missing = ElfVersions.IsElf(content) ? Missing(ElfVersions.Read(content)) : [];
        }
        catch (InvalidDataException e)
        {
            throw new StackOptionsException([$"functions: {executable} cannot be deployed: {e.Message}"]);
        }

        if (missing.Count > 0)
        {
            throw new StackOptionsException(
            [
                $"functions: {executable} does not start on Lambda: it needs {string.Join(", ", missing)}, and Amazon Linux 2023 has glibc {Glibc}. "
                + "It was linked on a newer distribution. Publish it in a container of Amazon Linux 2023 (infra/README.md, \"Publishing on another host\") and name the folder in AUTOMATION_FUNCTIONS",
            ]);
        }
    }

    // GLIBC_2.2.5, GLIBC_2.34; GLIBC_ABI_DT_RELR and the like are markers of releases after 2.34; other libraries have names of their own.
    private static bool Has(string version) => !version.StartsWith(Prefix, StringComparison.Ordinal)
        || version == "GLIBC_PRIVATE"
        || (Version.TryParse(version.AsSpan(Prefix.Length), out var number) && number <= Glibc);
}
