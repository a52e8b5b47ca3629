using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;

namespace Automation.Aws.Sdk;

/// <summary>Uploads small layers, each in one part.</summary>
internal static class LayerUpload
{
    /// <summary>Uploads a layer unless the repository has it.</summary>
    /// <returns>Its descriptor for a manifest.</returns>
    public static async Task<JsonObject> RunAsync(
        IAmazonECR ecr, string repository, string mediaType, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var upload = await ecr.InitiateLayerUploadAsync(new InitiateLayerUploadRequest { RepositoryName = repository }, cancellationToken);
        using var blob = new MemoryStream(content.ToArray());
        await ecr.UploadLayerPartAsync(
            new UploadLayerPartRequest
            {
                RepositoryName = repository,
                UploadId = upload.UploadId,
                PartFirstByte = 0,
                PartLastByte = content.Length - 1,
                LayerPartBlob = blob
            },
            cancellationToken);
        try
        {
            await ecr.CompleteLayerUploadAsync(
                new CompleteLayerUploadRequest { RepositoryName = repository, UploadId = upload.UploadId, LayerDigests = [DigestOf(content.Span)] },
                cancellationToken);
        }
        catch (LayerAlreadyExistsException)
        {
            // An earlier run wrote the same bytes.
        }

        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = DigestOf(content.Span), ["size"] = content.Length };
    }

    public static string DigestOf(ReadOnlySpan<byte> content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
}
