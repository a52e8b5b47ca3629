using System.Text.Json;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Aws.Signatures;

/// <summary>
/// A signature of cosign in its first form: an image whose layers are what is signed, each with its signature as annotation. It has the tag
/// <c>sha256-….sig</c> or is a referrer.
/// <code>
/// {"critical":{"identity":{"docker-reference":"…"},"image":{"docker-manifest-digest":"sha256:…"},"type":"cosign container image signature"},"optional":null}
/// </code>
/// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
/// </summary>
internal static class CosignSignature
{
    public const string ArtifactType = "application/vnd.dev.cosign.artifact.sig.v1+json";
    public const string MediaType = "application/vnd.dev.cosign.simplesigning.v1+json";
    public const string Annotation = "dev.cosignproject.cosign/signature";

    private static readonly string[] Types = ["cosign container image signature", SigstoreBundle.Predicate];

    /// <summary>The tag of the signatures of an image.</summary>
    public static string TagOf(Digest image) => $"{image.Value.Replace(':', '-')}.sig";

    /// <param name="signature">In base64, from the annotation.</param>
    public static ImageSignature Verify(Digest manifest, byte[] content, string signature, SignatureRules rules)
    {
        try
        {
            var key = CosignKeys.Find(rules.Signers, content, Convert.FromBase64String(signature));
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            var critical = document.RootElement.GetProperty("critical");
            if (critical.GetProperty("type").GetString() is var type && !Types.Contains(type))
            {
                return new ImageSignature(manifest, new SignatureFlaw(SignatureFlaw.Kind.Unreadable, $"has content of the type '{type}'"));
            }

            return new ImageSignature(manifest)
            {
                Subject = Digest.Parse(critical.GetProperty("image").GetProperty("docker-manifest-digest").GetString() ?? ""),
                Key = key,
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new ImageSignature(manifest, new SignatureFlaw(SignatureFlaw.Kind.Unreadable, "cannot be read"));
        }
    }
}
