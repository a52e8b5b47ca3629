using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;

namespace Automation.Aws.Sdk;

/// <summary>Uploads small layers, each in one part.</summary>
public static class LayerUpload
{
    /// <summary>Uploads a layer unless the repository has it.</summary>
    /// <returns>Its descriptor for a manifest.</returns>
    public static async Task<JsonObject> DescribeAsync(
        IAmazonECR ecr, string repository, string mediaType, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        new() { ["mediaType"] = mediaType, ["digest"] = await RunAsync(ecr, repository, content, cancellationToken), ["size"] = content.Length };

    /// <summary>Uploads a layer unless the repository has it.</summary>
    /// <returns>The digest of the content.</returns>
    public static async Task<string> RunAsync(IAmazonECR ecr, string repository, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var digest = DigestOf(content.Span);
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
                new CompleteLayerUploadRequest { RepositoryName = repository, UploadId = upload.UploadId, LayerDigests = [digest] }, cancellationToken);
        }
        catch (LayerAlreadyExistsException)
        {
            // The same bytes are there from an earlier upload.
        }

        return digest;
    }

    public static string DigestOf(ReadOnlySpan<byte> content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
}
