using System.Text.Json;
using Automation.Core.Images;

namespace Automation.Aws.Signatures;

/// <summary>
/// The manifest of a signature:
/// <code>
/// {"artifactType":"application/vnd.cncf.notary.signature","config":{"mediaType":"…"},
///  "layers":[{"mediaType":"application/jose+json","digest":"sha256:…","size":2048,"annotations":{"dev.cosignproject.cosign/signature":"MEUC…"}}]}
/// </code>
/// https://github.com/opencontainers/image-spec/blob/main/manifest.md
/// </summary>
/// <param name="ArtifactType">The artifact type, or the config's media type where a manifest has none.</param>
internal sealed record SignatureManifest(string ArtifactType, IReadOnlyList<SignatureManifest.Layer> Layers)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <exception cref="FormatException">The text is not such a manifest.</exception>
    public static SignatureManifest Parse(string manifest)
    {
        try
        {
            using var document = JsonDocument.Parse(manifest, Strict);
            var root = document.RootElement;
            return new SignatureManifest(
                Text(root, "artifactType") ?? Text(root.GetProperty("config"), "mediaType") ?? "",
                [.. root.GetProperty("layers").EnumerateArray().Select(ReadLayer)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static Layer ReadLayer(JsonElement layer) => new(
        Text(layer, "mediaType") ?? "",
        Digest.Parse(layer.GetProperty("digest").GetString() ?? ""),
        layer.GetProperty("size").GetInt64(),
        layer.TryGetProperty("annotations", out var annotations) ? Text(annotations, CosignSignature.Annotation) : null);

    private static string? Text(JsonElement at, string name) =>
        at.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <param name="Size">In bytes, as the manifest says.</param>
    /// <param name="Cosign">The signature of cosign over the layer, in base64; null for other layers.</param>
    internal sealed record Layer(string MediaType, Digest Digest, long Size, string? Cosign);
}
