using System.Security.Cryptography;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.Runtime;
using Automation.Core.Images;

namespace Automation.Aws.Signatures;

/// <summary>Downloads small layers. ECR gives a link to the layer's storage, which works without credentials for a while.</summary>
internal sealed class LayerReader(IAmazonECR client, string repository)
{
    /// <summary>The largest layer that is read. Signatures have a few kilobytes, most of them certificates.</summary>
    public const int MaxSize = 256 * 1024;

    /// <returns>The content, whose digest was checked; null if it is larger than <see cref="MaxSize"/> or has another digest.</returns>
    public async Task<byte[]?> ReadAsync(Digest digest, CancellationToken cancellationToken)
    {
        var link = await client.GetDownloadUrlForLayerAsync(
            new GetDownloadUrlForLayerRequest { RepositoryName = repository, LayerDigest = digest.Value }, cancellationToken);
        using var http = Http();
        using var response = await http.GetAsync(new Uri(link.DownloadUrl), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxSize + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxSize && $"sha256:{Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, length)))}" == digest.Value ? buffer[..length] : null;
    }

    /// <summary>The network of the SDK's own clients.</summary>
    private HttpClient Http() => client.Config is ClientConfig { HttpClientFactory: { } factory } config ? factory.CreateHttpClient(config) : new HttpClient();
}
