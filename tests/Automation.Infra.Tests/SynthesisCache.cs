using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amazon.CDK;
using Automation.Core.Catalog;

namespace Automation.Infra.Tests;

/// <summary>Stores synthesised stacks by app and inputs, for this run and, in <c>artifacts/synthesis</c>, for later ones.</summary>
internal static class SynthesisCache
{
    private static readonly Dictionary<string, Synthesised> Made = new(StringComparer.Ordinal);

    /// <summary>A folder for each version of the app. The id of a module is the hash of its content, because builds are deterministic.</summary>
    private static readonly DirectoryInfo Folder = Directory.CreateDirectory(Path.Combine(Synthesis.Root, "artifacts", "synthesis", Hash([
        File.ReadAllText(Path.Combine(Synthesis.Root, "cdk.json")),
        .. new[] { typeof(AutomationStack), typeof(ImageCatalog), typeof(Synthesis), typeof(App) }
            .Select(type => type.Assembly.ManifestModule.ModuleVersionId.ToString()),
    ])));

    /// <param name="inputs">Everything besides the app that the result depends on.</param>
    public static Synthesised Get(IEnumerable<string?> inputs, Func<Synthesised> make)
    {
        var key = Hash([.. inputs]);
        if (Made.TryGetValue(key, out var known))
        {
            return known;
        }

        var file = Path.Combine(Folder.FullName, $"{key}.json");
        if (File.Exists(file))
        {
            return Made[key] = JsonSerializer.Deserialize<Synthesised>(File.ReadAllText(file))!;
        }

        RemoveOtherVersions();
        var made = make();
        var unfinished = $"{file}.{Path.GetRandomFileName()}";
        File.WriteAllText(unfinished, JsonSerializer.Serialize(made));
        File.Move(unfinished, file, overwrite: true);
        return Made[key] = made;
    }

    private static void RemoveOtherVersions()
    {
        foreach (var other in Folder.Parent!.EnumerateDirectories().Where(other => other.Name != Folder.Name))
        {
            other.Delete(recursive: true);
        }
    }

    private static string Hash(params ReadOnlySpan<string?> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            // A fixed length separates the texts unambiguously.
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(text ?? "\0")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
