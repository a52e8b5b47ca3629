using System.Text;
using System.Text.Json;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Aws.Signatures;

/// <summary>
/// A signature of cosign in its newer form: a referrer whose layer is a bundle, with a signed statement about the image.
/// <code>
/// {"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"…"}},
///  "dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":"eyJ…","signatures":[{"sig":"MEUC…"}]}}
/// {"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"…"}}],"predicateType":"https://sigstore.dev/cosign/sign/v1"}
/// </code>
/// https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md, https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
/// </summary>
internal static class SigstoreBundle
{
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    public const string Predicate = "https://sigstore.dev/cosign/sign/v1";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <returns>Null if the statement is not a signature: bundles also carry attestations, such as provenance.</returns>
    public static ImageSignature? Verify(Digest manifest, byte[] content, SignatureRules rules)
    {
        try
        {
            using var document = JsonDocument.Parse(content, Strict);
            var envelope = document.RootElement.GetProperty("dsseEnvelope");
            var (type, payload) = (envelope.GetProperty("payloadType").GetString()!, envelope.GetProperty("payload").GetBytesFromBase64());
            using var statement = JsonDocument.Parse(payload, Strict);
            if (statement.RootElement.GetProperty("predicateType").GetString() != Predicate)
            {
                return null;
            }

            // The signed bytes are the type and the payload, each with its length.
            var signed = (byte[])[.. Encoding.UTF8.GetBytes($"DSSEv1 {Encoding.UTF8.GetByteCount(type)} {type} {payload.Length} "), .. payload];
            var keys = envelope.GetProperty("signatures").EnumerateArray()
                .Select(signature => CosignKeys.Find(rules.Signers, signed, signature.GetProperty("sig").GetBytesFromBase64()));
            return new ImageSignature(manifest)
            {
                Subject = Digest.Parse($"sha256:{statement.RootElement.GetProperty("subject")[0].GetProperty("digest").GetProperty("sha256").GetString()}"),
                Key = keys.FirstOrDefault(key => key is not null),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return new ImageSignature(manifest, new SignatureFlaw(SignatureFlaw.Kind.Unreadable, "cannot be read"));
        }
    }
}
