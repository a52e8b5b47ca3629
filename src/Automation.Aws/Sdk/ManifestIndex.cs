using System.Text.Json;
using Automation.Core.Images;

namespace Automation.Aws.Sdk;

/// <summary>
/// Reads the manifests that an index or manifest list names:
/// <code>
/// {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",
///  "manifests":[{"mediaType":"…","digest":"sha256:…","size":527,"platform":{"os":"linux","architecture":"amd64"}}]}
/// </code>
/// https://github.com/opencontainers/image-spec/blob/main/image-index.md
/// </summary>
internal static class ManifestIndex
{
    /// <summary>Null if the text is not an index, so that its children are unknown.</summary>
    /// <param name="runnableOnly">Skips entries that cannot run, such as the attestations that BuildKit lists for platform unknown/unknown
    /// (https://docs.docker.com/build/metadata/attestations/attestation-storage/).</param>
    public static IReadOnlyList<Digest>? TryReadChildren(string manifest, bool runnableOnly = false)
    {
        try
        {
            using var document = JsonDocument.Parse(manifest);
            var children = new List<Digest>();
            foreach (var entry in document.RootElement.GetProperty("manifests").EnumerateArray())
            {
                if (runnableOnly && entry.TryGetProperty("platform", out var platform)
                    && platform.TryGetProperty("architecture", out var architecture) && architecture.ValueEquals("unknown"))
                {
                    continue;
                }

                children.Add(Digest.Parse(entry.GetProperty("digest").GetString()!));
            }

            return children;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
