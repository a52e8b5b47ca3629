using System.Globalization;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>Layers and configs: upload in one piece or in chunks, mount, and download.</summary>
internal sealed class DistributionBlobs(EcrState state, LayerUploads uploads)
{
    private const string Binary = "application/octet-stream";

    /// <summary>POST: mounts a layer of another repository, accepts a whole layer (<c>?digest=</c>), or starts an upload.</summary>
    public WireResponse Begin(DistributionCall call)
    {
        if (call.Query("mount") is { } mount && call.Query("from") is { } from
            && RegistryOperations.Value(state.Registry(call.Repository.Row.Region), RegistryOperations.BlobMounting) == "ENABLED"
            && state.Find(call.Repository.Row.Region, from)?.Layer(mount) is { } layer)
        {
            state.Mount(call.Repository, layer);
            return Created(call, mount);
        }

        if (call.Query("digest") is { } digest)
        {
            CheckDigest(digest);
            if (OciImage.DigestOf(call.Request.Body.Span) != digest)
            {
                throw WrongDigest(digest);
            }

            state.AddLayer(call.Repository, digest, call.Request.Body);
            return Created(call, digest);
        }

        return Progress(call, uploads.Begin(call.Repository), 202);
    }

    public WireResponse Status(DistributionCall call) => Progress(call, uploads.Find(call.Repository, call.Reference), 204);

    public WireResponse Append(DistributionCall call)
    {
        var upload = uploads.Find(call.Repository, call.Reference);
        CheckRange(call, upload);
        return Progress(call, uploads.Append(upload, call.Request.Body), 202);
    }

    public WireResponse Complete(DistributionCall call)
    {
        var upload = uploads.Find(call.Repository, call.Reference);
        var digest = call.Query("digest") ?? throw new DistributionException(400, "DIGEST_INVALID", "The digest parameter is missing");
        CheckDigest(digest);
        CheckRange(call, upload);
        return uploads.Complete(call.Repository, upload, digest, call.Request.Body) ? Created(call, digest) : throw WrongDigest(digest);
    }

    public WireResponse Cancel(DistributionCall call)
    {
        uploads.Cancel(uploads.Find(call.Repository, call.Reference));
        return WireResponse.Empty(204);
    }

    public WireResponse Get(DistributionCall call)
    {
        var digest = call.Reference;
        CheckDigest(digest);
        var layer = call.Repository.Layer(digest) ?? throw new DistributionException(404, "BLOB_UNKNOWN", $"The repository has no blob {digest}");
        var headers = new Dictionary<string, string>
        {
            ["Docker-Content-Digest"] = digest,
            ["ETag"] = $"\"{digest}\"",
            ["Accept-Ranges"] = "bytes",
        };
        if (call.Request.Method == "HEAD")
        {
            headers["Content-Length"] = layer.Size.ToString(CultureInfo.InvariantCulture);
            return new WireResponse(200, ReadOnlyMemory<byte>.Empty, Binary) { Headers = headers };
        }

        var content = state.Blob(digest);
        if (RangeOf(call.Request.Header("range"), content.Length) is not { } range)
        {
            return new WireResponse(200, content, Binary) { Headers = headers };
        }

        headers["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes {range.First}-{range.Last}/{content.Length}");
        return new WireResponse(206, content[range.First..(range.Last + 1)], Binary) { Headers = headers };
    }

    /// <summary>A single range <c>bytes=a-b</c> or <c>bytes=a-</c>. For any other range the response is the whole blob.</summary>
    private static (int First, int Last)? RangeOf(string? header, int length)
    {
        const string Unit = "bytes=";
        if (header is null || !header.StartsWith(Unit, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = header[Unit.Length..].Split('-');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return null;
        }

        var last = int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? Math.Min(given, length - 1) : length - 1;
        return first <= last
            ? (first, last)
            : throw new DistributionException(416, "SIZE_INVALID", $"The blob has {length} bytes")
            {
                Headers = new Dictionary<string, string> { ["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes */{length}") },
            };
    }

    /// <summary>A chunk with a position (<c>Content-Range: 100-199</c>) must continue the upload and be complete.</summary>
    private static void CheckRange(DistributionCall call, UploadRow upload)
    {
        if (call.Request.Header("content-range") is not { } header)
        {
            return;
        }

        var parts = header.Replace("bytes ", "", StringComparison.Ordinal).Split('/')[0].Split('-');
        if (parts.Length != 2
            || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || first != upload.Size
            || last - first + 1 != call.Request.Body.Length)
        {
            throw new DistributionException(416, "BLOB_UPLOAD_INVALID", $"The chunk {header} does not continue the upload at byte {upload.Size}")
            {
                Headers = Position(call, upload),
            };
        }
    }

    private static WireResponse Progress(DistributionCall call, UploadRow upload, int status) =>
        WireResponse.Empty(status) with { Headers = Position(call, upload) };

    private static Dictionary<string, string> Position(DistributionCall call, UploadRow upload) => new()
    {
        ["Location"] = $"{call.Path}/blobs/uploads/{upload.Id}",
        ["Range"] = string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, upload.Size - 1)}"),
        ["Docker-Upload-UUID"] = upload.Id,
    };

    private static WireResponse Created(DistributionCall call, string digest) => WireResponse.Empty(201) with
    {
        Headers = new Dictionary<string, string>
        {
            ["Location"] = $"{call.Path}/blobs/{digest}",
            ["Docker-Content-Digest"] = digest,
        },
    };

    private static void CheckDigest(string digest)
    {
        if (!Digests.IsSha256(digest))
        {
            throw new DistributionException(400, "DIGEST_INVALID", $"'{digest}' is not a sha256 digest");
        }
    }

    private static DistributionException WrongDigest(string digest) =>
        new(400, "DIGEST_INVALID", $"The content does not have the digest {digest}");
}
