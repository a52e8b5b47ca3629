using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Aws.Sdk;
using Automation.Aws.Sdk.Json;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Aws.Signatures;

/// <summary>
/// Finds the signatures of an image and verifies each: the referrers of the image, and the image with the tag <c>sha256-….sig</c>. Anybody who may
/// push can add signatures, so their number and size are limited.
/// </summary>
/// <param name="signerOf">Makes the client of AWS Signer for a Region. It is called only for signatures that would count.</param>
internal sealed class SignatureReader(IAmazonECR client, Func<string, JsonClient> signerOf, string repository, SignatureRules rules)
{
    private const int MaxSignatures = 20;
    private const int MaxManifestSize = 64 * 1024;

    // The API's limit. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
    private const int ReferrersPerPage = 50;
    private const int MaxPages = 4;

    private static readonly List<string> Types = [NotationSignature.ArtifactType, CosignSignature.ArtifactType, SigstoreBundle.MediaType];

    private readonly LayerReader _layers = new(client, repository);

    /// <param name="children">Reads the images of the index that the digest names; null if it names none.</param>
    public async Task<FoundSignatures> ReadAsync(
        Digest image, Func<CancellationToken, Task<IReadOnlyList<Digest>?>> children, CancellationToken cancellationToken)
    {
        var referrers = await ReferrersAsync(image, cancellationToken);
        var manifests = await ManifestsAsync(
            [.. referrers.Take(MaxSignatures).Select(digest => new ImageIdentifier { ImageDigest = digest.Value }), TagOf(image)], cancellationToken);
        var signatures = new List<ImageSignature>();
        if (manifests.Count > 0)
        {
            var roots = Roots();
            foreach (var (digest, text) in manifests)
            {
                signatures.AddRange(await VerifyAsync(image, digest, text, roots, cancellationToken));
            }
        }

        return new FoundSignatures(signatures)
        {
            Unread = Math.Max(referrers.Count - MaxSignatures, 0),
            SignedChildren = signatures.Count > 0 ? [] : await SignedAsync(await children(cancellationToken) ?? [], cancellationToken),
        };
    }

    private X509Certificate2Collection Roots()
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(rules.Roots.Count > 0 ? string.Join('\n', rules.Roots) : SignerRoot.Pem);
            return roots;
        }
        catch (CryptographicException e)
        {
            throw new PermanentException($"A root certificate in gate.signature.roots cannot be read: {e.Message}", e);
        }
    }

    private async Task<List<Digest>> ReferrersAsync(Digest image, CancellationToken cancellationToken)
    {
        var found = new List<Digest>();
        string? token = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var response = await client.ListImageReferrersAsync(
                new ListImageReferrersRequest
                {
                    RepositoryName = repository,
                    SubjectId = new SubjectIdentifier { ImageDigest = image.Value },
                    Filter = new ListImageReferrersFilter { ArtifactTypes = Types },
                    MaxResults = ReferrersPerPage,
                    NextToken = token,
                },
                cancellationToken);
            found.AddRange((response.Referrers ?? []).Select(referrer => Digest.Parse(referrer.Digest)));
            token = response.NextToken;
            if (string.IsNullOrEmpty(token))
            {
                break;
            }
        }

        return found;
    }

    /// <summary>The manifests that exist, each with its verified digest.</summary>
    private async Task<List<(Digest Digest, string Text)>> ManifestsAsync(List<ImageIdentifier> ids, CancellationToken cancellationToken)
    {
        var response = await client.BatchGetImageAsync(
            new BatchGetImageRequest { RepositoryName = repository, ImageIds = ids, AcceptedMediaTypes = ManifestReader.MediaTypes }, cancellationToken);
        return [.. (response.Images ?? [])
            .Where(image => image is { ImageManifest: not null, ImageId.ImageDigest: not null })
            .Select(image => (Digest: Digest.Parse(image.ImageId.ImageDigest), Text: image.ImageManifest))
            .DistinctBy(image => image.Digest)
            .Where(image => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image.Text)))}" == image.Digest.Value)];
    }

    private async Task<List<ImageSignature>> VerifyAsync(
        Digest image, Digest digest, string text, X509Certificate2Collection roots, CancellationToken cancellationToken)
    {
        if (text.Length > MaxManifestSize)
        {
            return [Unreadable(digest, "has a manifest that is too large")];
        }

        SignatureManifest manifest;
        try
        {
            manifest = SignatureManifest.Parse(text);
        }
        catch (FormatException)
        {
            return [Unreadable(digest, "has a manifest that cannot be read")];
        }

        if (manifest.ArtifactType == NotationSignature.ArtifactType && manifest.Layers is not [{ MediaType: NotationSignature.Jws or NotationSignature.Cose }])
        {
            return [Unreadable(digest, $"has not exactly one layer of type {NotationSignature.Jws} or {NotationSignature.Cose}")];
        }

        var signatures = new List<ImageSignature>();
        foreach (var layer in manifest.Layers.Take(MaxSignatures))
        {
            if (layer.Size > LayerReader.MaxSize || await _layers.ReadAsync(layer.Digest, cancellationToken) is not { } content)
            {
                signatures.Add(Unreadable(digest, "has a layer that is too large, or whose content has another digest"));
                continue;
            }

            var signature = layer switch
            {
                { MediaType: NotationSignature.Jws or NotationSignature.Cose } =>
                    await UnlessRevokedAsync(image, NotationSignature.Verify(digest, layer.MediaType, content, rules.Signers, roots), cancellationToken),
                { MediaType: SigstoreBundle.MediaType } => SigstoreBundle.Verify(digest, content, rules),
                { Cosign: { } base64 } => CosignSignature.Verify(digest, content, base64, rules),
                _ => Unreadable(digest, $"has a layer of type '{layer.MediaType}'"),
            };
            signatures.AddRange(signature is null ? [] : [signature]);
        }

        return signatures;
    }

    /// <summary>Only a signature that would count is worth a call, and the function may make no call for other profiles.</summary>
    private async Task<ImageSignature> UnlessRevokedAsync(
        Digest image, (ImageSignature Signature, SigningJob? Job) found, CancellationToken cancellationToken)
    {
        if (found.Job is not { } job || found.Signature.Subject != image
            || !rules.Signers.OfType<Signer.Profile>().Any(profile => profile.Made(job.ProfileVersion)))
        {
            return found.Signature;
        }

        var revoked = await job.ReadRevokedAsync(signerOf, cancellationToken);
        return revoked.Count == 0 ? found.Signature : new ImageSignature(
            found.Signature.Manifest, new SignatureFlaw(SignatureFlaw.Kind.Revoked, $"was revoked: {string.Join(", ", revoked.Select(NameOf))}"));
    }

    /// <summary>The name of a certificate is a long number.</summary>
    private static string NameOf(string revoked) => revoked.StartsWith("arn:", StringComparison.Ordinal) ? revoked : "a certificate";

    /// <summary>The first child with a signature is enough for a message.</summary>
    private async Task<IReadOnlyList<Digest>> SignedAsync(IReadOnlyList<Digest> children, CancellationToken cancellationToken)
    {
        foreach (var child in children.Take(MaxSignatures))
        {
            if ((await ReferrersAsync(child, cancellationToken)).Count > 0 || (await ManifestsAsync([TagOf(child)], cancellationToken)).Count > 0)
            {
                return [child];
            }
        }

        return [];
    }

    private static ImageIdentifier TagOf(Digest image) => new() { ImageTag = CosignSignature.TagOf(image) };

    private static ImageSignature Unreadable(Digest manifest, string text) => new(manifest, new SignatureFlaw(SignatureFlaw.Kind.Unreadable, text));
}
