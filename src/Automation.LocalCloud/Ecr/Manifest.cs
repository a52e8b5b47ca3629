using System.Buffers;
using System.Text;
using System.Text.Json;
using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// The data that the registry reads from a manifest; the bytes themselves are stored unchanged.
/// <code>
/// {"schemaVersion":2,"mediaType":"…manifest.v1+json","config":{"mediaType":"…","digest":"sha256:…","size":1},
///  "layers":[{…}],"subject":{…},"artifactType":"…","annotations":{}}
/// {"schemaVersion":2,"mediaType":"…index.v1+json","manifests":[{"mediaType":"…","digest":"sha256:…","size":1}]}
/// </code>
/// https://github.com/opencontainers/image-spec
/// </summary>
internal sealed record Manifest(string MediaType, ManifestBlob? Config, IReadOnlyList<ManifestBlob> Layers, IReadOnlyList<string> Children)
{
    public string? ArtifactType { get; private init; }

    public string? Subject { get; private init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; private init; }

    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    /// <summary>The artifact's media type in DescribeImages; an index has none.</summary>
    public string? ArtifactMediaType => Config?.MediaType == MediaTypes.OciEmpty ? ArtifactType ?? Config.MediaType : Config?.MediaType;

    /// <param name="mediaType">The client's media type; null means the manifest's own <c>mediaType</c>.</param>
    /// <exception cref="ManifestException">The registry does not accept it.</exception>
    public static Manifest Parse(ReadOnlyMemory<byte> bytes, string? mediaType)
    {
        JsonDocument document;
        try
        {
            // The API transports manifests as text. What is not UTF-8 could not be returned byte for byte.
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(bytes.Span);
            document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ManifestException("Invalid JSON syntax");
        }

        using (document)
        {
            try
            {
                return Read(document.RootElement, mediaType);
            }
            catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new ManifestException("Invalid image manifest provided");
            }
        }
    }

    private static Manifest Read(JsonElement root, string? given)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("schemaVersion", out var schema) || schema.GetInt32() != 2)
        {
            throw new ManifestException("Invalid image manifest provided: schemaVersion must be 2");
        }

        var own = Text(root, "mediaType");
        if (given is not null && own is not null && given != own)
        {
            throw new ManifestException($"Image manifest media type '{given}' does not match the media type '{own}' in the manifest");
        }

        var mediaType = given ?? own ?? throw new ManifestException("Invalid JSON syntax");
        if (MediaTypes.IsIndex(mediaType))
        {
            return new Manifest(mediaType, null, [], [.. root.GetProperty("manifests").EnumerateArray().Select(item => Blob(item).Digest)])
            {
                ArtifactType = Text(root, "artifactType"),
                Subject = SubjectOf(root),
                Annotations = AnnotationsOf(root),
            };
        }

        if (!MediaTypes.IsManifest(mediaType))
        {
            throw new ManifestException($"Unsupported image manifest media type '{mediaType}'");
        }

        var config = Blob(root.GetProperty("config"));
        return new Manifest(mediaType, config, [.. root.GetProperty("layers").EnumerateArray().Select(Blob)], [])
        {
            ArtifactType = Text(root, "artifactType") ?? config.MediaType,
            Subject = SubjectOf(root),
            Annotations = AnnotationsOf(root),
        };
    }

    private static ManifestBlob Blob(JsonElement item)
    {
        var digest = item.GetProperty("digest").GetString()!;
        if (!Digests.IsSha256(digest))
        {
            throw new ManifestException($"Invalid image manifest provided: '{digest}' is not a sha256 digest");
        }

        var size = item.TryGetProperty("size", out var given) ? given.GetInt64() : 0;
        if (size < 0)
        {
            throw new ManifestException("Invalid image manifest provided: a size is negative");
        }

        return new ManifestBlob(digest, size, Text(item, "mediaType"), item.TryGetProperty("urls", out var urls) && urls.GetArrayLength() > 0);
    }

    private static string? SubjectOf(JsonElement root) =>
        root.TryGetProperty("subject", out var subject) && subject.ValueKind == JsonValueKind.Object ? Blob(subject).Digest : null;

    private static Dictionary<string, string>? AnnotationsOf(JsonElement root) =>
        root.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object
            ? annotations.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString() ?? "", StringComparer.Ordinal)
            : null;

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null && value.GetString() is { Length: > 0 } text ? text : null;
}

/// <param name="IsForeign">Whether it has <c>urls</c>, so it is stored elsewhere and need not be in the registry.</param>
internal sealed record ManifestBlob(string Digest, long Size, string? MediaType, bool IsForeign);

internal static class Digests
{
    private const int HexLength = 64;
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>Lower case only, as clients compute it.</summary>
    public static bool IsSha256(string? digest) =>
        digest?.Length == 7 + HexLength
        && digest.StartsWith("sha256:", StringComparison.Ordinal)
        && digest.AsSpan(7).IndexOfAnyExcept(LowerHex) < 0;
}
