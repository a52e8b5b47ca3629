using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;

namespace Automation.Testing;

/// <summary>Puts signatures beside an image, as Notation and cosign do.</summary>
internal static class TestSignatures
{
    public const string Notation = "application/vnd.cncf.notary.signature";
    public const string Jws = "application/jose+json";
    public const string Cose = "application/cose";
    public const string Bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";

    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string Empty = "application/vnd.oci.empty.v1+json";

    /// <summary>A referrer with one layer.</summary>
    /// <returns>The digest of the referrer.</returns>
    public static async Task<string> AttachAsync(
        IAmazonECR ecr, string repository, string subject, string artifactType, string mediaType, byte[] content, int copies = 1)
    {
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciManifest,
            ["artifactType"] = artifactType,
            ["config"] = await LayerAsync(ecr, repository, Empty, "{}"u8.ToArray()),
            ["layers"] = new JsonArray(),
            ["subject"] = new JsonObject { ["mediaType"] = OciManifest, ["digest"] = subject, ["size"] = 1 },
        };
        for (var copy = 0; copy < copies; copy++)
        {
            manifest["layers"]!.AsArray().Add(await LayerAsync(ecr, repository, mediaType, content));
        }

        return await PutAsync(ecr, repository, manifest, null);
    }

    /// <summary>What Notation writes besides a signature by default: an index that lists it, under the tag <c>sha256-…</c>.
    /// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema</summary>
    public static Task<string> ListAsync(IAmazonECR ecr, string repository, string subject, string signature) =>
        PutAsync(ecr, repository, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.index.v1+json",
            ["manifests"] = new JsonArray(new JsonObject { ["mediaType"] = OciManifest, ["artifactType"] = Notation, ["digest"] = signature, ["size"] = 1 }),
        }, subject.Replace(':', '-'));

    /// <summary>A signature of cosign in its first form.</summary>
    /// <param name="key">An elliptic key or an RSA key.</param>
    /// <param name="signed">The digest in what is signed; by default the subject.</param>
    /// <param name="tag">How the tag ends: <c>sig</c> for signatures, <c>att</c> for attestations.</param>
    public static async Task CosignAsync(
        IAmazonECR ecr, string repository, string subject, AsymmetricAlgorithm key, string? signed = null, string tag = "sig")
    {
        var content = Encoding.UTF8.GetBytes(
            $$$"""{"critical":{"identity":{"docker-reference":"{{{repository}}}"},"image":{"docker-manifest-digest":"{{{signed ?? subject}}}"},"type":"cosign container image signature"},"optional":null}""");
        var layer = await LayerAsync(ecr, repository, "application/vnd.dev.cosign.simplesigning.v1+json", content);
        layer["annotations"] = new JsonObject { ["dev.cosignproject.cosign/signature"] = Convert.ToBase64String(Sign(key, content)) };
        await PutAsync(ecr, repository, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciManifest,
            ["config"] = await LayerAsync(ecr, repository, "application/vnd.oci.image.config.v1+json", "{}"u8.ToArray()),
            ["layers"] = new JsonArray(layer),
        }, $"{subject.Replace(':', '-')}.{tag}");
    }

    /// <summary>A statement of in-toto about an image in a bundle of Sigstore, signed with a key.</summary>
    public static byte[] BundleOf(string digest, ECDsa key, string predicate = "https://sigstore.dev/cosign/sign/v1")
    {
        const string Type = "application/vnd.in-toto+json";
        var payload = $$$"""{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"{{{digest[7..]}}}"}}],"predicateType":"{{{predicate}}}"}""";
        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["mediaType"] = Bundle,
            ["verificationMaterial"] = new JsonObject { ["publicKey"] = new JsonObject { ["hint"] = "k" } },
            ["dsseEnvelope"] = new JsonObject
            {
                ["payloadType"] = Type,
                ["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(payload)),
                ["signatures"] = new JsonArray(new JsonObject
                {
                    ["sig"] = Convert.ToBase64String(Sign(key, Encoding.UTF8.GetBytes($"DSSEv1 {Type.Length} {Type} {payload.Length} {payload}"))),
                }),
            },
        }.ToJsonString());
    }

    private static byte[] Sign(AsymmetricAlgorithm key, byte[] content) => key switch
    {
        ECDsa elliptic => elliptic.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
        _ => ((RSA)key).SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
    };

    private static async Task<JsonObject> LayerAsync(IAmazonECR ecr, string repository, string mediaType, byte[] content)
    {
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
        var upload = await ecr.InitiateLayerUploadAsync(new InitiateLayerUploadRequest { RepositoryName = repository });
        using var part = new MemoryStream(content);
        await ecr.UploadLayerPartAsync(new UploadLayerPartRequest
        {
            RepositoryName = repository,
            UploadId = upload.UploadId,
            PartFirstByte = 0,
            PartLastByte = content.Length - 1,
            LayerPartBlob = part,
        });
        try
        {
            await ecr.CompleteLayerUploadAsync(new CompleteLayerUploadRequest
            {
                RepositoryName = repository,
                UploadId = upload.UploadId,
                LayerDigests = [digest]
            });
        }
        catch (LayerAlreadyExistsException)
        {
            // The same content was pushed before.
        }

        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
    }

    private static async Task<string> PutAsync(IAmazonECR ecr, string repository, JsonObject manifest, string? tag) =>
        (await ecr.PutImageAsync(new PutImageRequest { RepositoryName = repository, ImageManifest = manifest.ToJsonString(), ImageTag = tag }))
            .Image.ImageId.ImageDigest;
}
